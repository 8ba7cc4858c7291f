"""The seccomp filter as data; what it does to programs is in abuse/."""

from __future__ import annotations

import struct

import pytest

from tta_dev_primitives.sandbox.local.inside import allowlist, exit_notice, seccomp, syscalls

MOST_INSTRUCTIONS = 4096
"""BPF_MAXINSNS of the kernel."""
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
def test_the_filter_of_exits_jumps_to_its_last_line_unless_all_matches(machine: str) -> None:
    architecture = syscalls.for_machine(machine)
    assert architecture is not None
    program = exit_notice.build(architecture)
    lines = [struct.unpack_from("=HBBI", program, 8 * n) for n in range(len(program) // 8)]
    jumps = [
        (n, if_true, if_false) for n, (_, if_true, if_false, _) in enumerate(lines) if if_true or if_false
    ]
    assert [(if_true, n + 1 + if_false) for n, if_true, if_false in jumps] == [(0, len(lines) - 1)] * 3
    assert [value for *_, value in lines[-2:]] == [0x7FC00000, 0x7FFF0000]
