"""Several fixes at once: tried from the state before the failure, the best judged from a fresh start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.ace.loop.making import NEVER, WRONG, CrashingSandbox, learner, program, reflection, scripted
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace import AceOptions, CodeTask
from tta_dev_primitives.ace.progress import AttemptJudged, CandidatesTried
from tta_dev_primitives.ace.shared_prefix import shared_statements, split
from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.core.events import Event
from tta_dev_primitives.sandbox import Sandbox

THREE = replace(NEVER, candidates=3)
SUM: CodeTask = {"task": "Print the sum of data.txt.", "expected_output": "6", "files": {"data.txt": "1 2 3"}}
READ = "import sys\nnumbers = open('data.txt').read().split()\n"


def _tried(events: Sequence[Event]) -> CandidatesTried:
    (tried,) = [event for event in events if isinstance(event, CandidatesTried)]
    return tried


def _heard_by(events: list[Event]) -> WorkflowContext:
    return WorkflowContext(sinks=(events.append,))


async def test_the_best_of_three_is_judged_and_all_are_paid(sandbox: Sandbox) -> None:
    events: list[Event] = []
    model = scripted(
        [
            program(READ + "print(sum(numbers))"),
            program(READ + "print('6!')"),
            program(READ + "print(sum(map(int, numbers)))"),
            program(READ + "1 / 0"),
        ]
    )
    result = await learner(model, sandbox, options=THREE).execute(SUM, _heard_by(events))
    assert result.execution_success
    assert result.attempts == 2
    assert result["code_generated"].endswith("print(sum(map(int, numbers)))")
    assert len(model.requests) == 4 == result.calls
    tried = _tried(events)
    assert tried.scores.index(max(tried.scores)) == 1
    assert tried.scores[1] == 1.0
    assert tried.shared_statements == 2


async def test_what_is_chosen_is_judged_from_a_fresh_start(sandbox: Sandbox) -> None:
    """A candidate that only works after what the failed program left behind does not pass."""
    events: list[Event] = []
    model = scripted([program("x = 6\nprint(y)"), *[program("x = 6\nprint(x)")] * 3])
    task: CodeTask = {"task": "Print 6.", "expected_output": "6"}
    result = await learner(model, sandbox, options=THREE).execute(task, _heard_by(events))
    assert result.execution_success
    judged = [event for event in events if isinstance(event, AttemptJudged)]
    assert [event.attempt.judgement.execution.isolation for event in judged] == ["namespaces"] * 2
    assert len({event.attempt.judgement.execution.sandbox_id for event in judged}) == 1


async def test_tasks_with_cases_are_tried_too(sandbox: Sandbox) -> None:
    task: CodeTask = {
        "task": "Write double.",
        "entry_point": "double",
        "cases": [{"args": [2], "expected": 4}],
    }
    model = scripted([program(f"def double(n):\n    return {body}") for body in ("1", "n", "2 * n", "0")])
    result = await learner(model, sandbox, options=THREE).execute(task, WorkflowContext())
    assert result.execution_success
    assert "2 * n" in result["code_generated"]


async def test_the_first_attempt_asks_once(sandbox: Sandbox) -> None:
    model = scripted([program("print(42)")])
    task: CodeTask = {"task": "Print 42.", "expected_output": "42"}
    await learner(model, sandbox, options=THREE).execute(task, WorkflowContext())
    assert len(model.requests) == 1


async def test_a_sandbox_without_sessions_tries_from_the_start(sandbox: Sandbox) -> None:
    model = scripted([WRONG, program("print(1)"), program("print(42)"), program("1/0")])
    task: CodeTask = {"task": "Print 42.", "expected_output": "42"}
    plain = CrashingSandbox(sandbox, crashes=0)
    assert (await learner(model, plain, options=THREE).execute(task, WorkflowContext())).execution_success


async def test_candidates_that_cannot_be_had_do_not_matter(sandbox: Sandbox) -> None:
    model = scripted([WRONG, program(" "), program("print(42)"), program(" ")])
    task: CodeTask = {"task": "Print 42.", "expected_output": "42"}
    assert (await learner(model, sandbox, options=THREE).execute(task, WorkflowContext())).execution_success


async def test_hostile_candidate_does_not_disturb_the_others(sandbox: Sandbox) -> None:
    hostile = "import os, signal\nos.kill(-1, signal.SIGKILL)"
    model = scripted([program("print(41)"), program(hostile), program("print(42)"), program(hostile)])
    task: CodeTask = {"task": "Print 42.", "expected_output": "42"}
    assert (await learner(model, sandbox, options=THREE).execute(task, WorkflowContext())).execution_success


def test_a_number_below_one_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="candidates=0"):
        AceOptions(candidates=0)


@pytest.mark.parametrize(
    ("failed", "others", "line", "shared"),
    [
        ("a = 1\nb = 2\nc", ["a = 1\nb = 2\nd"], 3, 2),
        ("a = 1\nb = 2\nc", ["a = 1\nb = 2\nc"], 3, 2),
        ("a = 1\nb = 2\nc", ["a = 1\nb = 3\nd"], 3, 1),
        ("a = 1\nb = 2\nc", ["a = 1\nb = 2\nd", "x = 1"], 3, 0),
        ("a = 1\nb = 2\nc", ["a=1 # same\n\nb  = 2\nd"], 3, 2),
        ("a = 1; b = 2\nc", ["a = 1; b = 2\nd"], 2, 0),
        ("a = 1\nb = 2\nc", ["a = 1\nb = 2\nd"], None, 0),
        ("a = 1\nc", ["a = = 1"], 2, 0),
        ("a =", ["a = 1"], 1, 0),
        ("@d\ndef f():\n    pass\nc", ["@d\ndef f():\n    pass\nd"], 4, 1),
        ("def f():\n    1 / 0\nf()", ["def f():\n    1 / 0\nf()"], 2, 0),
    ],
)
def test_what_is_shared(failed: str, others: list[str], line: int | None, shared: int) -> None:
    assert shared_statements(failed, others, line) == shared


def test_parts_keep_their_lines() -> None:
    parts = split("a = 1\n# note\nb = 2\n@d\ndef f(): pass\n", 2)
    assert parts.shared == "a = 1\n# note\nb = 2\n"
    assert parts.rest == "\n\n\n@d\ndef f(): pass\n"
    assert split("a = 1", 0).rest == "a = 1"


async def test_reflection_sees_only_what_was_judged(sandbox: Sandbox) -> None:
    options = replace(THREE, reflect=AceOptions().reflect)
    model = scripted([WRONG, program("print(1)"), program("print(42)"), program("print(2)")], [reflection()])
    task: CodeTask = {"task": "Print 42.", "expected_output": "42"}
    await learner(model, sandbox, options=options).execute(task, WorkflowContext())
    assert "print(1)" not in model.requests[-1].prompt


CHEAT = """
import json, os, stat
def is_trial():
    try: return stat.S_ISSOCK(os.fstat(3).st_mode)
    except OSError: return False
if is_trial():
    print(42, flush=True)
    for number in range(9):
        os.write(3, json.dumps({"op": "done", "number": number, "error": None}).encode() + b"\\n")
    import time
    time.sleep(1)
print(41)
"""


async def test_a_candidate_that_cheats_in_its_trial_is_not_accepted(sandbox: Sandbox) -> None:
    events: list[Event] = []
    model = scripted([WRONG, program(CHEAT), program("print(40)"), program("1 / 0")])
    task: CodeTask = {"task": "Print 42.", "expected_output": "42", "max_iterations": 2}
    result = await learner(model, sandbox, options=THREE).execute(task, _heard_by(events))
    assert _tried(events).scores[0] == 1.0
    assert not result.execution_success
