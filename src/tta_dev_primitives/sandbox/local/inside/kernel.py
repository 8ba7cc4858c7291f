"""Thin, checked wrappers of the kernel calls that the standard library does not have."""

from __future__ import annotations

import ctypes
import os
from typing import Final

from . import syscalls

_CLONE_PARENT: Final = 0x00008000
CLONE_NEWNS: Final = 0x00020000
CLONE_NEWUTS: Final = 0x04000000
CLONE_NEWIPC: Final = 0x08000000
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWPID: Final = 0x20000000
CLONE_NEWNET: Final = 0x40000000
CLONE_NEWCGROUP: Final = 0x02000000
CLONE_NEWTIME: Final = 0x00000080
_SIGCHLD: Final = 17

MS_NOSUID: Final = 2
MS_NODEV: Final = 4
MS_NOEXEC: Final = 8
MS_BIND: Final = 4096
MS_REC: Final = 16384
MS_PRIVATE: Final = 1 << 18
_MNT_DETACH: Final = 2

ATTR_RDONLY: Final = 1
ATTR_NOSUID: Final = 2
ATTR_NODEV: Final = 4
ATTR_NOEXEC: Final = 8
_AT_FDCWD: Final = -100
_AT_RECURSIVE: Final = 0x8000

PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_SET_NAME: Final = 15
PR_SET_NO_NEW_PRIVS: Final = 38
PR_CAP_AMBIENT: Final = 47
PR_CAP_AMBIENT_CLEAR_ALL: Final = 4

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long
# PyDLL keeps the interpreter lock during the call, which a clone without exec needs.
_LIBC_LOCKED = ctypes.PyDLL(None, use_errno=True)
_LIBC_LOCKED.syscall.restype = ctypes.c_long


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{os.strerror(number)} ({what})")
    return result


def number(name: str) -> int:
    """Return the number of a system call on this machine."""
    native = syscalls.native()
    if native is None:
        raise OSError(38, f"no system call table for {os.uname().machine}")
    return native.numbers[name]


def syscall(name: str, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """Make a system call by name; integers are passed as longs."""
    passed = (ctypes.c_long(value) if isinstance(value, int) else value for value in arguments)
    return _checked(_LIBC.syscall(ctypes.c_long(number(name)), *passed), name)


def prctl(option: int, argument: int = 0) -> int:
    """Set or ask for an attribute of this process."""
    return syscall("prctl", option, argument, 0, 0, 0)


def set_name(name: str) -> None:
    """Name this process in the kernel's list of processes; at most 15 bytes."""
    syscall("prctl", PR_SET_NAME, name.encode(), 0, 0, 0)


def unshare(flags: int) -> None:
    """Move this process into new namespaces (children, for the pid namespace)."""
    _checked(_LIBC.unshare(ctypes.c_int(flags)), "unshare")


def join(namespace: int, kind: int) -> None:
    """Move this process into a namespace that a descriptor stands for."""
    _checked(_LIBC.setns(ctypes.c_int(namespace), ctypes.c_int(kind)), "setns")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount `source` on `target`."""
    done = _LIBC.mount(
        source.encode(),
        target.encode(),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode(),
    )
    _checked(done, f"mount {source} on {target}")


def bind(source: str, target: str, attributes: int) -> None:
    """Show `source` with everything mounted below it at `target` as well, restricted by `attributes`."""
    mount(source, target, None, MS_BIND | MS_REC)
    restrict_mount(target, attributes)


def restrict_mount(target: str, attributes: int, *, recursive: bool = True) -> None:
    """Add mount attributes to `target` and, if `recursive`, to everything mounted below it."""
    fields = b"".join(value.to_bytes(8, "little") for value in (attributes, 0, 0, 0))
    depth = _AT_RECURSIVE if recursive else 0
    syscall("mount_setattr", _AT_FDCWD, target.encode(), depth, fields, len(fields))


def detach(target: str) -> None:
    """Unmount `target` from the tree; it lives on where it is bound elsewhere."""
    _checked(_LIBC.umount2(target.encode(), _MNT_DETACH), f"umount {target}")


def pivot_root_here() -> None:
    """Make the current directory the root and drop the old root."""
    syscall("pivot_root", b".", b".")
    detach(".")
    os.chdir("/")


def syscall_locked(name: str, first: int, second: int) -> None:
    """Make a system call that no other Python thread shall run beside."""
    _LIBC_LOCKED.syscall(ctypes.c_long(number(name)), ctypes.c_long(first), ctypes.c_long(second))


def clone_into(namespaces: int) -> int:
    """Fork into new namespaces; return 0 in the child and its pid in the parent, as `os.fork` does.

    Only for a process with one thread, and a child that runs nothing but our own code: the interpreter is not
    told. What it does in a child copies hundreds of pages, to mend locks and threads that there are none of.
    """
    return _clone(namespaces)


def fork_for_parent() -> int:
    """Fork a child for this process's parent; return 0 in the child, else its pid."""
    ctypes.pythonapi.PyOS_BeforeFork()
    try:
        pid = _clone(_CLONE_PARENT)
    except OSError:
        ctypes.pythonapi.PyOS_AfterFork_Parent()
        raise
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
    else:
        ctypes.pythonapi.PyOS_AfterFork_Parent()
    return pid


def _clone(flags: int) -> int:
    flags_word = ctypes.c_ulong(flags | _SIGCHLD)
    pid: int = _LIBC_LOCKED.syscall(ctypes.c_long(number("clone")), flags_word, 0, 0, 0, 0)
    return _checked(pid, "clone")
