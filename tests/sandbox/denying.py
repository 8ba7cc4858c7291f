"""Deny system calls as a container's seccomp profile does: `python denying.py PROFILES PROGRAM ...`."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from typing import Final

from tta_dev_primitives.sandbox.local.inside import kernel

_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _ERRNO, _SET_MODE_FILTER = 0x7FFF0000, 0x00050000, 1
_EPERM, _ENOSYS = 1, 38
_NAMESPACES: Final = 0x7E020000
"""What Docker's default profile forbids in the flags of clone to who has no CAP_SYS_ADMIN."""

PROFILES: Final = {
    "container": {
        **dict.fromkeys(
            ("unshare", "setns", "mount", "umount2", "pivot_root", "mount_setattr", "clone"), _EPERM
        ),
        "clone3": _ENOSYS,
    },
    "no landlock": {
        "landlock_create_ruleset": _ENOSYS,
        "landlock_add_rule": _ENOSYS,
        "landlock_restrict_self": _ENOSYS,
    },
    "no mount_setattr": {"mount_setattr": _ENOSYS},
    "no new seccomp": {"seccomp": _EPERM},
}


_MORE_NUMBERS: Final = {
    "x86_64": {"unshare": 272, "setns": 308, "mount": 165, "umount2": 166},
    "aarch64": {"unshare": 97, "setns": 268, "mount": 40, "umount2": 39},
}
"""Of those that the sandbox calls by other means."""


def _instruction(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _number(name: str) -> int:
    more = _MORE_NUMBERS[os.uname().machine]
    return more[name] if name in more else kernel.number(name)


def _rule(name: str, errno: int) -> bytes:
    answer = _instruction(_RETURN, 0, 0, _ERRNO | errno)
    if name != "clone":
        return _instruction(_EQUAL, 0, 1, _number(name)) + answer
    # Only with one of the flags, which are its first argument; then the number is loaded again.
    flags = _instruction(_LOAD, 0, 0, 16) + _instruction(_ANY_BIT, 0, 1, _NAMESPACES) + answer
    return _instruction(_EQUAL, 0, 4, _number(name)) + flags + _instruction(_LOAD, 0, 0, 0)


def _deny(profiles: list[str]) -> None:
    rules = [_rule(*rule) for name in profiles for rule in PROFILES[name].items()]
    end = _instruction(_RETURN, 0, 0, _ALLOW)
    program = _instruction(_LOAD, 0, 0, 0) + b"".join(rules) + end
    code = ctypes.create_string_buffer(program, len(program))
    count = len(program) // 8
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.syscall("seccomp", _SET_MODE_FILTER, 0, struct.pack("@HxxxxxxQ", count, ctypes.addressof(code)))


if __name__ == "__main__":
    _deny(sys.argv[1].split(","))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606  # the program that is given
