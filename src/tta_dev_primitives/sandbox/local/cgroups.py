"""A cgroup (version 2) of a sandbox's own, where this user may make one: it bounds all runs together.

The process that uses the sandbox is never moved, and a cgroup with processes of its own can pass nothing on
to cgroups below it. So a sandbox's cgroup is made beside that of its user, in the one above.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import posixpath
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ...core.errors import SandboxUnavailable
from .totals import Totals

REMEDY_CGROUPS: Final = (
    "start this program in a sub-cgroup of a delegated cgroup: systemd-run --user --pty --same-dir"
    " -p Delegate=yes -p DelegateSubgroup=main COMMAND (systemd 254 or later), or in a container with a"
    " writable /sys/fs/cgroup: mkdir /sys/fs/cgroup/main && echo $$ > /sys/fs/cgroup/main/cgroup.procs,"
    " then COMMAND"
)
_PERIOD_US: Final = 100_000
_PREFIX: Final = "playbox-"
_OF_SYSTEMD: Final = (".slice", ".scope", ".service")
_DELEGATED: Final = ("user.delegate", "trusted.delegate")
_PATIENCE: Final = 100
_PAUSE_S: Final = 0.02


class NotDelegated(Exception):
    """No cgroup can be made here; the text says why."""


def find_place(controllers: Sequence[str]) -> Path:
    """Return the cgroup in which new ones can be made that obey `controllers`. Changes nothing.

    Raises:
        NotDelegated: there is none.
    """
    own, top = _own_cgroup()
    if _is_root(own):
        place = own
    elif own != top:
        place = own.parent
    else:
        raise NotDelegated(f"this process is in {own} itself, not below it")
    _check(place, controllers)
    return place


class Cgroup:
    """A cgroup for one sandbox. Whoever makes it removes it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def make(cls, totals: Totals) -> Cgroup:
        """Return a new, empty cgroup with these limits, and remove those that dead processes left behind.

        Raises:
            SandboxUnavailable: there is none to be had here.
        """
        try:
            place = find_place(totals.controllers)
            _remove_stale(place)
            missing = set(totals.controllers) - set(_words(place / "cgroup.subtree_control"))
            if missing:
                _write(place / "cgroup.subtree_control", " ".join(f"+{name}" for name in sorted(missing)))
            made = cls(place / f"{_PREFIX}{os.getpid()}-{uuid.uuid4().hex[:8]}")
            made.path.mkdir()
        except (NotDelegated, OSError) as error:
            raise SandboxUnavailable(f"no total limits here: {error}; {REMEDY_CGROUPS}") from error
        try:
            made._limit(totals)
        except OSError as error:
            made.path.rmdir()
            raise SandboxUnavailable(f"no total limits here: {error}; {REMEDY_CGROUPS}") from error
        return made

    def entrance(self) -> int:
        """Return a descriptor; a process that writes 0 to it is inside, with all that it starts later."""
        return os.open(self.path / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)

    async def remove(self) -> None:
        """Remove it; what was inside must be dead, but the kernel may still be about to notice."""
        for _ in range(_PATIENCE):
            with contextlib.suppress(OSError):
                self.path.rmdir()
            if not self.path.exists():
                return
            await asyncio.sleep(_PAUSE_S)

    def _limit(self, totals: Totals) -> None:
        if totals.memory_bytes is not None:
            _write(self.path / "memory.max", str(totals.memory_bytes))
            with contextlib.suppress(FileNotFoundError):  # a kernel without swap
                _write(self.path / "memory.swap.max", "0")
        if totals.processes is not None:
            _write(self.path / "pids.max", str(totals.processes))
        if totals.cpus is not None:
            _write(self.path / "cpu.max", f"{max(1000, round(totals.cpus * _PERIOD_US))} {_PERIOD_US}")


def _own_cgroup() -> tuple[Path, Path]:
    """Return the cgroup of this process and the topmost that is visible here."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise NotDelegated(str(error)) from error
    inside = next((line.removeprefix("0::") for line in lines if line.startswith("0::")), None)
    mount = next((line.split() for line in mounts if line.partition(" - ")[2].startswith("cgroup2 ")), None)
    if inside is None or mount is None:
        raise NotDelegated("cgroup version 2 is not mounted")
    shown, top = mount[3], Path(mount[4])
    below = posixpath.relpath(inside, shown)
    if below.startswith(".."):
        raise NotDelegated(f"the cgroup of this process, {inside}, is not visible below {top}")
    return top / below, top


def _is_root(cgroup: Path) -> bool:
    """Whether this is the root of the kernel's tree, which may have processes and pass controllers on."""
    return not (cgroup / "cgroup.type").exists()


def _check(place: Path, controllers: Sequence[str]) -> None:
    """Refuse a cgroup in which limits could not be set, or would not last."""
    try:
        missing = set(controllers) - set(_words(place / "cgroup.controllers"))
        passed_on = set(controllers) <= set(_words(place / "cgroup.subtree_control"))
        has_processes = bool(_words(place / "cgroup.procs"))
    except OSError as error:
        raise NotDelegated(str(error)) from error
    if missing:
        raise NotDelegated(f"{place} has no controller {', '.join(sorted(missing))}")
    needed = (place, place / "cgroup.procs", *(() if passed_on else (place / "cgroup.subtree_control",)))
    for path in needed:
        if not os.access(path, os.W_OK):
            raise NotDelegated(f"{path} is not writable for this user")
    if not passed_on and has_processes and not _is_root(place):
        raise NotDelegated(f"{place} has processes of its own")
    # What systemd has not delegated, it may change at any time, and limits would silently be gone.
    if place.name.endswith(_OF_SYSTEMD) and not _is_delegated(place):
        raise NotDelegated(f"{place} is systemd's and not delegated")


def _is_delegated(place: Path) -> bool:
    for name in _DELEGATED:
        with contextlib.suppress(OSError):
            if os.getxattr(place, name) == b"1":
                return True
    return False


def _remove_stale(place: Path) -> None:
    """Remove what sandboxes left whose process was killed; what is still in use cannot be removed."""
    for path in place.glob(f"{_PREFIX}*-*"):
        owner = path.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            with contextlib.suppress(OSError):
                path.rmdir()


def _words(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
