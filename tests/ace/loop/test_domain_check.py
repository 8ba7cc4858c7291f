"""A domain's own checks in the loop: they judge after the plain ones, and tell tasks apart."""

from __future__ import annotations

import pytest

from tests.ace.loop.making import task
from tests.learners.toy import MultipleCheck
from tta_dev_primitives.ace.checks import Finding
from tta_dev_primitives.ace.domain_check import DomainCheck
from tta_dev_primitives.ace.evaluator import Evaluator
from tta_dev_primitives.ace.task import Task
from tta_dev_primitives.ace.training.task_set import TaskSet
from tta_dev_primitives.ace.verdict import VerdictKind
from tta_dev_primitives.core.errors import InvalidTask, SandboxCrashed
from tta_dev_primitives.sandbox import Limits, Sandbox


class OtherCheck(DomainCheck):
    of: int

    async def judge(self, sandbox: Sandbox, limits: Limits, task: Task, code: str) -> Finding:  # noqa: ARG002  # the seam's
        raise SandboxCrashed("the service of this check does not answer")


async def test_it_judges_what_no_plain_check_knows(sandbox: Sandbox) -> None:
    asked = task(checks=[MultipleCheck(of=7)])

    wrong = (await Evaluator(sandbox, Limits()).judge(asked, "print(20)")).verdict
    right = (await Evaluator(sandbox, Limits()).judge(asked, "print(21)")).verdict

    assert (wrong.kind, wrong.feedback, wrong.error_signature, wrong.unchecked) == (
        VerdictKind.TESTS_FAILED,
        "it is no multiple\nstdout: 20",
        "NoMultiple",
        False,
    )
    assert (right.success, right.unchecked, right.score) == (True, False, 1.0)


async def test_plain_checks_come_first_and_all_count(sandbox: Sandbox) -> None:
    asked = task(checks=[MultipleCheck(of=7), MultipleCheck(of=2)], expected_output="21")

    other = (await Evaluator(sandbox, Limits()).judge(asked, "print(28)")).verdict
    odd = await Evaluator(sandbox, Limits()).judge(asked, "print(21)")

    assert "expected output: '21'" in other.feedback
    assert (odd.verdict.error_signature, odd.verdict.score, len(odd.executions)) == ("NoMultiple", 2 / 3, 3)


async def test_what_no_program_can_pass_is_refused_beforehand(sandbox: Sandbox) -> None:
    with pytest.raises(InvalidTask, match="of=0"):
        await Evaluator(sandbox, Limits()).prepare(task(checks=[MultipleCheck(of=0)]))


async def test_an_outage_of_a_check_is_no_verdict(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxCrashed, match="does not answer"):
        await Evaluator(sandbox, Limits()).judge(task(checks=[OtherCheck(of=7)]), "print(7)")


def test_tasks_with_other_checks_or_other_facts_are_other_tasks() -> None:
    seven, eight = task(checks=[MultipleCheck(of=7)]), task(checks=[MultipleCheck(of=8)])
    both = task(checks=[MultipleCheck(of=7), MultipleCheck(of=8)])
    other = task(checks=[OtherCheck(of=7)])

    assert len({each.id for each in (task(), seven, eight, both, other)}) == 5
    assert seven.id == task(checks=[MultipleCheck(of=7)]).id


def test_sets_of_tasks_with_other_checks_are_other_sets() -> None:
    seven, eight = (task(id="one", checks=[MultipleCheck(of=of)]) for of in (7, 8))

    assert TaskSet(name="a", tasks=(seven,)).digest != TaskSet(name="a", tasks=(eight,)).digest


def test_a_check_is_one_and_no_mapping() -> None:
    with pytest.raises(InvalidTask, match=r"checks\.0={'of': 7}"):
        task(checks=[{"of": 7}])
