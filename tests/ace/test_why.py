from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.ace.making import applied, delta, episode, rule
from tta_dev_primitives.ace.bullet import Provenance, Status
from tta_dev_primitives.ace.delta import AnyOperation, ImportBullet, MarkConflict, MergeBullets, ReviseBullet
from tta_dev_primitives.ace.episode import AttemptRecord, Episode
from tta_dev_primitives.ace.events import Gated, GateResult, Observe, Promote, Replayed, Suspend, Tag, TagKind
from tta_dev_primitives.ace.evidence import NO_BELIEFS
from tta_dev_primitives.ace.evidence.ledger import beliefs_of
from tta_dev_primitives.ace.store import Commit
from tta_dev_primitives.ace.taught import Taught, taught_by
from tta_dev_primitives.ace.why import Archive, Why
from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.testing import MemoryStore

PAGES = "Pages are numbered from 700."
HELD = "Every third lookup is held: release the gate."


def attempt(number: int, code: str, feedback: str = "passed") -> AttemptRecord:
    success = feedback == "passed"
    return AttemptRecord(
        number=number,
        code=code,
        verdict="passed" if success else "runtime_error",
        success=success,
        score=float(success),
        feedback=feedback,
        stop="exited",
        isolation="namespaces",
    )


ATTEMPTS = (
    attempt(1, "lots(1)\nlot()", "PageError: no page 1, pages are numbered from 700"),
    attempt(2, "lots(700)\nlot()", "HeldError: lookup held at gate 17, release it"),
    attempt(3, "lots(700)\nrelease(17)\nlot()"),
)


def run(name: str, *attempts: AttemptRecord, run_id: str = "run-1") -> Episode:
    return episode(name).model_copy(update={"attempts": attempts, "run_id": run_id, "task_id": name})


def seen(bullet: str, name: str, *, included: bool = True, success: bool | None = True) -> Observe:
    return Observe(
        bullet=bullet, episode_id=name, included=included, propensity=0.9, success=success, score=1.0
    )


def lesson(content: str, attempts: Sequence[AttemptRecord]) -> Taught:
    return Taught(bullet=applied(rule(content)).active[0], episode=run("task-7", *attempts))


async def stored(*commits: Commit) -> Archive:
    store = MemoryStore()
    for commit in commits:
        await store.commit(commit)
    playbook, episodes = await store.load(), await store.episodes()
    records = [item.recorded for item in await store.history()]
    return Archive(
        playbook=playbook, episodes=episodes, history=records, beliefs=beliefs_of(playbook, episodes)
    )


def learning(*operations: AnyOperation, by: Episode | None = None) -> Commit:
    return Commit(run_id=by.run_id if by else "run-9", delta=delta(*operations), episode=by)


async def why(reference: str, *commits: Commit) -> Why:
    return (await stored(*commits)).why(reference)


async def test_a_strategy_comes_from_the_run_that_added_it() -> None:
    found = await why("str-00002", learning(rule(PAGES), rule(HELD), by=run("task-7", *ATTEMPTS)))
    (source,) = found.taught
    assert (source.bullet.content, source.episode.task_id, source.solved) == (HELD, "task-7", True)
    assert found.asked == found.bullet


@pytest.mark.parametrize(("content", "failed"), [(PAGES, 1), (HELD, 2), ("Nothing like it", 2)])
def test_the_fix_is_that_of_the_error_which_the_strategy_is_about(content: str, failed: int) -> None:
    fix = lesson(content, ATTEMPTS).fix
    assert fix is not None
    assert (fix.failed.number, fix.then.number) == (failed, failed + 1)


def test_a_fix_is_a_unified_diff() -> None:
    fix = lesson(HELD, ATTEMPTS).fix
    assert fix is not None
    assert fix.diff(context=0) == (
        "--- attempt 2: runtime_error",
        "+++ attempt 3: passed",
        "@@ -1,0 +2 @@",
        "+release(17)",
    )


def test_without_a_second_attempt_nothing_was_fixed() -> None:
    alone = lesson(PAGES, ATTEMPTS[:1])
    assert (alone.fix, alone.solved) == (None, False)
    assert lesson(PAGES, ATTEMPTS[2:]).solved


async def test_a_strategy_that_was_curated_later_comes_from_its_run_and_task() -> None:
    source = Provenance(task_id="task-7", run_id="run-7", model="m", actor="curator", origin="live")
    bullet = lesson(PAGES, ()).bullet.model_copy(update={"provenance": source})
    episodes = [run("task-7"), run("task-8", run_id="run-7"), run("task-7", run_id="run-7")]
    found = taught_by(bullet, episodes)
    assert found is not None
    assert found.episode is episodes[2]
    assert taught_by(bullet, episodes[:2]) is None


