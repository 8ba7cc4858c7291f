"""The seccomp filter as data; what it does to programs is in abuse/."""

from __future__ import annotations

import struct

import pytest

from tta_dev_primitives.sandbox.local.inside import allowlist, exit_notice, seccomp, syscalls

MOST_INSTRUCTIONS = 4096
"""BPF_MAXINSNS of the kernel."""
NOTIFY, ALLOW = 0x7FC00000, 0x7FFF0000
FORBIDDEN = (
    "socket connect sendmsg sendmmsg ptrace mount unshare setns bpf memfd_create io_uring_setup keyctl"
    " userfaultfd init_module"
)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize(
    "policy", [seccomp.Policy(1, None), seccomp.Policy(2, None, private_memory=True), seccomp.Policy(1, 77)]
)
def test_a_filter_can_be_built_for_every_architecture(machine: str, policy: seccomp.Policy) -> None:
    architecture = syscalls.for_machine(machine)
    assert architecture is not None
    program = seccomp.build(policy, architecture)
    assert len(program) % 8 == 0
    assert len(program) // 8 < MOST_INSTRUCTIONS
    assert len(set(architecture.numbers.values())) == len(architecture.numbers)


def test_every_group_has_a_reason_and_no_name_of_two_minds() -> None:
    names = [name for group in allowlist.ALLOWED for name in group.names.split()]
    assert all(group.reason for group in allowlist.ALLOWED)
    assert len(names) == len(set(names))
    assert not {rule.name for rule in allowlist.ARGUMENT_RULES} & set(names)
    assert not set(FORBIDDEN.split()) & set(names)


def test_other_machines_are_not_guessed() -> None:
    assert syscalls.for_machine("riscv64") is None


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize(
    ("call", "second", "expected"),
    [
        ("exit_group", exit_notice.MARK, NOTIFY),
        ("exit_group", exit_notice.MARK + 1, ALLOW),
        ("exit", exit_notice.MARK, ALLOW),
        ("read", exit_notice.MARK, ALLOW),
        ("execve", 0, NOTIFY),
        ("execveat", exit_notice.MARK, NOTIFY),
    ],
)
def test_marked_exits_and_executions_are_heard_and_nothing_else(
    machine: str, call: str, second: int, expected: int
) -> None:
    architecture = syscalls.for_machine(machine)
    assert architecture is not None
    program = exit_notice.build(architecture)
    number = architecture.numbers[call]
    assert answer(program, architecture.audit_arch, number, second) == expected
    assert answer(program, architecture.audit_arch + 1, number, second) == ALLOW


def answer(program: bytes, architecture: int, number: int, second: int) -> int:
    """What a filter returns for a call, as the kernel runs it."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, 0, second, 0, 0, 0, 0)
    at = accumulator = 0
    while True:
        code, if_true, if_false, value = struct.unpack_from("=HBBI", program, 8 * at)
        if code == 0x06:
            return int(value)
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, value)
        else:
            assert code == 0x15
            at += if_true if accumulator == value else if_false
