"""What a test sees of processes, from the host's side."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tta_dev_primitives.sandbox.local.inside import kernel

_PF_EXITING = 0x4
_PR_SET_CHILD_SUBREAPER = 36
_SLOT = "playbox-slot"
_NO_RUN = ("playbox-spare", "playbox-zygote", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One jail: its launcher, its zygote, its slots, all processes of runs, and the spares.

    A spare calls itself so, and leaves that name behind when it gets its program. What was forked and has no
    name yet is no run either.
    """

    launcher: int
    zygote: int
    slots: tuple[int, ...]
    runs: tuple[int, ...]
    spares: tuple[int, ...]

    @property
    def everyone(self) -> list[int]:
        return [self.launcher, self.zygote, *self.slots, *self.runs, *self.spares]


def parents() -> dict[int, int]:
    """Every living process of this machine and its parent; what only frees its memory lives no more."""
    found: dict[int, int] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208  # names are what is needed
        if entry.isdigit():
            try:
                text = Path("/proc", entry, "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            fields = text.rpartition(")")[2].split()
            if not _is_over(fields):
                found[int(entry)] = int(fields[1])
    return found


def started(process: int) -> int:
    """When a process started, in ticks since the machine did; process ids begin anew now and then."""
    text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    return int(text.rpartition(")")[2].split()[19])


def _is_over(fields: list[str]) -> bool:
    """Whether a process (as in /proc/PID/stat, after its name) is dead, or will run no code before it is."""
    state, flags, pending = fields[0], int(fields[6]), int(fields[28])
    return state == "Z" or bool(flags & _PF_EXITING) or bool(pending >> (signal.SIGKILL - 1) & 1)


def descendants(root: int) -> list[int]:
    """All living processes below `root`, nearest first."""
    tree, found = parents(), [root]
    for process in found:
        found += [child for child, parent in tree.items() if parent == process]
    return found[1:]


def adopt_orphans() -> None:
    """From now on whatever loses its parent below this process becomes its child, and is seen."""
    kernel.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def families(host: int | None = None) -> list[Family]:
    """The jails of the process `host`, by default this one, oldest first."""
    host = os.getpid() if host is None else host
    tree = parents()
    launchers = [child for child, parent in tree.items() if parent == host and _is_launcher(child)]
    found: list[Family] = []
    for launcher in sorted(launchers, key=_started):
        below = descendants(launcher)
        if below:
            found.append(_family(launcher, *below))
    return found


def newest() -> Family:
    """The jail that this test process started last."""
    return max(families(), key=lambda family: started(family.launcher))


def _family(launcher: int, zygote: int, *others: int) -> Family:
    names = {process: _name(process) for process in others}
    slots = tuple(process for process, name in names.items() if name == _SLOT)
    spares = tuple(process for process, name in names.items() if name in _NO_RUN)
    runs = tuple(process for process in others if process not in (*slots, *spares))
    return Family(launcher=launcher, zygote=zygote, slots=slots, runs=runs, spares=spares)


def _name(process: int) -> str:
    try:
        return Path(f"/proc/{process}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _started(process: int) -> int:
    """When a process began; its number says nothing, as numbers are used again."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    return int(text.rpartition(")")[2].split()[19])


def _is_launcher(process: int) -> bool:
    try:
        return b"_Modules" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def ended(process: int) -> bool:
    """Whether the kernel has done with it, which is later than that it runs no more code."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    return text.rpartition(")")[2].split()[0] == "Z"


def alive(processes: list[int]) -> list[int]:
    """Those of `processes` that still live."""
    return [process for process in processes if process in parents()]


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether `condition` came true in time; for what the kernel does in the background."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
