"""Landlock: which paths a process and its descendants may touch, whatever else they are allowed to do."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from typing import Final

from . import kernel

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
READ: Final = _EXECUTE | _READ_FILE | _READ_DIR
_FOR_FILES: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV

# What each version of the interface can restrict: rights on files, rights on TCP ports, scopes.
_FILE_RIGHTS: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_ALL_FILE_RIGHTS: Final = (1 << 16) - 1
_TCP_BIND_AND_CONNECT: Final = 3
_FIRST_WITH_TCP: Final = 4
_ABSTRACT_SOCKETS_AND_SIGNALS: Final = 3
_FIRST_WITH_SCOPES: Final = 6
FIRST_WITH_TRUNCATE: Final = 3
"""Below this, a file that may be read can be emptied; without mounts around it that is no sandbox."""

_VERSION_QUESTION: Final = 1
_RULE_PATH_BENEATH: Final = 1


def version() -> int:
    """Return the kernel's Landlock ABI, 0 if there is none."""
    try:
        return kernel.syscall("landlock_create_ruleset", None, 0, _VERSION_QUESTION)
    except OSError:
        return 0


def restrict(*, readable: Iterable[str], writable: Iterable[str]) -> None:
    """Allow reading and executing below `readable`, everything below `writable`, and nothing else.

    Also forbids TCP, and signals and abstract sockets to the outside, where the kernel can. Paths that do not
    exist are skipped. Needs NO_NEW_PRIVS. Does nothing on a kernel without Landlock.
    """
    abi = version()
    if abi == 0:
        return
    handled = _FILE_RIGHTS.get(abi, _ALL_FILE_RIGHTS)
    ruleset = kernel.syscall("landlock_create_ruleset", *_attributes(abi, handled), 0)
    try:
        for path in readable:
            _allow(ruleset, path, READ)
        for path in writable:
            _allow(ruleset, path, handled)
        kernel.syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _attributes(abi: int, handled: int) -> tuple[bytes, int]:
    words = [handled]
    if abi >= _FIRST_WITH_TCP:
        words.append(_TCP_BIND_AND_CONNECT)
    if abi >= _FIRST_WITH_SCOPES:
        words.append(_ABSTRACT_SOCKETS_AND_SIGNALS)
    packed = b"".join(word.to_bytes(8, "little") for word in words)
    return packed, len(packed)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _FOR_FILES
        rule = rights.to_bytes(8, "little") + place.to_bytes(4, "little")
        kernel.syscall("landlock_add_rule", ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(place)