async def test_what_was_imported_has_no_lesson() -> None:
    found = await why("str-00001", learning(ImportBullet(kind=rule(PAGES).kind, content=PAGES)))
    assert found.taught == ()


async def test_runs_are_counted_with_it_and_without() -> None:
    name = "str-00001"
    observed = (
        seen(name, "e1"),
        seen(name, "e2"),
        seen(name, "e3", success=False),
        seen(name, "e4", included=False, success=False),
        seen(name, "e5", success=None),
    )
    found = await why(name, learning(rule(PAGES), by=run("t")), Commit(run_id="run-9", observations=observed))
    assert (found.seen.included.runs, found.seen.included.solved) == (3, 2)
    assert (found.seen.left_out.runs, found.seen.left_out.solved) == (1, 0)
    assert (found.seen.relevant, found.seen.unjudged) == (5, 1)
    share = found.seen.included.share
    assert share is not None
    assert share.value == pytest.approx(2 / 3)
    assert (await why(name, learning(rule(PAGES)))).seen.left_out.share is None


async def test_what_was_merged_into_it_counts_once_a_run() -> None:
    first, second = "str-00001", "str-00002"
    found = await why(
        second,
        learning(rule(PAGES), by=run("t1", *ATTEMPTS)),
        learning(rule(HELD), by=run("t2", *ATTEMPTS)),
        Commit(
            run_id="r",
            observations=(seen(first, "e1"), seen(second, "e1", included=False), seen(second, "e2")),
        ),
        learning(MergeBullets(bullet=second, into=first)),
    )
    assert (found.bullet.alias, found.asked.alias) == (first, second)
    assert [one.episode.task_id for one in found.taught] == ["t1", "t2"]
    assert (found.seen.included.runs, found.seen.relevant) == (2, 2)
    assert [change.recorded.event.type for change in found.changes] == ["add", "add", "alias"]


async def test_every_change_is_told_with_its_run_and_no_observation_is_one() -> None:
    name = "str-00001"
    found = await why(
        name,
        learning(rule(PAGES), rule(HELD), by=run("t1")),
        learning(
            ReviseBullet(bullet=name, revision=1, content="Pages begin at 700."), by=run("t2", run_id="r2")
        ),
        learning(MarkConflict(bullet="str-00002", other=name, reason="opposites")),
        Commit(
            run_id="r",
            observations=(seen(name, "e1"),),
            tags=(Tag(bullet=name, tag=TagKind.HARMFUL, episode_id="e1"),),
            decisions=(
                Promote(bullet=name, status=Status.VALIDATED, reason="measured to help", e_value=21.0),
                Suspend(bullet=name, reason="a person said so"),
            ),
        ),
    )
    assert [change.recorded.event.type for change in found.changes] == [
        "add",
        "revise",
        "conflict",
        "promote",
        "suspend",
    ]
    reworded = found.changes[1].episode
    assert reworded is not None
    assert reworded.task_id == "t2"
    assert (found.opinion.helpful, found.opinion.harmful) == (0, 1)


async def test_a_run_of_many_tasks_does_not_say_which_task_it_was() -> None:
    found = await why("str-00001", learning(rule(PAGES), by=run("t1")), learning(by=run("t2")))
    assert found.changes[0].episode is None


async def test_replays_of_all_wordings_are_there() -> None:
    name = "str-00001"
    replayed = Replayed(
        bullet=name,
        task_id="t1",
        with_success=True,
        without_success=False,
        with_episode="a",
        without_episode="b",
    )
    gated = Gated(version=1, contents="digest", result=GateResult.ACCEPTED)
    found = await why(
        name, learning(rule(PAGES)), Commit(run_id="r", replays=(replayed,), decisions=(gated,))
    )
    assert [change.recorded.event.type for change in found.changes] == ["add"]
    assert [(one.task_id, one.with_success, one.without_success) for one in found.replays] == [
        ("t1", True, False)
    ]
    assert found.belief.e_value >= 1


async def test_a_strategy_that_is_not_there_is_said() -> None:
    archive = Archive(playbook=(await stored()).playbook, episodes=(), history=(), beliefs=NO_BELIEFS)
    with pytest.raises(ConfigurationError, match="there is no strategy 'str-00009'"):
        archive.why("str-00009")
