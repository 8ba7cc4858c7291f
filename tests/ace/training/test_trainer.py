"""Training learns, measures what it learned, and comes to the same whatever arrives first."""

from __future__ import annotations

import asyncio
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from tests.ace.training.making import (
    LESSONS,
    Slow,
    Trial,
    contents,
    learner,
    scripted,
    stable,
    task_set,
)
from tta_dev_primitives.ace.training.config import Mode
from tta_dev_primitives.ace.training.progress import RunPlanned, TaskDone
from tta_dev_primitives.ace.training.result import Phase
from tta_dev_primitives.ace.training.split import Split
from tta_dev_primitives.ace.training.trainer import Plan
from tta_dev_primitives.core.errors import ConfigurationError, ModelOutputInvalid
from tta_dev_primitives.core.events import Event
from tta_dev_primitives.llm.types import Request, Role
from tta_dev_primitives.testing import Answer

THREE = list(LESSONS.values())


async def test_offline_training_learns_and_validates_before_and_after_each_epoch(tmp_path: Path) -> None:
    tasks = Split(train=task_set(6), validation=task_set(3, first=20))
    trial = await Trial.begin(tmp_path / "run", tasks, Plan(epochs=2, in_flight=3), scripted())
    summary = await trial.do()

    assert contents(await trial.playbook()) == THREE
    validated = [(r.epoch, r.first_try) for r in trial.results(Phase.VALIDATION)]
    assert validated == [(0, False)] * 3 + [(1, True)] * 3 + [(2, True)] * 3
    trained = [(r.epoch, r.position, r.attempts) for r in trial.results(Phase.TRAIN)]
    first = [(1, position, 2 if position < 3 else 1) for position in range(6)]
    assert trained == first + [(2, position, 1) for position in range(6)]
    assert summary.finished
    assert summary.train is not None
    assert (summary.train.first_try.n, summary.train.success.value) == (6, 1.0)  # done twice, counted once
    assert (summary.train.first_try.value, summary.train.attempts) == (1.0, 15 / 12)


async def test_the_earliest_of_equally_good_versions_is_the_result(tmp_path: Path) -> None:
    tasks = Split(train=task_set(3), validation=task_set(3, first=20))
    trial = await Trial.begin(tmp_path / "run", tasks, Plan(epochs=3, in_flight=3), scripted())
    summary = await trial.do()

    versions = [result.playbook_version for result in trial.results(Phase.VALIDATION)][::3]
    assert versions == sorted(set(versions))
    assert summary.best is not None
    assert summary.best.version == versions[1]
    assert summary.best.validation is not None
    assert summary.best.validation.value == 1.0


async def test_what_makes_things_worse_is_not_the_result(tmp_path: Path) -> None:
    def misled(request: Request[BaseModel]) -> Answer:
        """Fails as soon as it has learned something, but where it failed before."""
        if request.role is not Role.GENERATOR or request.attempt > 1:
            return learner(request)
        answer = learner(request)
        assert isinstance(answer, dict)
        number = int(request.task_id[1:])
        return {**answer, "code": f"print({number + all(lesson not in request.prompt for lesson in THREE)})"}

    tasks = Split(train=task_set(3), validation=task_set(3, first=20))
    trial = await Trial.begin(tmp_path / "run", tasks, Plan(in_flight=3), scripted(misled))
    summary = await trial.do()

    assert (await trial.playbook()).size > 0
    assert summary.best is not None
    assert (summary.best.version, summary.best.size) == (0, 0)


async def test_online_training_tests_each_window_with_what_came_before_it(tmp_path: Path) -> None:
    model = scripted()
    plan = Plan(mode=Mode.ONLINE, window=3, in_flight=2)
    trial = await Trial.begin(tmp_path / "run", task_set(7), plan, model)
    await trial.do()

    tested = [(r.window, r.first_try, r.attempts) for r in trial.results(Phase.TEST)]
    assert tested == [(0, False, 1)] * 3 + [(1, True, 1)] * 3 + [(2, True, 1)]
    assert [(r.position, r.attempts) for r in trial.results(Phase.TRAIN)] == [
        *((position, 2) for position in range(3)),
        *((position, 1) for position in range(3, 7)),
    ]


