"""Identity and capabilities: give up whatever a guest does not need."""

from __future__ import annotations

import os
import signal
from typing import Final

from . import kernel

INSIDE_ID: Final = 1000
"""The uid and gid that guests see themselves as."""
CAP_SYS_ADMIN: Final = 21
_CAPABILITY_VERSION_3: Final = 0x20080522


def is_root(identity: int) -> bool:
    """Whether this is a root that can turn into `identity`; in a small user namespace it is a plain user."""
    return os.geteuid() == 0 and _is_mapped(identity)


def become_unprivileged(identity: int) -> None:
    """As root, turn into the user `identity` for good; do nothing otherwise."""
    if not is_root(identity):
        return
    os.setgroups([])
    os.setresgid(identity, identity, identity)
    os.setresuid(identity, identity, identity)


def map_identity(outside_uid: int, outside_gid: int) -> None:
    """Name the one identity that exists in this new user namespace."""
    # A change of user made this process undumpable, and its own /proc files the host root's.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{INSIDE_ID} {outside_uid} 1")
    _write("/proc/self/gid_map", f"{INSIDE_ID} {outside_gid} 1")


def enter_user_namespace(others: int = 0) -> None:
    """Move into a new user namespace (and `others`), all capabilities in there, none outside."""
    uid, gid = os.getuid(), os.getgid()
    kernel.unshare(kernel.CLONE_NEWUSER | others)
    map_identity(uid, gid)


def make_user_namespace(processes: int) -> int:
    """Return a new user namespace in which nobody lives yet.

    Who makes one is in it, so a process does, and is killed; `processes` is a directory that shows it.
    """
    reading, writing = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        try:
            enter_user_namespace()
            os.write(writing, b"1")
            signal.pause()
        finally:
            os._exit(1)
    os.close(writing)
    try:
        if not os.read(reading, 1):
            raise OSError("no user namespace for guests")
        return os.open(f"{pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC, dir_fd=processes)
    finally:
        os.close(reading)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def join_user_namespace(namespace: int) -> None:
    """Move into an existing one below the present one, all capabilities in there, none outside."""
    kernel.join(namespace, kernel.CLONE_NEWUSER)
    # That undid it.
    become_dumpable()


def become_dumpable() -> None:
    """Own what /proc shows of this process, the fork of one into which nobody may look."""
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)


def drop_capabilities() -> None:
    """Lose all capabilities and every way to get one by executing a file."""
    _keep(0)


def keep_capability(capability: int) -> None:
    """Lose all capabilities but one, and every way to get one by executing a file."""
    _keep(1 << capability)


def _keep(capabilities: int) -> None:
    """Have these effective and permitted, of the first 32, and none inheritable."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL)
    header = _CAPABILITY_VERSION_3.to_bytes(4, "little") + bytes(4)
    kernel.syscall("capset", header, 2 * capabilities.to_bytes(4, "little") + bytes(16))


def die_first() -> None:
    """Let the kernel end this process before any other where memory is short: its init and zygote live on.

    What fills memory may be files, which count for no process, so size alone would choose any of them.
    """
    _write("/proc/self/oom_score_adj", "1000")


def _is_mapped(identity: int) -> bool:
    with open("/proc/self/uid_map", encoding="utf-8") as table:
        for line in table:
            first, _, count = map(int, line.split())
            if first <= identity < first + count:
                return True
    return False


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
