"""Code contexts of the fake: each a Python process that really runs what it is given."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

KERNEL = Path(__file__).with_name("kernel.py")
Json = dict[str, object]


@dataclass
class Context:
    """A kernel, and whether a client has given up on a call of it."""

    cwd: Path
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    lost: bool = False
    process: subprocess.Popen[str] | None = None

    def start(self) -> subprocess.Popen[str]:
        if self.process is None:
            self.process = subprocess.Popen(  # noqa: S603  # our own interpreter and file
                [sys.executable, "-I", str(KERNEL)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self.cwd,
                text=True,
                encoding="utf-8",
            )
        return self.process

    def run(self, code: str, env_vars: Json, gone: Callable[[], bool]) -> Iterator[str]:
        """Yield the records of a cell as they come, until its end or until `gone`."""
        process, lines = self.start(), queue.SimpleQueue[str]()
        assert process.stdin is not None
        process.stdin.write(json.dumps({"code": code, "env_vars": env_vars}) + "\n")
        process.stdin.flush()
        threading.Thread(target=_read_cell, args=(process, lines), daemon=True).start()
        while not gone():
            try:
                line = lines.get(timeout=0.02)
            except queue.Empty:
                yield '{"type": "keepalive"}\n'
                continue
            if not line:
                yield self._died()
                return
            if cast("Json", json.loads(line))["type"] == "end_of_fake_cell":
                return
            yield line
        # The kernel goes on with the cell, and the next call finds nobody who listens.
        self.lost = True

    def _died(self) -> str:
        self.stop()
        record = {"type": "error", "name": "ContextRestarting", "value": "restarted", "traceback": ""}
        return json.dumps(record) + "\n"

    def stop(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    _close(pipe)


def _close(pipe: object) -> None:
    try:
        cast("subprocess.Popen[str]", pipe).close()  # type: ignore[attr-defined]
    except OSError:
        """What could not be flushed goes down with the kernel."""


def _read_cell(process: subprocess.Popen[str], lines: queue.SimpleQueue[str]) -> None:
    """Pass on the records of one cell, and an empty line if the kernel dies."""
    assert process.stdout is not None
    while True:
        try:
            line = process.stdout.readline()
        except ValueError:
            line = ""
        lines.put(line)
        if not line or '"end_of_fake_cell"' in line:
            return
