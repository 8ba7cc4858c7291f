from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.ace.making import applied, histories, provenance, rule
from tta_dev_primitives.ace.bullet import Bullet, Status
from tta_dev_primitives.ace.content import Kind, bullet_id
from tta_dev_primitives.ace.events import (
    Add,
    Alias,
    Conflict,
    Forget,
    Observe,
    Pin,
    PlaybookEvent,
    Promote,
    Recorded,
    Reinstate,
    Retire,
    Revise,
    Seal,
    Suspend,
    Tag,
    TagKind,
    decode,
    encode,
    event_hash,
    record,
    union,
)
from tta_dev_primitives.ace.playbook import Playbook

ONE = applied(rule("first"), rule("second"))
FIRST, SECOND = ONE.bullets


def after(*events: PlaybookEvent) -> Playbook:
    records = (record(event, at=100 + n, run_id="r", actor="a") for n, event in enumerate(events))
    return ONE.extend(records)


def first(*events: PlaybookEvent) -> Bullet:
    return after(*events).bullets[FIRST]


@given(histories(), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(history: tuple[Recorded, ...], random: Random) -> None:
    shuffled = [*history, *history[::2]]
    random.shuffle(shuffled)
    folded = Playbook.fold(shuffled)
    assert folded == Playbook.fold(history)
    assert list(folded.bullets) == list(Playbook.fold(history).bullets)
    assert folded.version == len(history)


@given(histories(), histories(), histories())
def test_merging_histories_is_a_set_union(
    one: tuple[Recorded, ...], two: tuple[Recorded, ...], three: tuple[Recorded, ...]
) -> None:
    assert union(one, two) == union(two, one)
    assert union(union(one, two), three) == union(one, union(two, three))
    assert union(one, one) == union(one) == one
    assert Playbook.fold(union(one, two)) == Playbook.fold([*two, *one, *two])


@given(histories(), st.integers(0, 30))
def test_folding_may_stop_and_go_on_anywhere(history: tuple[Recorded, ...], at: int) -> None:
    assert Playbook.fold(history[:at]).extend(history[at:]) == Playbook.fold(history)


@given(histories(), histories())
def test_merged_playbooks_are_sound(one: tuple[Recorded, ...], two: tuple[Recorded, ...]) -> None:
    playbook = Playbook.fold(union(one, two))
    aliases = [bullet.alias for bullet in playbook.bullets.values()]
    assert aliases == [f"str-{n:05d}" for n in range(1, len(aliases) + 1)]
    assert [bullet.sealed for bullet in map(playbook.bullets.__getitem__, playbook.sealed)] == list(
        range(len(playbook.sealed))
    )
    for bullet in playbook.bullets.values():
        assert playbook.get(bullet.alias) == playbook.get(bullet.id)
        assert not set(map(playbook.get, bullet.conflicts)) & set(map(playbook.get, bullet.apart))
    assert all(bullet.live for bullet in playbook.active)


def test_an_earlier_record_cannot_be_appended() -> None:
    with pytest.raises(ValueError, match="not later than version 2"):
        ONE.extend([record(Pin(bullet=FIRST), at=0, run_id="r", actor="a")])


def test_status() -> None:
    retire, suspend = Retire(bullet=FIRST, reason=""), Suspend(bullet=FIRST, reason="")
    promote, back = Promote(bullet=FIRST, status=Status.VALIDATED), Reinstate(bullet=FIRST, reason="")
    assert first(promote).status is Status.VALIDATED
    assert first(suspend).status is Status.SUSPENDED
    assert first(suspend, promote).status is Status.SUSPENDED
    assert first(retire, suspend).status is Status.RETIRED
    assert first(suspend, back).status is Status.CANDIDATE
    assert first(retire, back).status is Status.CANDIDATE
    assert first(promote, back).status is Status.VALIDATED
    assert after(suspend).size == 1


def test_pins_and_seals() -> None:
    assert first(Pin(bullet=FIRST)).pinned
    assert not first(Pin(bullet=FIRST), Pin(bullet=FIRST, pinned=False)).pinned
    twice = after(Seal(bullet=SECOND), Seal(bullet=FIRST), Seal(bullet=SECOND))
    assert [bullet.id for bullet in twice.core] == [SECOND, FIRST]


def test_a_suspended_or_retired_bullet_leaves_core() -> None:
    assert after(Seal(bullet=FIRST), Retire(bullet=FIRST, reason="")).core == ()


def test_forgetting_removes_the_content_for_good() -> None:
    gone = first(
        Seal(bullet=FIRST),
        Forget(bullet=FIRST, reason="asked"),
        Revise(bullet=FIRST, revision=1, content="x"),
    )
    assert (gone.content, gone.forgotten, gone.status) == ("", True, Status.RETIRED)
    assert after(Forget(bullet=FIRST, reason=""), Alias(bullet=SECOND, into=FIRST)).size == 1


def test_stale_and_unknown_events_only_count() -> None:
    playbook = after(
        Revise(bullet=FIRST, revision=7, content="x"),
        Tag(bullet="nothing", tag=TagKind.HELPFUL, episode_id="e"),
        Alias(bullet="nothing", into=FIRST),
        Conflict(bullet=FIRST, other="nothing", reason=""),
        Observe(bullet=FIRST, episode_id="e", included=True, propensity=0.5, success=None, score=0.0),
    )
    assert playbook.bullets == ONE.bullets
    assert playbook.version == 7


def test_a_tag_repeated_in_an_episode_counts_once() -> None:
    tag = Tag(bullet=FIRST, tag=TagKind.HARMFUL, episode_id="e")
    assert first(tag, tag).harmful == 1


def test_merges_in_a_circle_end() -> None:
    playbook = after(Alias(bullet=FIRST, into=SECOND), Alias(bullet=SECOND, into=FIRST))
    assert playbook.get(FIRST) == playbook.get(SECOND)
    assert playbook.size == 1


def test_a_wording_revised_to_on_one_side_and_added_on_the_other_stays_two_bullets() -> None:
    revise = Revise(bullet=FIRST, revision=1, content="third")
    add = Add(
        bullet=bullet_id("general", Kind.RULE, "third"),
        kind=Kind.RULE,
        content="third",
        provenance=provenance(),
    )
    assert after(add, revise).size == 3
    assert after(revise, add).size == 2


def test_an_event_is_what_was_encoded() -> None:
    event = Promote(bullet=FIRST, status=Status.VALIDATED, e_value=21.5)
    assert decode(encode(event)) == event
    assert json.loads(encode(Seal(bullet="b"))) == {"bullet": "b", "type": "seal"}
    item = record(event, at=1, run_id="r", actor="a")
    assert item.event_id == event_hash(encode(event), at=1, run_id="r", actor="a")
    assert item.event_id != record(event, at=1, run_id="r", actor="b").event_id


@pytest.mark.parametrize(
    "payload",
    [
        '{"type":"explode","bullet":"b"}',
        '{"type":"seal"}',
        '{"type":"seal","bullet":"b","more":1}',
        "{",
        "[]",
    ],
)
def test_what_is_no_event_is_not_decoded(payload: str) -> None:
    with pytest.raises(ValidationError):
        decode(payload)


def test_values_do_not_change() -> None:
    with pytest.raises(ValidationError):
        ONE.bullets[FIRST].content = "other"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(TypeError):
        ONE.bullets["x"] = ONE.bullets[FIRST]  # type: ignore[index]
