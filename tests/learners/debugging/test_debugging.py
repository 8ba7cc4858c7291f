"""A fix is judged by tests that failed before and pass now, with nothing else broken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.ace.loop.making import CERTAIN, CrashingSandbox, program, reflection, scripted
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace import LearningResult
from tta_dev_primitives.core.errors import InvalidTask, SandboxCrashed
from tta_dev_primitives.learners.debugging import DebuggingLearner, DebuggingTask
from tta_dev_primitives.sandbox import Sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import MemoryStore, ScriptedModel

CODE = """
def last(items):
    return items[len(items)]

def first(items):
    return items[0]
"""
TESTS = """
def test_last():
    assert last([1, 2]) == 2, f"last([1, 2]) is {last([1, 2])}"

def test_first():
    assert first([1, 2]) == 1
"""
FIXED = CODE.replace("len(items)", "-1")
TASK = DebuggingTask(code=CODE, tests=TESTS, max_iterations=1)
NO_LESSON = reflection()


def learner(model: ScriptedModel, sandbox: Sandbox) -> DebuggingLearner:
    return DebuggingLearner(
        model=model, sandbox=sandbox, store=MemoryStore(), options=CERTAIN, settings=Settings()
    )


async def tried(sandbox: Sandbox, code: str, task: DebuggingTask = TASK) -> LearningResult:
    return await learner(scripted([program(code)], [NO_LESSON]), sandbox).execute(task, WorkflowContext())


async def test_what_fails_is_found_out_and_told(sandbox: Sandbox, context: WorkflowContext) -> None:
    model = scripted([program(FIXED)], [NO_LESSON])

    result = await learner(model, sandbox).execute(TASK, context)

    assert (result.execution_success, result.unchecked, result.score) == (True, False, 1.0)
    assert "test_last: IndexError: list index out of range at" in model.requests[0].prompt
    assert "test_first" not in model.requests[0].prompt


async def test_nothing_changed_is_no_fix(sandbox: Sandbox) -> None:
    result = await tried(sandbox, CODE)

    assert (result.verdict, result.score) == ("tests_failed", 0.5)
    assert "of the tests, 1 still fail" in result.feedback
    assert "still fails: test_last: IndexError" in result.feedback


async def test_a_fix_that_breaks_something_else_fails(sandbox: Sandbox) -> None:
    result = await tried(sandbox, FIXED.replace("items[0]", "items[1]"))

    assert result.verdict == "tests_failed"
    assert "1 that passed before fail with this change" in result.feedback
    assert "broken by this change: test_first" in result.feedback


async def test_only_what_is_wanted_must_pass_but_nothing_may_break(sandbox: Sandbox) -> None:
    also_failing = TESTS + "\ndef test_known_gap():\n    assert first([]) is None\n"
    task = replace(TASK, tests=also_failing, wanted=("test_last",))

    assert (await tried(sandbox, FIXED, task)).execution_success
    assert not (await tried(sandbox, FIXED, replace(task, wanted=()))).execution_success
    assert not (await tried(sandbox, FIXED.replace("items[0]", "items[1]"), task)).execution_success


async def test_code_that_cannot_be_loaded_is_mended_by_passing_everything(sandbox: Sandbox) -> None:
    task = replace(TASK, code="import no_such_module" + CODE)

    assert (await tried(sandbox, FIXED, task)).execution_success
    assert "still fails: test_last" in (await tried(sandbox, CODE, task)).feedback


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"code": FIXED}, "all 2 tests pass with the given code"),
        ({"wanted": ("test_first",)}, r"wanted='test_first' does not fail with the given code; .* test_last"),
        ({"tests": "def test_x(tmp_path):\n    assert False"}, "no fixtures here"),
    ],
)
async def test_what_no_fix_can_prove_is_refused_before_a_model_is_paid(
    sandbox: Sandbox, context: WorkflowContext, changed: dict[str, object], told: str
) -> None:
    model = scripted()

    with pytest.raises(InvalidTask, match=told):
        await learner(model, sandbox).execute(replace(TASK, **changed), context)  # type: ignore[arg-type]

    assert model.requests == []


async def test_a_test_that_ends_differently_each_time_is_refused(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    unsteady = "import os\n" + "\n".join(
        f"def test_{n}():\n    assert os.urandom(1)[0] % 2" for n in range(40)
    )

    with pytest.raises(InvalidTask, match="ends differently from run to run"):
        await learner(scripted(), sandbox).execute(replace(TASK, tests=unsteady), context)


@pytest.mark.parametrize(
    "trick",
    [
        "import pytest, os\nfor name in os.listdir('.'):\n    os.unlink(name)",
        "import builtins\nbuiltins.AssertionError = type('A', (BaseException,), {})",
        "import sys\nsys.exit(0)",
        "open('tests.py', 'w').write('')",
    ],
)
async def test_tests_cannot_be_taken_away(sandbox: Sandbox, trick: str) -> None:
    assert not (await tried(sandbox, f"{CODE}\n{trick}")).execution_success


async def test_remembered_values_do_not_pass_hidden_tests(sandbox: Sandbox) -> None:
    task = replace(TASK, hidden_tests="def test_more():\n    assert last([4, 5, 6]) == 6")
    remembered = CODE.replace("items[len(items)]", "2")

    result = await tried(sandbox, remembered, task)

    assert (result.verdict, result.feedback) == (
        "tests_failed",
        "right by the tests that were told, but not by others: mend the cause, do not remember values",
    )
    assert (await tried(sandbox, remembered)).execution_success
    assert (await tried(sandbox, FIXED, task)).execution_success


def test_blank_code_and_tests_that_test_nothing_are_refused() -> None:
    with pytest.raises(InvalidTask, match="code is blank"):
        DebuggingTask(code=" ", tests=TESTS)
    with pytest.raises(InvalidTask, match="tests='x = 1'"):
        DebuggingTask(code=CODE, tests="x = 1")


async def test_an_outage_before_the_first_program_is_no_verdict(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    model = scripted()

    with pytest.raises(SandboxCrashed):
        await learner(model, CrashingSandbox(sandbox, crashes=1)).execute(TASK, context)

    assert model.requests == []