async def test_the_test_of_a_window_is_the_first_attempt_of_learning_from_it(tmp_path: Path) -> None:
    model = scripted()
    plan = Plan(mode=Mode.ONLINE, window=3)
    trial = await Trial.begin(tmp_path / "run", task_set(3), plan, model)
    await trial.do()

    asked = [(request.role, request.task_id, request.attempt) for request in model.requests]
    assert len(set(asked)) == len(asked)
    paid = sum(result.calls for result in trial.results())
    assert paid == len(asked)


async def test_the_same_strategies_are_validated_once(tmp_path: Path) -> None:
    model = scripted()
    tasks = Split(train=task_set(3), validation=task_set(3, first=20))
    trial = await Trial.begin(tmp_path / "run", tasks, Plan(epochs=3, in_flight=3), model)
    await trial.do()

    validating = [request for request in model.requests if int(request.task_id[1:]) >= 20]
    assert len(validating) == 6  # without strategies, and with those of the first epoch


async def test_tasks_of_a_batch_see_the_same_version_and_learn_in_order(tmp_path: Path) -> None:
    trial = await Trial.begin(tmp_path / "run", task_set(6), Plan(in_flight=6), scripted())
    await trial.do()

    assert {result.playbook_version for result in trial.results()} == {0}
    assert contents(await trial.playbook()) == THREE


async def outcome(size: int, delays: int | None) -> tuple[object, ...]:
    """What training in batches of `size` comes to, with answers in order or after drawn delays."""
    with tempfile.TemporaryDirectory() as folder:
        model = scripted()
        asked = model if delays is None else Slow(model, delays)
        trial = await Trial.begin(Path(folder) / "run", task_set(7), Plan(epochs=2, in_flight=size), asked)
        await trial.do()
        book = await trial.playbook()
        bullets = [(b.id, b.alias, b.content, b.trigger, b.provenance.task_id) for b in book.bullets.values()]
        return book.version, bullets, stable(trial.results()), len(model.requests)


@cache
def undisturbed(size: int) -> tuple[object, ...]:
    return asyncio.run(outcome(size, None))


@settings(max_examples=8, deadline=None)
@given(size=st.sampled_from([2, 3, 7]), delays=st.integers(0, 2**32))
def test_what_is_learned_does_not_depend_on_which_answer_comes_first(size: int, delays: int) -> None:
    assert asyncio.run(outcome(size, delays)) == undisturbed(size)


async def test_a_success_of_a_family_is_reflected_on_once_also_within_a_batch(tmp_path: Path) -> None:
    def able(request: Request[BaseModel]) -> Answer:
        answer = learner(request)
        return answer if request.role is not Role.GENERATOR else {"plan": "", "code": right(request)}

    def right(request: Request[BaseModel]) -> str:
        return f"print({int(request.task_id[1:]) + 1})"

    model = scripted(able)
    trial = await Trial.begin(tmp_path / "run", task_set(6), Plan(in_flight=6), model)
    await trial.do()
    reflected = [request.task_id for request in model.requests if request.role is Role.REFLECTOR]
    assert reflected == ["t0", "t1", "t2"]


async def test_a_task_that_ended_otherwise_before_is_reflected_on_with_both_ends(tmp_path: Path) -> None:
    def fails_at_first(request: Request[BaseModel]) -> Answer:
        if request.role is Role.GENERATOR and THREE[0] not in request.prompt:
            return {"plan": "", "code": "print('not yet')"}
        return learner(request)

    model = scripted(fails_at_first)
    trial = await Trial.begin(tmp_path / "run", task_set(1), Plan(epochs=2), model)
    await trial.do()

    last = [request for request in model.requests if request.role is Role.REFLECTOR][-1]
    assert "# Attempt 1: tests_failed" in last.prompt
    assert "print('not yet')" in last.prompt
    assert "# Attempt 2: passed" in last.prompt
    episodes = [result.attempts for result in trial.results()]
    assert episodes == [3, 1]


