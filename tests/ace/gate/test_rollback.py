"""Undoing what was learned, in whole and in parts."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ace.making import applied, delta, histories, rule, sealed
from tta_dev_primitives.ace.bullet import Bullet, Status
from tta_dev_primitives.ace.delta import (
    AnyOperation,
    MarkConflict,
    MergeBullets,
    RetireBullet,
    ReviseBullet,
    TagBullet,
)
from tta_dev_primitives.ace.events import (
    Forget,
    Gated,
    GateResult,
    Pin,
    PlaybookEvent,
    Promote,
    Recorded,
    Restore,
    Retire,
    TagKind,
    record,
)
from tta_dev_primitives.ace.gate import rollback
from tta_dev_primitives.ace.gate.changes import Course, learned
from tta_dev_primitives.ace.gate.rollback import contents_digest
from tta_dev_primitives.ace.playbook import Playbook

TWO = applied(rule("first"), rule("second"))


def after(playbook: Playbook, *events: PlaybookEvent, actor: str = "gate") -> Playbook:
    at = playbook.next_at(1)
    return playbook.extend(record(e, at=at + n, run_id="r", actor=actor) for n, e in enumerate(events))


def undone(current: Playbook, before: Playbook) -> Playbook:
    return after(current, *rollback(current, before))


def get(playbook: Playbook, reference: str) -> Bullet:
    return playbook.bullets[playbook.names.get(reference, reference)]


def texts(playbook: Playbook) -> list[str]:
    return [bullet.content for bullet in playbook.active]


def in_use(playbook: Playbook) -> list[tuple[str, str, Status]]:
    return [(bullet.id, bullet.content, bullet.status) for bullet in playbook.active]


@given(histories(), st.integers(0, 40))
@settings(max_examples=150)
def test_after_a_rollback_the_bullets_in_use_are_those_of_the_champion(
    history: tuple[Recorded, ...], at: int
) -> None:
    champion, current = Playbook.fold(history[:at]), Playbook.fold(history)
    found = undone(current, champion)
    kept = {bullet.id for bullet in current.bullets.values() if bullet.sealed is not None}
    assert [each for each in in_use(found) if each[0] not in kept] == [
        each for each in in_use(champion) if each[0] not in kept
    ]
    if not kept:
        assert contents_digest(found) == contents_digest(champion)
    assert rollback(found, champion) == ()


@given(histories(decided=False), st.integers(0, 40))  # what evidence decides is not the gate's to undo
@settings(max_examples=60)
def test_undoing_every_change_is_the_same(history: tuple[Recorded, ...], at: int) -> None:
    base, records = Playbook.fold(history[:at]), history[at:]
    course, current = Course.of(base, records), Playbook.fold(history)
    assert in_use(course.without(current, course.changes)) == in_use(undone(current, base))
    assert in_use(course.with_only([])) == in_use(base)
    assert in_use(course.with_only(course.changes)) == in_use(current)


def test_an_undone_merge_leaves_neither_counts_nor_conflicts_behind() -> None:
    before = applied(
        rule("third"),
        TagBullet(bullet="str-00001", tag=TagKind.HELPFUL),
        MarkConflict(bullet="str-00001", other="str-00003", reason=""),
        to=TWO,
    )
    merge = MergeBullets(bullet="str-00001", into="str-00002")
    merged = applied(merge, to=before)
    found = undone(merged, before)
    for name in ("str-00001", "str-00002", "str-00003"):
        now, then = get(found, name), get(before, name)
        assert (now.helpful, now.conflicts) == (then.helpful, then.conflicts)
    assert get(applied(merge, to=found), "str-00002").helpful == 1

    also = applied(MarkConflict(bullet="str-00002", other="str-00003", reason=""), to=before)
    kept = undone(applied(merge, to=also), also)
    assert get(kept, "str-00002").conflicts == get(also, "str-00002").conflicts != ()


def course(*operations: AnyOperation) -> tuple[Course, Playbook]:
    records: list[Recorded] = []
    playbook = TWO
    for operation in operations:
        done = playbook.apply(delta(operation), at=1, run_id="r")
        playbook = done.playbook
        records.extend(done.records)
    return Course.of(TWO, records), playbook


def without(number: int, *operations: AnyOperation) -> list[str]:
    found, playbook = course(*operations)
    return texts(found.without(playbook, [found.changes[number]]))


def test_each_kind_of_change_can_be_undone_by_itself() -> None:
    revise = ReviseBullet(bullet="str-00001", revision=1, content="first, reworded")
    again = ReviseBullet(bullet="str-00001", revision=2, content="first, once more")
    merge = MergeBullets(bullet="str-00002", into="str-00001")
    retire = RetireBullet(bullet="str-00002", reason="harmful")
    assert without(0, rule("third"), rule("fourth")) == ["first", "second", "fourth"]
    assert without(0, revise, rule("third")) == ["first", "second", "third"]
    assert without(1, revise, again) == ["first, reworded", "second"]
    assert without(0, revise, again) == ["first", "second"]
    assert without(0, merge, rule("third")) == ["first", "second", "third"]
    assert without(0, retire, rule("third")) == ["first", "second", "third"]


def test_a_merge_and_its_wording_are_one_change() -> None:
    merge = MergeBullets(bullet="str-00002", into="str-00001", content="both")
    found, playbook = course(merge, rule("third"))
    assert [change.event for change in found.changes] == ["revise", "add"]
    assert texts(playbook) == ["both", "third"]
    assert texts(found.without(playbook, found.changes[:1])) == ["first", "second", "third"]
    assert texts(found.with_only(found.changes[1:])) == ["first", "second", "third"]
    assert learned(found.records) == 2


def test_the_successor_of_a_sealed_bullet_gives_way_to_it_again() -> None:
    core = sealed(TWO, "str-00001")
    revised = applied(ReviseBullet(bullet="str-00001", revision=1, content="better"), to=core)
    assert texts(revised) == ["second", "better"]
    assert texts(undone(revised, core)) == ["first", "second"]


def test_the_wording_of_what_was_sealed_since_stays() -> None:
    reworded = applied(ReviseBullet(bullet="str-00001", revision=1, content="reworded"), to=TWO)
    assert texts(undone(sealed(reworded, "str-00001"), TWO)) == ["reworded", "second"]


def test_what_was_undone_is_not_learned_again() -> None:
    third = applied(rule("third"), to=TWO)
    back = undone(third, TWO)
    (outcome,) = back.apply(delta(rule("Third")), at=1, run_id="r").outcomes
    assert outcome.reason == "str-00003 says the same and is suspended"


def test_what_was_undone_before_is_no_change_any_more() -> None:
    found, playbook = course(rule("third"), rule("fourth"))
    gated = Gated(version=4, contents="", result=GateResult.ROLLED_BACK, undone=(found.changes[0].event_id,))
    events: list[PlaybookEvent] = [*found.undo(playbook, found.changes[:1]), gated]
    at = playbook.next_at(1)
    undoing = [record(e, at=at + n, run_id="r", actor="gate") for n, e in enumerate(events)]
    later = Course.of(TWO, [*found.records, *undoing])
    assert [change.bullet for change in later.changes] == [get(playbook, "str-00004").id]
    assert texts(later.with_only(later.changes)) == ["first", "second", "fourth"]


def test_what_a_person_pinned_or_erased_is_left_alone() -> None:
    three = applied(rule("third"), ReviseBullet(bullet="str-00001", revision=1, content="reworded"), to=TWO)
    one, _, third = (bullet.id for bullet in three.bullets.values())
    pinned = after(three, Pin(bullet=one), Pin(bullet=third))
    assert rollback(pinned, TWO) == ()
    erased = after(three, Forget(bullet=one, reason="asked"))
    assert [event.type for event in rollback(erased, TWO)] == ["suspend"]


def test_what_evidence_or_a_person_decides_is_no_change() -> None:
    retire = Retire(bullet=get(TWO, "str-00002").id, reason="P(harm) > .95")
    promote = Promote(bullet=get(TWO, "str-00001").id, status=Status.VALIDATED)
    decisions: list[PlaybookEvent] = [retire, promote]
    records = [record(e, at=100 + n, run_id="r", actor="playbox") for n, e in enumerate(decisions)]
    assert Course.of(TWO, records).changes == ()
    assert learned(records) == 0


def restore(**changes: object) -> Restore:
    bullet = get(TWO, "str-00001")
    fields = {"bullet": bullet.id, "revision": 1, "content": "first", "status": Status.VALIDATED}
    return Restore.model_validate({**fields, "reason": "", **changes})


def first(*events: PlaybookEvent) -> Bullet:
    return get(after(TWO, *events), "str-00001")


def test_restoring_gives_back_what_was_and_is_never_stale() -> None:
    assert (first(restore()).status, first(restore()).revision) == (Status.VALIDATED, 1)
    assert (first(restore(content="old")).content, first(restore(content="old")).revision) == ("old", 2)
    assert first(restore(revision=2)) == first()
    assert first(restore(bullet="nothing")) == first()
    gone = Forget(bullet=get(TWO, "str-00001").id, reason="asked")
    assert first(gone, restore()) == first(gone)


def test_both_wordings_of_what_was_restored_are_known() -> None:
    old = after(TWO, restore(content="an older wording"))
    for wording in ("first", "an older wording"):
        (outcome,) = old.apply(delta(rule(wording)), at=1, run_id="r").outcomes
        assert outcome.result == "duplicate"


def gate(result: GateResult, version: int) -> Gated:
    return Gated(version=version, contents="digest", result=result)


def test_the_champion_is_what_was_accepted_last() -> None:
    accepted, kept = gate(GateResult.ACCEPTED, 2), gate(GateResult.KEPT, 3)
    playbook = after(TWO, accepted, kept)
    assert (playbook.champion, playbook.gated) == (accepted, kept)
    assert playbook.bullets == TWO.bullets
    assert (TWO.champion, TWO.gated) == (None, None)


@given(histories())
@settings(max_examples=30)
def test_equal_bullets_have_an_equal_digest_whatever_their_history(history: Sequence[Recorded]) -> None:
    playbook = Playbook.fold(history)
    marked = after(playbook, gate(GateResult.KEPT, 1))
    assert contents_digest(marked) == contents_digest(playbook)
    assert contents_digest(applied(rule("something new"), to=playbook)) != contents_digest(playbook)
