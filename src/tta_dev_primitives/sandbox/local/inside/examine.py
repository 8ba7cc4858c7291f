"""Try what the jail needs, in a throwaway process, and print as JSON what this machine said."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Callable
from typing import Final, TypedDict

from . import kernel, landlock, privileges

_GET_ACTION_AVAILABLE = 2
_KILL_PROCESS = 0x80000000
_PLACE: Final = "/tmp"  # noqa: S108  # in a mount namespace of its own


class ExamineConfig(TypedDict):
    """Who root turns into before user namespaces are tried."""

    unprivileged_id: int


class Examined(TypedDict):
    """`namespaces` and `seccomp` are the error, or None if they work."""

    landlock_abi: int
    seccomp: str | None
    namespaces: str | None


def main(config: ExamineConfig) -> None:
    """Print an `Examined`."""
    found = Examined(
        landlock_abi=landlock.version(),
        seccomp=_try_seccomp(),
        namespaces=_try_namespaces(config["unprivileged_id"]),
    )
    print(json.dumps(found))  # noqa: T201  # the answer to the host


def _try_seccomp() -> str | None:
    try:
        action = ctypes.create_string_buffer(_KILL_PROCESS.to_bytes(4, "little"), 4)
        kernel.syscall("seccomp", _GET_ACTION_AVAILABLE, 0, action)
    except OSError as error:
        return str(error)
    return None


def _try_namespaces(unprivileged_id: int) -> str | None:
    """Do what the launcher does, as far as machines differ; a child is the first in its pid namespace."""
    others = kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC
    try:
        is_root = privileges.is_root(unprivileged_id)
        if is_root:
            kernel.unshare(others)
        else:
            privileges.enter_user_namespace(others)
        return _in_a_child(lambda: _try_inside(unprivileged_id, is_root=is_root))
    except OSError as error:
        return str(error)


def _try_inside(unprivileged_id: int, *, is_root: bool) -> None:
    # Some distributions let anybody create the namespace, and nobody use it.
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("test", _PLACE, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV)
    kernel.restrict_mount(_PLACE, kernel.ATTR_RDONLY)
    # Refused where parts of the present one are covered, as containers do.
    kernel.mount("proc", _PLACE, "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    if is_root:
        privileges.become_unprivileged(unprivileged_id)
        privileges.enter_user_namespace(kernel.CLONE_NEWNS)


def _in_a_child(attempt: Callable[[], None]) -> str | None:
    """Return the error of `attempt`, made in a fork, or None."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            attempt()
        except OSError as error:
            os.write(write, str(error).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    return said.decode() or None
