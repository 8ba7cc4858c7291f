"""What is lost with a damaged record is never a reason to use a strategy."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.ace.making import applied, delta, histories, rule
from tta_dev_primitives.ace.bullet import Bullet, Status, Trigger
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.events import (
    PlaybookEvent,
    Recorded,
    Restore,
    Retire,
    SetAside,
    Tag,
    TagKind,
    encode,
    record,
    union,
)
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store.records import told


def lost(item: Recorded) -> Recorded:
    return item.model_copy(update={"event": told(encode(item.event))})


def with_event(playbook: Playbook, event: PlaybookEvent) -> Playbook:
    return playbook.extend([record(event, at=playbook.next_at(1), run_id="r", actor="a")])


def two() -> tuple[Playbook, Bullet, Bullet]:
    playbook = applied(rule("check the unit"), rule("round last"))
    first, second = playbook.active
    return playbook, first, second


@given(histories(), st.data())
def test_what_is_in_use_without_a_record_is_in_use_with_it(
    history: tuple[Recorded, ...], data: st.DataObject
) -> None:
    whole = Playbook.fold(history)
    damaged = set(data.draw(st.lists(st.integers(0, max(0, len(history) - 1)), max_size=2)))
    rest = Playbook.fold(lost(item) if at in damaged else item for at, item in enumerate(history))
    assert rest.version == whole.version
    assert [aside.record for aside in rest.set_aside] == sorted(at + 1 for at in damaged if history)
    for bullet in (*rest.active, *rest.core):
        true = whole.bullets[bullet.id]
        assert (bullet.content, bullet.status, bullet.alias) == (true.content, true.status, true.alias)
        assert true in whole.active or true in whole.core


@given(histories(), st.data())
def test_a_sound_copy_of_a_record_takes_the_place_of_what_stands_in_for_it(
    history: tuple[Recorded, ...], data: st.DataObject
) -> None:
    damaged = data.draw(st.sets(st.integers(0, max(0, len(history) - 1))))
    rest = tuple(lost(item) if at in damaged else item for at, item in enumerate(history))
    assert union(rest, history) == union(history, rest) == union(history)


def test_a_strategy_in_doubt_is_not_used_and_the_others_are() -> None:
    playbook, first, second = two()
    after = with_event(playbook, SetAside(bullets=(first.id,)))
    assert after.active == (second,)
    assert after.bullets[first.id].standing == "damaged"
    assert [(one.record, one.bullets) for one in after.set_aside] == [(3, (first.id,))]


def test_if_nobody_can_tell_what_it_was_about_all_before_it_are_in_doubt() -> None:
    playbook, *_ = two()
    after = with_event(playbook, SetAside())
    assert after.size == 0
    assert after.set_aside[0].everything
    assert applied(rule("later"), to=after).size == 1


def test_an_id_that_is_not_known_may_be_damaged_itself() -> None:
    playbook, *_ = two()
    assert with_event(playbook, SetAside(bullets=("0" * 32,))).size == 0


def test_a_lost_lesson_keeps_its_place_and_can_be_learned_again() -> None:
    whole, first, second = two()
    after = with_event(Playbook(), SetAside(bullets=(first.id,), adds=True))
    after = applied(rule("round last"), to=after)
    after = with_event(after, Tag(bullet=first.id, tag=TagKind.HELPFUL, episode_id="e"))
    assert [bullet.content for bullet in after.active] == ["round last"]
    assert after.bullets[second.id].alias == second.alias
    again = applied(rule("check the unit"), to=after)
    assert again.bullets[first.id].content == "check the unit"
    assert again.bullets[first.id].helpful == 1
    assert again.size == whole.size


def test_a_lost_lesson_is_learned_again_with_its_trigger() -> None:
    lesson = rule("check the unit").model_copy(update={"trigger": Trigger(keywords=("unit",))})
    records = Playbook().apply(delta(lesson), at=1, run_id="r").records
    again = applied(lesson, to=Playbook.fold(map(lost, records)))
    (bullet,) = again.active
    assert bullet == applied(lesson).active[0].model_copy(update={"provenance": bullet.provenance})
    assert bullet.trigger == Trigger(keywords=("unit",))


def test_a_lost_lesson_that_is_held_back_waits_when_it_is_learned_again() -> None:
    dangerous = rule("import os\nos.system('rm -rf /')", kind=Kind.SNIPPET)
    held = Playbook().apply(delta(dangerous), at=1, run_id="r")
    (bullet,) = held.playbook.proposed
    again = applied(dangerous, to=Playbook.fold(map(lost, held.records)))
    assert again.size == 0
    assert [(one.id, one.held) for one in again.proposed] == [(bullet.id, bullet.held)]


def test_a_lost_lesson_that_was_retired_is_not_learned_again() -> None:
    _, first, _ = two()
    after = with_event(Playbook(), SetAside(bullets=(first.id,), adds=True))
    after = with_event(after, Retire(bullet=first.id, reason="harmful"))
    assert applied(rule("check the unit"), to=after).size == 0


def test_a_decision_made_in_knowledge_of_the_damage_ends_the_doubt() -> None:
    playbook, first, second = two()
    after = with_event(playbook, SetAside(bullets=(first.id,)))
    plain = Restore(bullet=first.id, revision=1, content="as told", status=Status.CANDIDATE, reason="seen")
    assert with_event(after, plain).active == (second,)
    informed = plain.model_copy(update={"despite": (after.set_aside[0].event_id,)})
    again = with_event(after, informed)
    assert [bullet.content for bullet in again.active] == ["as told", "round last"]
    assert again.set_aside == after.set_aside


def test_what_a_strategy_corrects_does_not_come_back_in_its_stead() -> None:
    playbook, first, second = two()
    corrected = second.model_copy(update={"supersedes": first.id})
    bullets = playbook.bullets.updated({second.id: corrected})
    playbook = Playbook(version=2, head=playbook.head, bullets=bullets, names=playbook.names)
    assert playbook.active == (corrected,)
    assert with_event(playbook, SetAside(bullets=(second.id,))).active == ()
