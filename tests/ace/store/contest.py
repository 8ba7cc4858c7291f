"""Processes that write one playbook at the same time, and how far each had come when the first was done.

    python -m tests.ace.store.contest PLACE NAME COUNT

is one of them: it says that it is ready, waits for a line, commits COUNT lessons, and tells when each was
stored.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.ace.making import adding
from tta_dev_primitives.ace.store import open_store

_ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """When each writer's commits were stored, in seconds from the start."""

    stored: tuple[tuple[float, ...], ...]

    @property
    def first_done_s(self) -> float:
        """When the first writer had stored all its commits."""
        return min(times[-1] for times in self.stored)

    @property
    def shares(self) -> tuple[float, ...]:
        """How many commits each writer had stored by then, as a share of the mean."""
        counts = [sum(at <= self.first_done_s for at in times) for times in self.stored]
        return tuple(count * len(counts) / sum(counts) for count in counts)


def contest(place: Path | str, *, writers: int, commits: int) -> Contest:
    """Let `writers` processes commit `commits` lessons each to the playbook at `place`, all at once."""
    with ExitStack() as stack:
        started = [stack.enter_context(_writer(place, f"w{n}", commits)) for n in range(writers)]
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        begin = time.monotonic()  # the clock of the machine, the same for all processes
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        told = [process.communicate()[0] for process in started]
        assert [process.returncode for process in started] == [0] * writers
    return Contest(stored=tuple(tuple(at - begin for at in json.loads(times)) for times in told))


def _writer(place: Path | str, name: str, commits: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.ace.store.contest", str(place), name, str(commits)]
    return subprocess.Popen(  # noqa: S603  # ourselves
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_ENVIRONMENT
    )


async def _write(place: Path | str, name: str, commits: int) -> list[float]:
    store = open_store(place)
    await store.load()
    print("ready", flush=True)  # noqa: T201  # read by the parent
    sys.stdin.readline()
    stored = list[float]()
    for number in range(commits):
        await store.commit(adding(f"lesson {name} {number}"))
        stored.append(time.monotonic())
    await store.aclose()
    return stored


if __name__ == "__main__":
    named = sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1])
    print(json.dumps(asyncio.run(_write(named, sys.argv[2], int(sys.argv[3])))))  # noqa: T201  # read by the parent
