"""What the jail and its runs see of the file system: a small read-only root, and a private tmpfs each run."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

from . import kernel
from .box_messages import HOME
from .messages import WORKDIR, RunLimits, Shown
from .privileges import INSIDE_ID

_STAGE: Final = "/tmp"  # noqa: S108  # any directory of every Linux; it is covered in our own namespace only
_DEVICES: Final = ("null", "zero", "full", "random", "urandom")
_LINKS: Final = {
    "/dev/fd": "/proc/self/fd",
    "/dev/stdin": "/proc/self/fd/0",
    "/dev/stdout": "/proc/self/fd/1",
    "/dev/stderr": "/proc/self/fd/2",
    "/dev/shm": "/tmp",  # noqa: S108  # the run's own
}
_FILES: Final = {
    "/etc/passwd": f"user:x:{INSIDE_ID}:{INSIDE_ID}::{WORKDIR}:/bin/sh\n",
    "/etc/group": f"user:x:{INSIDE_ID}:\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    # No fonts but those that a program brings; without this file fontconfig complains.
    "/etc/fonts/fonts.conf": "<fontconfig><cachedir>/tmp/fontconfig</cachedir></fontconfig>\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
_SCRATCH: Final = "/mnt"
TEMPORARY: Final = "/tmp"  # noqa: S108  # the run's own
_OWN_INODES: Final = 3
"""The root of the tmpfs, its working directory and its temporary directory."""
_TMPFS: Final = kernel.MS_NOSUID | kernel.MS_NODEV
_SYSTEM: Final = kernel.ATTR_RDONLY | kernel.ATTR_NOSUID | kernel.ATTR_NODEV
_DEVICE: Final = kernel.ATTR_RDONLY | kernel.ATTR_NOSUID | kernel.ATTR_NOEXEC
"""Read-only is the host's inode and its times; what is written to a device does not go there."""


def build_root(read_only: Iterable[str], packages: Iterable[Shown]) -> None:
    """Replace the root by one that holds `read_only`, `packages` and a few devices, and forget the old one.

    Needs a mount and a pid namespace of its own; the latter shows in /proc.
    """
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    _move_host_to("old")
    kernel.mount("root", "/new", "tmpfs", _TMPFS, "size=1m,mode=755")
    os.chdir("/new")
    for path in read_only:
        _show(path)
    for shown in packages:
        _bind("/old" + shown["source"], shown["target"].lstrip("/"))
    _add_devices()
    _add_files()
    kernel.mount("proc", "proc", "proc", _TMPFS | kernel.MS_NOEXEC)
    kernel.pivot_root_here()
    kernel.restrict_mount("/", _SYSTEM, recursive=False)


def private_view(limits: RunLimits) -> None:
    """Give this mount namespace a disk with a home directory, and its own /proc."""
    private_disk(limits, home=True)
    _mount_processes("subset=pid")


def own_processes() -> int:
    """Show the guests of this pid namespace their own processes in /proc; return a view of all of them.

    What a process may not look into, it does not see.
    """
    _mount_processes("subset=pid")
    everyone = os.open("/proc", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    _mount_processes("subset=pid,hidepid=ptraceable")
    return everyone


def freeze_processes() -> None:
    """Let nobody in this mount namespace write to /proc: to peaks of memory, or to the user namespace."""
    kernel.restrict_mount("/proc", kernel.ATTR_RDONLY, recursive=False)


def private_disk(limits: RunLimits, *, home: bool = False) -> None:
    """Give this mount namespace a working and a temporary directory on one tmpfs.

    With `home` the working directory is also a home directory.
    """
    options = (
        f"size={limits['disk_bytes']},nr_inodes={limits['inodes'] + _OWN_INODES}"
        f",mode=700,uid={INSIDE_ID},gid={INSIDE_ID}"
    )
    kernel.mount("run", _SCRATCH, "tmpfs", _TMPFS, options)
    for target in (WORKDIR, TEMPORARY):
        os.mkdir(_SCRATCH + target, 0o700)
        kernel.mount(_SCRATCH + target, target, None, kernel.MS_BIND)
    if home:
        kernel.mount(_SCRATCH + WORKDIR, HOME, None, kernel.MS_BIND)
    kernel.detach(_SCRATCH)


def _mount_processes(options: str) -> None:
    """Show the processes of this pid namespace in /proc."""
    kernel.mount("proc", "/proc", "proc", _TMPFS | kernel.MS_NOEXEC, options)


def _move_host_to(name: str) -> None:
    """Make an empty tmpfs the root, with the host's root at `/name`: no mount of ours may hide a source."""
    kernel.mount("stage", _STAGE, "tmpfs", _TMPFS, "size=1m,mode=755")
    os.chdir(_STAGE)
    os.mkdir(name)
    os.mkdir("new")
    kernel.syscall("pivot_root", b".", name.encode())
    os.chdir("/")


def _show(path: str) -> None:
    """Bring one path of the host into the new root (the current directory), read-only, at the same place."""
    source, target = "/old" + path, path.lstrip("/")
    if not os.path.lexists(source):
        return
    if os.path.islink(source):
        os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
        os.symlink(os.readlink(source), target)
    else:
        _bind(source, target)


def _bind(source: str, target: str) -> None:
    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    _make_mount_point(target, is_directory=os.path.isdir(source))
    kernel.bind(source, target, _SYSTEM)


def _add_devices() -> None:
    os.makedirs("dev", exist_ok=True)
    for name in _DEVICES:
        _make_mount_point(f"dev/{name}", is_directory=False)
        kernel.bind(f"/old/dev/{name}", f"dev/{name}", _DEVICE)
    for link, target in _LINKS.items():
        os.symlink(target, link.lstrip("/"))


def _add_files() -> None:
    for directory in ("proc", "etc", WORKDIR, HOME, TEMPORARY, _SCRATCH):
        os.makedirs(directory.lstrip("/"), exist_ok=True)
    for path, text in _FILES.items():
        os.makedirs(os.path.dirname(path).lstrip("/"), exist_ok=True)
        with open(path.lstrip("/"), "w", encoding="utf-8") as file:
            file.write(text)


def _make_mount_point(target: str, *, is_directory: bool) -> None:
    if is_directory:
        os.makedirs(target, exist_ok=True)
    else:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
