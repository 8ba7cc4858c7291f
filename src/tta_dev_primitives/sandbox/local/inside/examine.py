"""Try what the jail needs, in a throwaway process, and print as JSON what this machine said."""

from __future__ import annotations

import ctypes
import json
from typing import TypedDict

from . import kernel, landlock, privileges

_GET_ACTION_AVAILABLE = 2
_KILL_PROCESS = 0x80000000


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
    others = kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC
    try:
        if privileges.is_root(unprivileged_id):
            kernel.unshare(others | kernel.CLONE_NEWNS)
            privileges.become_unprivileged(unprivileged_id)
            others = 0
        privileges.enter_user_namespace(others | kernel.CLONE_NEWNS)
        # Some distributions let anybody create the namespace, and nobody use it.
        kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
        kernel.mount("test", "/tmp", "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV)  # noqa: S108  # own namespace
    except OSError as error:
        return str(error)
    return None
