"""A step with a playbook gets better; without one nothing else about it is different."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.learners.learned.making import (
    CERTAIN,
    DAYS,
    LESSON,
    Clerk,
    answering,
    asked,
    clerk,
    is_iso,
    obedient,
    reflection,
)
from tta_dev_primitives import LambdaPrimitive, WorkflowContext, WorkflowPrimitive
from tta_dev_primitives.ace import AceOptions
from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.store import PlaybookStore, open_store
from tta_dev_primitives.core import Event
from tta_dev_primitives.core.errors import CompositionError, ConfigurationError
from tta_dev_primitives.core.events import SpanStarted
from tta_dev_primitives.learners import About, Learned, StepJudged, StepVerdict, strategies
from tta_dev_primitives.learners.learned import Judge
from tta_dev_primitives.llm import Role
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import MemoryStore, ScriptedModel


async def test_it_gets_better_with_a_playbook_and_not_without() -> None:
    model, plain = obedient(), Clerk(obedient())
    step = clerk(model, MemoryStore())

    with_it = [await step.execute(day) for day in DAYS]
    without = [await plain.execute(day) for day in DAYS]

    assert with_it == ["25/11/26", "2026-11-25", "2026-11-25"]
    assert without == ["25/11/26"] * 3
    assert step.improvement_score == 1.0
    assert step.success_rate == pytest.approx(2 / 3)
    assert [bullet.content for bullet in step.playbook.active] == [LESSON]


async def test_every_run_is_evidence_with_what_was_drawn() -> None:
    store, context = MemoryStore(), WorkflowContext()
    step = clerk(obedient(), store)

    for day in DAYS[:2]:
        await step.execute(day, context)

    first, second = await store.episodes()
    (bullet,) = step.playbook.active
    assert (first.success, first.verdict, first.choices, first.reflected) == (False, "failed", (), True)
    assert first.added == (bullet.id,)
    assert (first.task, first.model, first.origin) == (DAYS[0], "Clerk", "step")
    assert [attempt.code for attempt in first.attempts] == ["25/11/26"]
    assert first.attempts[0].feedback == "'25/11/26' is not in ISO 8601"
    assert (second.success, second.verdict, second.score) == (True, "passed", 1.0)
    assert [(choice.bullet_id, choice.included, choice.propensity) for choice in second.choices] == [
        (bullet.id, True, 1.0)
    ]
    observed = [
        kept.recorded.event for kept in await store.history() if kept.recorded.event.type == "observe"
    ]
    assert [(event.bullet, event.success) for event in observed] == [(bullet.id, True)]
    assert {kept.recorded.run_id for kept in await store.history()} == {context.workflow_id}


async def test_a_strategy_that_harms_is_suspended_and_one_that_helps_gets_its_badge() -> None:
    """Coins decide, so that there is something to compare with; statuses follow by the same rules."""
    coins = AceOptions(inclusion=0.5, hold_out=0.0, decide_every=5)
    good, bad = MemoryStore(), MemoryStore()
    for store, lesson in ((good, LESSON), (bad, "Write a parcel date as you like.")):
        step = Learned(
            _follower(helps=lesson == LESSON),
            judge=lambda _, right: right,
            playbook=store,
            model=_teaching(lesson),
            options=coins,
            settings=Settings(),
        )
        for number in range(60):
            await step.execute(f"When was parcel number {number} sent?")

    assert [bullet.status for bullet in (await good.load()).bullets.values()] == [Status.VALIDATED]
    assert [bullet.status for bullet in (await bad.load()).bullets.values()] in (
        [Status.SUSPENDED],
        [Status.RETIRED],
    )


def _teaching(lesson: str) -> ScriptedModel:
    return ScriptedModel(lambda _: reflection(lesson))


def _follower(*, helps: bool) -> WorkflowPrimitive[str, bool]:
    """Return a step that succeeds with a strategy if it `helps`, else only without one."""

    async def follow(_: str, context: WorkflowContext) -> bool:
        return bool(strategies(context)) is helps

    return LambdaPrimitive(follow)


async def test_without_the_wrapper_there_are_no_strategies_and_nothing_else_is_different() -> None:
    seen: list[Event] = []
    state: dict[str, object] = {"shared": 1}

    async def step(data: str, context: WorkflowContext) -> str:
        context.state["left"] = len(strategies(context))
        return f"{data}{context.state['shared']}"

    plain = LambdaPrimitive(step, idempotent=True)
    wrapped = _wrapped(plain)
    for each in (plain, wrapped):
        context = WorkflowContext(state=dict(state), sinks=(seen.append,))
        assert await each.execute("a", context) == "a1"
        assert context.state == {"shared": 1, "left": 0}
        assert context.metadata == {}

    names = [event.name for event in seen if isinstance(event, SpanStarted)]
    assert names == ["step", "Learned(step)", "step"]
    assert (wrapped.idempotent, dict(wrapped.children)) == (True, {"step": plain})
    assert repr(wrapped) == "Learned(step)"


def _wrapped(step: WorkflowPrimitive[str, str]) -> Learned[str, str]:
    return Learned(
        step, judge=lambda _in, _out: True, playbook=MemoryStore(), model=silent(), settings=Settings()
    )


def silent() -> ScriptedModel:
    return ScriptedModel(lambda _: {"diagnosis": "Nothing.", "insights": []})


async def test_steps_inside_see_the_strategies_and_a_wrapper_further_in_has_its_own() -> None:
    inner_store, outer_store = MemoryStore(), MemoryStore()
    for store in (inner_store, outer_store):
        await clerk(obedient(), store).execute(DAYS[0])
    seen: list[tuple[str, int]] = []

    def look(where: str) -> WorkflowPrimitive[str, str]:
        async def step(data: str, context: WorkflowContext) -> str:
            seen.append((where, len(strategies(context))))
            return data

        return LambdaPrimitive(step)

    bare = Learned(
        look("inner"),
        judge=lambda _in, _out: True,
        playbook=MemoryStore(),
        model=silent(),
        settings=Settings(),
    )
    outer = Learned(
        look("before") >> bare >> look("after"),
        judge=lambda _in, _out: True,
        playbook=outer_store,
        model=silent(),
        options=CERTAIN,
        settings=Settings(),
    )
    await outer.execute(DAYS[1])

    assert seen == [("before", 1), ("inner", 0), ("after", 1)]


@pytest.mark.parametrize("kept", ["memory", "file"])
async def test_twenty_at_once_on_one_object_are_twenty_runs_and_one_lesson(kept: str, tmp_path: Path) -> None:
    model = obedient()
    store: PlaybookStore = MemoryStore() if kept == "memory" else open_store(tmp_path / "clerk.db")
    step = clerk(model, store, options=AceOptions(inclusion=0.5, hold_out=0.0))

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(step.execute(f"When was parcel {number} sent?"))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(step.execute(f"When was parcel {number} paid?")) for number in range(20)]

    episodes = await store.episodes()
    assert len({episode.id for episode in episodes}) == 40
    assert [bullet.content for bullet in step.playbook.active] == [LESSON]
    assert sorted(task.result() for task in tasks) == sorted(e.attempts[0].code for e in episodes[20:])
    for episode in episodes[20:]:
        given = [choice.included for choice in episode.choices]
        assert (episode.attempts[0].code == "2026-11-25") is any(given)
        assert {choice.propensity for choice in episode.choices} == {0.5}
    await store.aclose()


async def test_twenty_at_once_with_the_same_input_draw_twenty_lots() -> None:
    store = MemoryStore()
    step = clerk(obedient(), store, options=AceOptions(inclusion=0.5, hold_out=0.0))
    await step.execute(DAYS[0])

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(step.execute(DAYS[1]))

    episodes = (await store.episodes())[1:]
    assert len({episode.seed for episode in episodes}) == 20
    assert {choice.included for episode in episodes for choice in episode.choices} == {True, False}


async def test_statuses_are_decided_also_if_runs_always_end_together() -> None:
    store = MemoryStore()
    step = clerk(obedient(), store, options=AceOptions(inclusion=0.5, hold_out=0.0))

    for day in range(5):
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(step.execute(f"When was parcel {number} of day {day} sent?"))

    (bullet,) = (await store.load()).bullets.values()
    assert bullet.status is Status.VALIDATED
    promotions = [kept for kept in await store.history() if kept.recorded.event.type == "promote"]
    assert len(promotions) == 1


async def test_another_process_goes_on_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "clerk.json"
    async with clerk(obedient(), file) as step:
        assert await step.execute(DAYS[0]) == "25/11/26"

    program = (
        "import asyncio, pathlib, sys\n"
        "from tests.learners.learned.making import DAYS, clerk, obedient\n"
        "async def main():\n"
        "    async with clerk(obedient(), pathlib.Path(sys.argv[1])) as step:\n"
        "        print(await step.execute(DAYS[1]), step.success_rate)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(  # noqa: S603, ASYNC221  # our own interpreter; nothing else runs meanwhile
        [sys.executable, "-c", program, str(file)],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "2026-11-25 0.5\n"


async def test_an_input_is_described_and_compared_within_its_family() -> None:
    store = MemoryStore()

    def describe(days: tuple[str, int]) -> About:
        return About(text=days[0], family=f"part {days[1]}", context="A parcel service.")

    async def step(days: tuple[str, int]) -> str:
        return days[0]

    model = silent()
    learned = Learned(
        step,
        judge=lambda _in, _out: StepVerdict(success=False, score=0.25, feedback="no"),
        playbook=store,
        describe=describe,
        model=model,
        settings=Settings(),
    )
    await learned.execute(("When?", 2))

    (episode,) = await store.episodes()
    assert (episode.task, episode.family, episode.score) == ("When?", "part 2", 0.25)
    (prompt,) = asked(model, Role.REFLECTOR)
    assert '"A parcel service."' in prompt
    assert "# Verdict: failed, score 0.25" in prompt


async def test_what_nobody_can_judge_is_kept_but_is_no_evidence() -> None:
    store, model, seen = MemoryStore(), silent(), list[Event]()

    async def step(data: str) -> str:
        return data

    learned = Learned(step, judge=lambda _in, _out: None, playbook=store, model=model, settings=Settings())
    assert await learned.execute("a", WorkflowContext(sinks=(seen.append,))) == "a"

    (episode,) = await store.episodes()
    assert (episode.unchecked, episode.success, episode.verdict) == (True, False, "unjudged")
    assert model.requests == []
    assert [event.ending for event in seen if isinstance(event, StepJudged)] == ["unjudged"]


def test_wrong_wiring_is_told_when_it_is_made() -> None:
    with pytest.raises(
        CompositionError, match="Learned takes primitives, functions and dicts of them, not 'text'"
    ):
        Learned("text", judge=is_iso, playbook=MemoryStore())  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=r"score=1\.5 is a share"):
        StepVerdict(success=True, score=1.5)


def _of_one(_output: str) -> bool:
    return True


def _of_three(_input: str, _output: str, _more: str) -> bool:
    return True


@pytest.mark.parametrize("judge", [None, _of_one, _of_three])
def test_a_judge_that_cannot_be_asked_is_told_before_the_step_runs(judge: Judge[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=r"judge=.* is called as judge\(input, output\)"):
        Learned(_same, judge=judge, playbook=MemoryStore())


async def _same(data: str) -> str:
    return data


async def test_a_description_that_is_no_text_is_told_before_the_step_runs() -> None:
    model = obedient()
    step = Learned(
        Clerk(model),
        judge=is_iso,
        playbook=MemoryStore(),
        describe=lambda _: 3,  # type: ignore[arg-type, return-value]  # pyright: ignore[reportArgumentType]
        model=model,
        settings=Settings(),
    )
    with pytest.raises(ConfigurationError, match="describe returned 3"):
        await step.execute(DAYS[0])
    assert model.requests == []


async def test_without_a_model_it_says_so_before_the_step_runs() -> None:
    model = ScriptedModel(answering)
    step = Learned(Clerk(model), judge=is_iso, playbook=MemoryStore(), settings=Settings())

    with pytest.raises(ConfigurationError, match="no model is configured"):
        await step.execute(DAYS[0])
    assert model.requests == []
