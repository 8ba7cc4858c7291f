"""What the kernel says of a process and all that lives below it: names, CPU time, memory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")
_KIB: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One living process; `cpu_s` has that of its reaped children in it. Source: proc_pid_stat(5)."""

    pid: int
    parent: int
    name: str
    cpu_s: float


def tree(root: int) -> list[Process]:
    """Return `root` and all processes below it."""
    living = [process for entry in os.listdir("/proc") if entry.isdigit() and (process := _read(int(entry)))]  # noqa: PTH208  # names are what is needed
    below = {root}
    # A child may have a lower number than its parent, when numbers start again.
    while more := {one.pid for one in living if one.parent in below} - below:
        below |= more
    return [process for process in living if process.pid in below]


def cpu_seconds(root: int) -> float:
    """Return the CPU time of `root`, of all that lives below it, and of all that was reaped there."""
    return sum(process.cpu_s for process in tree(root))


def pss_bytes(pid: int) -> int:
    """Return the memory of a process, its share of what it has in common with others included.

    Raises:
        OSError: it is gone, or hides that from us.
    """
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * _KIB
    return 0


def _read(pid: int) -> Process | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    head, _, rest = text.rpartition(")")
    fields = rest.split()
    ticks = sum(map(int, fields[11:15]))
    return Process(pid=pid, parent=int(fields[1]), name=head.partition("(")[2], cpu_s=ticks / _TICKS_A_SECOND)
