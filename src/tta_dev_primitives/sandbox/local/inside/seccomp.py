"""The seccomp filter: a small BPF program made from the data in `allowlist.py`."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from . import allowlist, kernel, syscalls
from .allowlist import ArgumentRule

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_AT_NUMBER, _AT_ARCHITECTURE, _AT_ARGUMENTS = 0, 4, 16
_ALLOW: Final = 0x7FFF0000
_KILL_PROCESS: Final = 0x80000000
_ERRNO: Final = 0x00050000
_NOTIFY: Final = 0x7FC00000
_SET_MODE_FILTER: Final = 1
NEW_LISTENER: Final = 1 << 3
WAIT_KILLABLE: Final = 1 << 5
"""Who waits and was heard is called back by no signal but one that kills it."""
_MMAP_FLAGS: Final = 3
_CLONE_THREAD: Final = 0x00010000
_NEW_NAMESPACES: Final = (
    kernel.CLONE_NEWNS
    | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWCGROUP
    | kernel.CLONE_NEWTIME
)


class Instruction(NamedTuple):
    """One classic BPF instruction; the jumps count instructions to skip."""

    code: int
    if_true: int
    if_false: int
    value: int


class Policy(NamedTuple):
    """What differs between runs. `only_pid` is the one process to signal, where no namespace bounds it.

    `private_memory` refuses memory that RLIMIT_DATA does not count, where RLIMIT_AS leaves more room.
    """

    processes: int
    only_pid: int | None
    private_memory: bool = False


def build(policy: Policy, architecture: syscalls.Architecture) -> bytes:
    """Return the filter for `policy`, ready to install."""
    numbers = architecture.numbers
    program = [
        *_prologue(architecture),
        *_clone(policy, numbers),
        *_memory(policy, numbers),
        *_arguments(policy, numbers),
        *_pretended(policy, numbers),
        *_ranges(sorted(_allowed(policy, numbers))),
        _answer(allowlist.EPERM),
    ]
    return _packed(program)


def build_notice(
    call: str, second_argument: int, always: Iterable[str], architecture: syscalls.Architecture
) -> bytes:
    """Return a filter under which some calls wait for a listener, and nothing else is changed.

    They are `call` with this second argument, and the calls `always`.
    """
    marked = [
        Instruction(_LOAD, 0, 0, _AT_ARGUMENTS + 8),
        Instruction(_JUMP_EQUAL, 0, 1, second_argument),
        Instruction(_RETURN, 0, 0, _NOTIFY),
        Instruction(_RETURN, 0, 0, _ALLOW),
    ]
    program = [
        Instruction(_LOAD, 0, 0, _AT_ARCHITECTURE),
        Instruction(_JUMP_EQUAL, 1, 0, architecture.audit_arch),
        Instruction(_RETURN, 0, 0, _ALLOW),
        Instruction(_LOAD, 0, 0, _AT_NUMBER),
        Instruction(_JUMP_EQUAL, 0, len(marked), architecture.numbers[call]),
        *marked,
    ]
    for name in always:
        program += [
            Instruction(_JUMP_EQUAL, 0, 1, architecture.numbers[name]),
            Instruction(_RETURN, 0, 0, _NOTIFY),
        ]
    return _packed([*program, Instruction(_RETURN, 0, 0, _ALLOW)])


def install(program: bytes, flags: int = 0) -> int:
    """Put the filter on this process for good; return its listener if `flags` ask for one.

    Needs NO_NEW_PRIVS.
    """
    # Not a buffer: ctypes makes a type for every length, in each child anew.
    address = ctypes.cast(ctypes.c_char_p(program), ctypes.c_void_p).value
    described = struct.pack("@HxxxxxxQ", len(program) // 8, address)
    return kernel.syscall("seccomp", _SET_MODE_FILTER, flags, described)


def _packed(program: Iterable[Instruction]) -> bytes:
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _answer(errno: int) -> Instruction:
    return Instruction(_RETURN, 0, 0, _ERRNO | errno)


def _prologue(architecture: syscalls.Architecture) -> Iterator[Instruction]:
    """Kill on a foreign calling convention; answer ENOSYS to what is newer than the table."""
    yield Instruction(_LOAD, 0, 0, _AT_ARCHITECTURE)
    yield Instruction(_JUMP_EQUAL, 1, 0, architecture.audit_arch)
    yield Instruction(_RETURN, 0, 0, _KILL_PROCESS)
    yield Instruction(_LOAD, 0, 0, _AT_NUMBER)
    # This also refuses the x32 numbers of x86_64, which are all above a billion.
    yield Instruction(_JUMP_GREATER_EQUAL, 0, 1, max(architecture.numbers.values()) + 1)
    yield _answer(allowlist.ENOSYS)


def _clone(policy: Policy, numbers: dict[str, int]) -> Iterator[Instruction]:
    """Allow threads, processes where the policy has some, and never new namespaces."""
    # Its flags are behind a pointer, which a filter cannot read; libc falls back to clone.
    yield Instruction(_JUMP_EQUAL, 0, 1, numbers["clone3"])
    yield _answer(allowlist.ENOSYS)
    body = [Instruction(_LOAD, 0, 0, _AT_ARGUMENTS), Instruction(_JUMP_SET, 0, 1, _NEW_NAMESPACES)]
    body.append(_answer(allowlist.EPERM))
    if policy.processes == 1:
        body += [Instruction(_JUMP_SET, 1, 0, _CLONE_THREAD), _answer(allowlist.EAGAIN)]
    body.append(Instruction(_RETURN, 0, 0, _ALLOW))
    yield Instruction(_JUMP_EQUAL, 0, len(body), numbers["clone"])
    yield from body
    if policy.processes == 1:
        yield from _same_answer(allowlist.NEW_PROCESS.names, numbers, allowlist.EAGAIN)


def _memory(policy: Policy, numbers: dict[str, int]) -> Iterator[Instruction]:
    if not policy.private_memory:
        return
    yield Instruction(_JUMP_EQUAL, 0, 4, numbers["mmap"])
    yield Instruction(_LOAD, 0, 0, _AT_ARGUMENTS + 8 * _MMAP_FLAGS)
    yield Instruction(_JUMP_SET, 0, 1, allowlist.MMAP_UNCOUNTED)
    yield _answer(allowlist.EPERM)
    yield Instruction(_RETURN, 0, 0, _ALLOW)


def _arguments(policy: Policy, numbers: dict[str, int]) -> Iterator[Instruction]:
    for rule in (*allowlist.ARGUMENT_RULES, *_about_processes(policy)):
        if rule.name in numbers:
            body = list(_rule_body(rule))
            yield Instruction(_JUMP_EQUAL, 0, len(body), numbers[rule.name])
            yield from body


def _rule_body(rule: ArgumentRule) -> Iterator[Instruction]:
    listed, other = Instruction(_RETURN, 0, 0, _ALLOW), _answer(rule.errno)
    if rule.inverted:
        listed, other = other, listed
    yield Instruction(_LOAD, 0, 0, _AT_ARGUMENTS + 8 * rule.position)
    for value in rule.values:
        yield Instruction(_JUMP_EQUAL, 0, 1, value)
        yield listed
    yield other


def _about_processes(policy: Policy) -> Iterator[ArgumentRule]:
    """Without a pid namespace, a process may signal itself only."""
    if policy.only_pid is None:
        return
    for name in ("kill", "tgkill"):
        yield ArgumentRule(name, 0, (policy.only_pid,))


def _pretended(policy: Policy, numbers: dict[str, int]) -> Iterator[Instruction]:
    """Without mounts, nothing confines chmod and its kin: they do nothing, and shutil.copy still works."""
    if policy.only_pid is not None:
        yield from _same_answer(allowlist.MODES_AND_OWNERS.names, numbers, allowlist.PRETEND_SUCCESS)


def _same_answer(names: str, numbers: dict[str, int], errno: int) -> Iterator[Instruction]:
    for name in names.split():
        if name in numbers:
            yield Instruction(_JUMP_EQUAL, 0, 1, numbers[name])
            yield _answer(errno)


def _allowed(policy: Policy, numbers: dict[str, int]) -> set[int]:
    groups = list(allowlist.ALLOWED)
    if policy.only_pid is None:
        groups += [allowlist.MODES_AND_OWNERS, allowlist.SIGNAL_OTHERS]
    if policy.processes > 1:
        groups.append(allowlist.NEW_PROCESS)
    names = {name for group in groups for name in group.names.split()}
    return {numbers[name] for name in names if name in numbers}


def _ranges(allowed: Iterable[int]) -> Iterator[Instruction]:
    """Allow ascending runs of numbers; whatever falls between two runs is refused at once."""
    for first, last in _runs(allowed):
        yield Instruction(_JUMP_GREATER_EQUAL, 3, 0, last + 1)
        yield Instruction(_JUMP_GREATER_EQUAL, 0, 1, first)
        yield Instruction(_RETURN, 0, 0, _ALLOW)
        yield _answer(allowlist.EPERM)


def _runs(allowed: Iterable[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in allowed:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
