"""Faster code passes when it is right, fast enough, and grows as little as asked, by the host's clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import log

import pytest
from pydantic import ValidationError

from tests.ace.loop.making import CERTAIN, program, reflection, scripted
from tests.learners.performance.clocked import Clocked
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace import LearningResult
from tta_dev_primitives.core.errors import InvalidTask, MeasurementUndecided
from tta_dev_primitives.learners.performance import Growth, PerformanceLearner, PerformanceTask
from tta_dev_primitives.sandbox import Limits, Sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import MemoryStore, ScriptedModel

SLOW = """
def distinct(items):
    found = []
    for item in items:
        if item not in found:
            found.append(item)
    return len(found)
"""
FAST = """
def distinct(items):
    return len(set(items))
"""
WRONG = FAST.replace("set(items)", "items")
TASK = PerformanceTask(
    code=SLOW,
    workload="distinct(range(n))",
    entry_point="distinct",
    cases=[{"args": [[1, 2, 1]], "expected": 2}],
    growth=Growth(sizes=(10, 20, 40), at_most=1.5),
    max_iterations=1,
)
NO_LESSON = reflection()


def learner(model: ScriptedModel, sandbox: Sandbox, store: MemoryStore | None = None) -> PerformanceLearner:
    return PerformanceLearner(
        model=model, sandbox=sandbox, store=store or MemoryStore(), options=CERTAIN, settings=Settings()
    )


async def tried(sandbox: Sandbox, code: str, task: PerformanceTask = TASK) -> LearningResult:
    return await learner(scripted([program(code)], [NO_LESSON]), sandbox).execute(task, WorkflowContext())


def quadratic(factor: float) -> Callable[[int], float]:
    return lambda n: factor * n**2


def clocked(
    sandbox: Sandbox, candidate: Callable[[int], float], *, noise: float = 0.1, seed: int = 1
) -> Clocked:
    """Return a sandbox in which the given code is quadratic, and everything varies by `noise`."""
    source = random.Random(seed)  # noqa: S311  # no secret

    def seconds(code: str, n: int) -> float:
        exact = quadratic(1e-4)(n) if code == SLOW else candidate(n)
        return exact * source.uniform(1 - noise, 1 + noise) + source.uniform(0, 2e-4)

    return Clocked(sandbox, seconds)


async def test_on_this_machine_a_set_beats_a_list(sandbox: Sandbox) -> None:
    task = replace(TASK, growth=Growth(sizes=(2_000, 4_000, 8_000), at_most=1.6))

    result = await tried(sandbox, FAST, task)

    assert result.execution_success, result.feedback
    assert result.speedup is not None
    assert result.speedup > 1.1


async def test_better_growth_passes_and_a_better_constant_does_not(sandbox: Sandbox) -> None:
    better = await tried(clocked(sandbox, lambda n: 2e-5 * n * log(n)), FAST)
    constant = await tried(clocked(sandbox, quadratic(1e-5)), FAST)

    assert better.execution_success, better.feedback
    assert constant.verdict == "tests_failed"
    assert constant.feedback == (
        "correct and faster, but its time grows too fast with n, above n^1.5: a constant factor is not enough"
    )
    assert constant.speedup is not None
    assert constant.speedup > 5


async def test_a_constant_so_small_that_the_sizes_show_nothing_fails_at_larger_ones(
    sandbox: Sandbox,
) -> None:
    result = await tried(clocked(sandbox, quadratic(1e-7)), FAST)

    assert "grows too fast" in result.feedback


async def test_no_measurable_time_at_all_passes(sandbox: Sandbox) -> None:
    assert (await tried(clocked(sandbox, lambda _: 0.0), FAST)).execution_success


async def test_without_growth_a_constant_is_enough_if_large_enough(sandbox: Sandbox) -> None:
    task = replace(TASK, workload="n = 40\ndistinct(range(n))", growth=None, min_speedup=5)

    assert (await tried(clocked(sandbox, quadratic(1e-5)), FAST, task)).execution_success
    slower = await tried(clocked(sandbox, quadratic(5e-5)), FAST, task)
    assert slower.feedback == "correct, but too slow: not 5 times as fast as the given code"


async def test_what_is_wrong_is_not_timed(sandbox: Sandbox) -> None:
    result = await tried(clocked(sandbox, lambda _: 0.0), WRONG)

    assert result.verdict == "tests_failed"
    assert "distinct([1, 2, 1]) returned 3, expected 2" in result.feedback
    assert result.speedup is None


async def test_a_workload_that_asserts_catches_what_is_wrong_only_for_large_inputs(sandbox: Sandbox) -> None:
    task = replace(TASK, workload="assert distinct(range(n)) == n")
    lazy = "def distinct(items):\n    return len(set(items)) if len(items) < 9 else 0"

    result = await tried(clocked(sandbox, lambda _: 0.0), lazy, task)

    assert not result.execution_success
    assert "AssertionError" in result.feedback


async def test_times_that_vary_too_much_are_no_verdict_and_teach_nothing(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    source = random.Random(3)  # noqa: S311  # no secret
    noisy = Clocked(sandbox, lambda code, _: 0.02 * source.choice((0.5, 2.0)) if code != SLOW else 0.02)
    store, model = MemoryStore(), scripted([program(FAST)])
    task = replace(TASK, workload="distinct(range(40))", growth=None, min_speedup=1)

    with pytest.raises(MeasurementUndecided, match="after 25 rounds it is not clear whether it is 1 times"):
        await learner(model, noisy, store).execute(task, context)

    assert await store.episodes() == ()
    assert (await store.load()).size == 0


async def test_a_program_that_does_not_come_to_an_end_is_too_slow(sandbox: Sandbox) -> None:
    endless = (
        FAST
        + "\nimport time\n_plain = distinct\n"
        + ("def distinct(items):\n    while len(items) > 9:\n        pass\n    return _plain(items)\n")
    )
    fast = PerformanceLearner(
        model=scripted([program(endless)], [NO_LESSON]),
        sandbox=clocked(sandbox, lambda _: 0.0),
        store=MemoryStore(),
        options=CERTAIN,
        settings=Settings(),
        limits=Limits(wall_s=1.5, cpu_s=1),
    )

    result = await fast.execute(TASK, WorkflowContext())

    assert result.verdict == "tests_failed"
    assert "correct, but too slow: with the workload it is stopped after 1" in result.feedback


UNMEASURABLE: Sequence[tuple[dict[str, object], Callable[[int], float], str]] = (
    ({}, lambda n: 8e-5 * n, "the given code takes 0.0008 s, too little to tell how that grows"),
    ({}, lambda n: 1e-3 * n, r"grows like n\^1\.\d\d, which is below n\^1\.5 already"),
    (
        {"workload": "distinct([1])", "growth": None},
        lambda _: 1e-4,
        "too little to tell whether a program is 1.1 times as fast",
    ),
    ({"workload": "1 / 0"}, lambda _: 1.0, "fails with the given code .ZeroDivisionError: division by"),
)


@pytest.mark.parametrize(("changes", "seconds", "why"), UNMEASURABLE)
async def test_what_cannot_be_measured_is_refused_before_a_model_is_paid(
    sandbox: Sandbox, changes: dict[str, object], seconds: Callable[[int], float], why: str
) -> None:
    model = scripted()
    sandbox = Clocked(sandbox, lambda _, n: seconds(n))

    with pytest.raises(InvalidTask, match=why):
        await learner(model, sandbox).execute(replace(TASK, **changes), WorkflowContext())  # type: ignore[arg-type]

    assert model.requests == []


def test_sizes_that_show_no_growth_cannot_be_asked_for() -> None:
    for sizes in ((1, 2), (4, 2, 16), (10, 12, 14)):
        with pytest.raises(ValidationError):
            Growth(sizes=sizes, at_most=1.5)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"code": " "}, "must not be blank"),
        ({"cases": ()}, "a wrong program could be the fastest"),
        ({"min_speedup": 0}, "min_speedup=0 must be above 0"),
    ],
)
def test_a_task_without_a_measure_cannot_be_made(changes: dict[str, object], why: str) -> None:
    with pytest.raises(InvalidTask, match=why):
        replace(TASK, **changes)  # type: ignore[arg-type]
