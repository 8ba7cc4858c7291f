"""What every store does."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

import pytest

from tests.ace.making import adding, delta, episode, provenance, rule
from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.content import Kind, bullet_id
from tta_dev_primitives.ace.delta import Delta, KeepApart, MergeBullets, Result, ReviseBullet
from tta_dev_primitives.ace.events import (
    Gated,
    GateResult,
    Observe,
    Pin,
    Promote,
    Restore,
    Seal,
    Suspend,
    Tag,
    TagKind,
)
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit, PlaybookStore
from tta_dev_primitives.ace.store.chain import GENESIS, link
from tta_dev_primitives.core.errors import ConfigurationError


async def test_a_new_store_is_empty(store: PlaybookStore) -> None:
    assert await store.load() == Playbook()
    assert await store.episodes() == ()
    assert await store.history() == ()
    assert await store.at_version(0) == Playbook()
    assert store.location
    await store.aclose()
    await store.aclose()


async def test_what_was_committed_is_loaded(store: PlaybookStore) -> None:
    committed = await store.commit(adding("first", "second"))
    assert [item.result for item in committed.outcomes] == [Result.APPLIED] * 2
    assert await store.load() == committed.playbook
    assert [bullet.content for bullet in committed.playbook.active] == ["first", "second"]


async def test_everything_of_a_commit_is_stored_together(store: PlaybookStore) -> None:
    first = bullet_id("general", Kind.RULE, "first")
    committed = await store.commit(
        Commit(
            run_id="run-1",
            delta=delta(rule("first"), rule("two\nlines")),
            episode=episode(),
            observations=(
                Observe(bullet=first, episode_id="e", included=True, propensity=0.5, success=True, score=1.0),
            ),
            tags=(Tag(bullet="str-00001", tag=TagKind.HELPFUL, episode_id="e"),),
            decisions=(Promote(bullet=first, status=Status.VALIDATED), Pin(bullet=first)),
            seals=(Seal(bullet=first),),
            actor="loop",
        )
    )
    assert [item.result for item in committed.outcomes] == [Result.APPLIED, Result.REJECTED]
    (bullet,) = committed.playbook.core
    assert (bullet.helpful, bullet.status, bullet.pinned) == (1, Status.VALIDATED, True)
    history = await store.history()
    assert [item.recorded.event.type for item in history] == [
        "add",
        "tag",
        "observe",
        "promote",
        "pin",
        "seal",
    ]
    assert {item.recorded.actor for item in history} == {"curator", "loop"}
    assert {getattr(item.recorded.event, "bullet", None) for item in history} == {first}
    assert await store.episodes() == (episode().model_copy(update={"added": (first,)}),)


async def test_the_history_is_a_chain(store: PlaybookStore) -> None:
    for number in range(7):
        await store.commit(adding(f"lesson {number}"))
    last = GENESIS
    for seq, item in enumerate(await store.history(), start=1):
        assert (item.seq, item.prev_hash) == (seq, last)
        last = link(last, seq, item.recorded.event_id)
        assert item.hash == last
    assert [item.seq for item in await store.history(since=5)] == [6, 7]
    assert await store.history(since=7) == await store.history(since=99) == ()


async def test_what_the_gate_and_the_curator_find_survives(store: PlaybookStore) -> None:
    apart = KeepApart(bullet="str-00001", other="str-00002", reason="they differ")
    await store.commit(adding("first", "second", "third"))
    await store.commit(Commit(run_id="r", delta=delta(apart)))
    merge = MergeBullets(bullet="str-00002", into="str-00003")
    playbook = (await store.commit(Commit(run_id="r", delta=delta(merge)))).playbook
    merged = playbook.bullets[playbook.names["str-00002"]]
    accepted = Gated(version=3, contents="digest", result=GateResult.ACCEPTED, e_value=6.2)
    undone = Gated(version=5, contents="other", result=GateResult.ROLLED_BACK, undone=("event",))
    restore = Restore(
        bullet=merged.id, revision=1, content="second", status=Status.CANDIDATE, reason="rolled back"
    )
    committed = await store.commit(Commit(run_id="r", decisions=(accepted, restore, undone), actor="gate"))
    await store.commit(adding("fourth"))
    later = await store.load()
    assert (later.champion, later.gated) == (accepted, undone)
    assert [bullet.content for bullet in later.active] == ["first", "second", "third", "fourth"]
    assert later.compared(later.active[0], later.active[1])
    assert await store.at_version(committed.playbook.version) == committed.playbook
    assert [item.recorded.event for item in await store.history(since=5)][:3] == [accepted, restore, undone]


async def test_every_version_can_be_seen_again(store: PlaybookStore) -> None:
    seen = [await store.load()]
    seen.extend([(await store.commit(adding(f"lesson {number}"))).playbook for number in range(8)])
    assert [await store.at_version(version) for version in range(9)] == seen
    await store.commit(adding("lesson 8", "lesson 9"))
    assert [bullet.content for bullet in (await store.at_version(9)).active][7:] == ["lesson 7", "lesson 8"]
    for missing in (-1, 11):
        with pytest.raises(ConfigurationError, match=f"no version {missing}; versions 0 to 10 exist"):
            await store.at_version(missing)


async def test_an_episode_is_committed_once(store: PlaybookStore) -> None:
    commit = Commit(run_id="r", delta=delta(rule("first")), episode=episode())
    first = await store.commit(commit)
    again = await store.commit(commit)
    assert (first.repeated, again.repeated) == (False, True)
    assert [item.result for item in again.outcomes] == [Result.DUPLICATE]
    assert again.playbook == first.playbook
    assert (await store.commit(Commit(run_id="r", episode=episode()))).outcomes == ()
    assert [stored.id for stored in await store.episodes()] == ["episode-1"]


async def test_an_episode_names_the_bullets_that_were_really_added(store: PlaybookStore) -> None:
    lessons = delta(*(rule(f"lesson {number}") for number in range(8)))
    committed = await store.commit(Commit(run_id="r", delta=lessons, episode=episode()))

    added = (await store.episodes())[0].added
    assert added == tuple(bullet.id for bullet in committed.playbook.active)
    assert len(added) == 5


async def test_episodes_can_be_read_from_a_place_on(store: PlaybookStore) -> None:
    for number in range(4):
        await store.commit(Commit(run_id="r", episode=episode(f"e{number}")))

    assert [stored.id for stored in await store.episodes(since=2)] == ["e2", "e3"]
    assert [stored.id for stored in await store.episodes(since=1, limit=1)] == ["e3"]
    assert await store.episodes(since=4) == ()


async def test_the_latest_episodes_come_last(store: PlaybookStore) -> None:
    for name in "abc":
        await store.commit(Commit(run_id="r", episode=episode(name)))
    assert [item.id for item in await store.episodes()] == ["a", "b", "c"]
    assert [item.id for item in await store.episodes(limit=2)] == ["b", "c"]
    assert await store.episodes(limit=0) == ()


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
async def test_what_not_every_store_could_keep_is_refused_by_all(store: PlaybookStore, name: str) -> None:
    given = provenance().model_copy(update={"actor": name})
    spoilt: tuple[Callable[[], Commit], ...] = (
        lambda: Commit(run_id=name),
        lambda: Commit(run_id="r", actor=name),
        lambda: Commit(run_id="r", delta=Delta(operations=(rule("x"),), provenance=given)),
        lambda: Commit(run_id="r", episode=episode(name)),
        lambda: Commit(run_id="r", episode=episode().model_copy(update={"task_id": name})),
    )
    for make in spoilt:
        with pytest.raises(ConfigurationError, match="NUL or half a surrogate pair"):
            await store.commit(make())
    assert await store.load() == Playbook()


async def test_what_could_not_be_read_again_is_refused_and_spoils_nothing(store: PlaybookStore) -> None:
    await store.commit(adding("first"))
    half = provenance().model_copy(update={"task_id": "\ud800"})
    measured = Observe(
        bullet="str-00001", episode_id="e", included=True, propensity=0.5, success=True, score=math.nan
    )
    spoilt: tuple[Callable[[], Commit], ...] = (
        lambda: Commit(run_id="r", delta=Delta(operations=(rule("x"),), provenance=half)),
        lambda: Commit(run_id="r", decisions=(Suspend(bullet="str-00001", reason="\ud800"),)),
        lambda: Commit(run_id="r", observations=(measured,)),
        lambda: Commit(run_id="r", episode=episode().model_copy(update={"task": "\ud800"})),
        lambda: Commit(run_id="r", episode=episode().model_copy(update={"score": math.nan})),
    )
    for make in spoilt:
        with pytest.raises(ConfigurationError, match="could not be read again"):
            await store.commit(make())
    assert (await store.load()).version == len(await store.history()) == 1
    assert await store.episodes() == ()


async def test_a_nul_in_a_text_is_kept_or_refused_alike(store: PlaybookStore) -> None:
    odd = episode().model_copy(update={"task": "add\0two", "verdict": "\x1b[1m"})
    committed = await store.commit(
        Commit(
            run_id="a\x01b",
            delta=delta(rule("nul \0 in it"), rule("plain"), KeepApart(bullet="x\0", other="y", reason="\0")),
            episode=odd,
            decisions=(Suspend(bullet="str-00001", reason="a\0reason"),),
        )
    )
    assert [item.result.value for item in committed.outcomes] == ["applied", "applied", "rejected"]
    assert committed.playbook.active[0].content == "plain"
    assert [stored.task for stored in await store.episodes()] == ["add\0two"]
    assert (await store.history())[-1].recorded.event == Suspend(
        bullet=committed.outcomes[0].bullet_id or "", reason="a\0reason"
    )
    assert await store.episodes(limit=-1) == ()


async def test_an_event_about_an_unknown_bullet_stores_nothing(store: PlaybookStore) -> None:
    with pytest.raises(ConfigurationError, match="seal names the bullet 'nothing'"):
        await store.commit(
            Commit(run_id="r", delta=delta(rule("first")), episode=episode(), seals=(Seal(bullet="nothing"),))
        )
    assert await store.load() == Playbook()
    assert await store.episodes() == ()


async def test_writers_at_once_all_get_through(store: PlaybookStore) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(12):
            group.create_task(store.commit(adding(f"lesson {number % 6}")))
    playbook = await store.load()
    assert (playbook.size, playbook.version) == (6, 6)


async def test_the_delta_meets_the_latest_playbook(store: PlaybookStore) -> None:
    await store.commit(adding("first"))
    edit = Commit(run_id="r", delta=delta(ReviseBullet(bullet="str-00001", revision=1, content="mine")))
    other = Commit(run_id="r", delta=delta(ReviseBullet(bullet="str-00001", revision=1, content="yours")))
    assert (await store.commit(edit)).outcomes[0].result is Result.APPLIED
    late = (await store.commit(other)).outcomes[0]
    assert late.result is Result.REJECTED
    assert "now reads 'mine'" in late.reason