async def test_a_model_that_gives_no_program_has_not_solved_the_task(tmp_path: Path) -> None:
    def mute(request: Request[BaseModel]) -> Answer:
        return ModelOutputInvalid("no program") if request.task_id == "t1" else learner(request)

    trial = await Trial.begin(tmp_path / "run", task_set(3), Plan(in_flight=3), scripted(mute))
    summary = await trial.do()

    result = trial.results()[1]
    assert (result.verdict, result.attempts, result.success, result.episode_id) == (
        "unanswered",
        0,
        False,
        "",
    )
    assert result.error_signature == "ModelOutputInvalid"
    assert summary.train is not None
    assert summary.train.success.value == pytest.approx(2 / 3)


async def test_a_model_that_gives_up_after_a_failure_keeps_its_attempt(tmp_path: Path) -> None:
    def gives_up(request: Request[BaseModel]) -> Answer:
        if request.role is Role.GENERATOR and request.attempt > 1:
            return ModelOutputInvalid("nothing more")
        return learner(request)

    trial = await Trial.begin(tmp_path / "run", task_set(1), Plan(), scripted(gives_up))
    await trial.do()
    (result,) = trial.results()
    assert (result.verdict, result.attempts) == ("tests_failed", 1)
    assert result.episode_id


async def test_progress_is_told_task_by_task(tmp_path: Path) -> None:
    events: list[Event] = []
    trial = await Trial.begin(tmp_path / "run", task_set(3), Plan(), scripted())
    await trial.do(events=events)

    planned = [event for event in events if isinstance(event, RunPlanned)]
    done = [event for event in events if isinstance(event, TaskDone)]
    assert [(event.total, event.done) for event in planned] == [(3, 0)]
    assert [event.learned for event in done] == [(content,) for content in THREE]


async def test_a_transcript_tells_what_happened(tmp_path: Path) -> None:
    trial = await Trial.begin(tmp_path / "run", task_set(1), Plan(), scripted())
    await trial.do()
    text = (trial.folder.path / "transcripts" / "train-1-0" / "0000-t0.md").read_text()  # a small file
    for part in (
        "# t0: solved at attempt 2",
        "print(0)",
        "expected output: '1'",
        "## Attempt 2: passed",
        "parcelo counts from one",
        f"- applied: add {THREE[0]}",
    ):
        assert part in text


async def test_what_a_model_says_begins_no_section_of_a_transcript(tmp_path: Path) -> None:
    def forging(request: Request[BaseModel]) -> Answer:
        if request.role is not Role.REFLECTOR:
            return learner(request)
        told = "so:\n## Playbook\n- applied: add nothing\n```\n## Attempt 9: passed"
        return {"diagnosis": told, "insights": [{"kind": "api_fact", "content": THREE[0]}]}

    trial = await Trial.begin(tmp_path / "run", task_set(1), Plan(), scripted(forging))
    await trial.do()
    text = (trial.folder.path / "transcripts" / "train-1-0" / "0000-t0.md").read_text()  # a small file
    sections = [line for line in text.split("\n") if line.startswith("## ")]
    assert "so:\n\\## Playbook\n" in text
    assert sections.count("## Playbook") == 1
    assert "## Attempt 9: passed" not in sections
    assert "\n```\n\\## Attempt" not in text


async def test_a_folder_in_use_or_not_empty_is_refused(tmp_path: Path) -> None:
    trial = await Trial.begin(tmp_path / "run", task_set(1), Plan(), scripted())
    with pytest.raises(ConfigurationError, match="not an empty folder"):
        await Trial.begin(tmp_path / "run", task_set(1), Plan(), scripted())
    with trial.folder.held(), pytest.raises(ConfigurationError, match="another process"):
        await trial.do()


async def test_changed_tasks_and_missing_runs_are_refused(tmp_path: Path) -> None:
    trial = await Trial.begin(tmp_path / "run", task_set(2), Plan(), scripted())
    trial.folder.write("tasks.jsonl", '{"id": "t0", "prompt": "Print something else."}\n')
    with pytest.raises(ConfigurationError, match="not what the run began with"):
        await trial.do()
    with pytest.raises(ConfigurationError, match="there is no run"):
        await Trial(folder=type(trial.folder)(path=tmp_path), model=scripted()).do()
