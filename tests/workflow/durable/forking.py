"""A process that has everything imported and forks on request: a child costs milliseconds, to be killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen

from .killed import Scene, attempt

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


@dataclass(frozen=True, kw_only=True)
class Forker:
    """The test's end of the pipes to that process."""

    process: Popen[str]

    def start(self, scene: Scene) -> int:
        """Run an attempt in a child of it and return the child's process id, which stays its until `end`."""
        points = (-1 if point is None else point for point in (scene.kill_at, scene.stop_at))
        return self._ask(" ".join(map(str, (scene.folder, scene.run_id, *points, int(scene.guarded)))))

    def end(self) -> int:
        """Wait for the child and return its exit status, negative if a signal ended it."""
        return self._ask("wait")

    def _ask(self, line: str) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def forker() -> Generator[Forker]:
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True, env=ENVIRONMENT) as process:  # noqa: S603
        yield Forker(process=process)


def fork(line: str) -> int:
    """Return the process id of a child that does what `line` says, and never returns here."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        status = attempt(scene_of(line))
    finally:
        os._exit(status)


def scene_of(line: str) -> Scene:
    folder, run_id, *numbers = line.split()
    kill_at, stop_at, guarded = (None if number == "-1" else int(number) for number in numbers)
    return Scene(folder=Path(folder), run_id=run_id, kill_at=kill_at, stop_at=stop_at, guarded=bool(guarded))


def serve() -> None:
    child = 0
    for line in sys.stdin:
        if line == "wait\n":
            answer = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        else:
            answer = child = fork(line)
        print(answer, flush=True)  # noqa: T201  # the protocol


if __name__ == "__main__":
    serve()
