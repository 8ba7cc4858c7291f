"""Duplicates and contradictions in a playbook, and what was found about pairs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.ace.making import applied, delta, histories, rule, sealed
from tta_dev_primitives.ace.bullet import Bullet, Status, Trigger
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.contradictions import contradictions_of
from tta_dev_primitives.ace.delta import (
    AddBullet,
    AnyOperation,
    ImportBullet,
    KeepApart,
    MarkConflict,
    MergeBullets,
    Outcome,
    Result,
    RetireBullet,
    ReviseBullet,
    TagBullet,
)
from tta_dev_primitives.ace.diff import diff
from tta_dev_primitives.ace.duplicates import duplicates_of
from tta_dev_primitives.ace.events import Apart, Conflict, Pin, Recorded, Suspend, TagKind, encode, record
from tta_dev_primitives.ace.playbook import Playbook

APART = KeepApart(bullet="str-00001", other="str-00002", reason="they differ")
CONFLICT = MarkConflict(bullet="str-00001", other="str-00002", reason="opposites")
TWO = applied(rule("Pages start at 1."), rule("pages start at one"))


def get(playbook: Playbook, reference: str) -> Bullet:
    bullet = playbook.get(reference)
    assert bullet is not None
    return bullet


def only(playbook: Playbook, *operations: AnyOperation) -> Outcome:
    return playbook.apply(delta(*operations), at=1, run_id="r").outcomes[-1]


def merged(playbook: Playbook) -> Playbook:
    return applied(*duplicates_of(playbook), to=playbook)


def test_duplicates_merge_into_the_oldest_with_their_counts() -> None:
    playbook = applied(rule("In parcelo, pages start at 1."), rule("other"), to=TWO)
    playbook = applied(rule("The pages start at 1"), to=playbook)
    playbook = applied(TagBullet(bullet="str-00005", tag=TagKind.HELPFUL), to=playbook)

    after = merged(playbook)

    assert [bullet.alias for bullet in after.active] == ["str-00001", "str-00003", "str-00004"]
    assert get(after, "str-00005") == get(after, "str-00001")
    assert get(after, "str-00001").helpful == 1
    assert duplicates_of(after) == ()


def test_a_sealed_duplicate_keeps_its_line() -> None:
    after = merged(sealed(TWO, "str-00002"))
    assert [bullet.alias for bullet in after.active] == ["str-00002"]


@pytest.mark.parametrize("reference", ["str-00001", "str-00002"])
def test_a_pinned_bullet_is_not_merged(reference: str) -> None:
    pin = record(Pin(bullet=get(TWO, reference).id), at=TWO.next_at(1), run_id="r", actor="user")
    assert duplicates_of(TWO.extend([pin])) == ()


def test_what_is_kept_apart_or_no_longer_used_is_not_merged() -> None:
    assert duplicates_of(applied(APART, to=TWO)) == ()
    assert duplicates_of(applied(RetireBullet(bullet="str-00001", reason="harmful"), to=TWO)) == ()


def test_equal_programs_merge_and_broken_ones_do_not() -> None:
    def snippet(content: str) -> ImportBullet:
        return ImportBullet(kind=Kind.SNIPPET, content=content, trigger=Trigger(language="python"))

    book = applied(*map(snippet, ("f( 1 )", "f(1)  # once", "f(2)", "f(", "f (")))
    assert duplicates_of(book) == (
        MergeBullets(bullet=get(book, "str-00002").id, into=get(book, "str-00001").id),
    )


def test_lessons_learned_side_by_side_become_one() -> None:
    one = Playbook().apply(delta(rule("Pages start at 1.")), at=1, run_id="one")
    two = Playbook().apply(delta(rule("Always pages start at one")), at=2, run_id="two")
    both = Playbook.fold((*one.records, *two.records))
    assert [bullet.content for bullet in merged(both).active] == ["Pages start at 1."]


@given(histories())
@settings(max_examples=40)
def test_merging_duplicates_ends_and_is_all_applied(history: tuple[Recorded, ...]) -> None:
    playbook = Playbook.fold(history)
    playbook = applied(rule("Lesson 1!"), rule("the lesson two"), to=playbook)
    done = playbook.apply(delta(*duplicates_of(playbook)), at=1, run_id="r")
    assert all(outcome.result is Result.APPLIED for outcome in done.outcomes)
    assert duplicates_of(done.playbook) == ()


def test_contradictions_are_marked_and_both_kept() -> None:
    book = applied(rule("Pages start at 1."), rule("Rows start at 1."), rule("Pages start at 0."))
    book = applied(*contradictions_of(book), to=book)
    assert get(book, "str-00001").conflicts == (get(book, "str-00003").id,)
    assert get(book, "str-00003").conflicts == (get(book, "str-00001").id,)
    assert book.size == 3
    assert contradictions_of(book) == ()


def test_what_was_kept_apart_is_no_contradiction() -> None:
    book = applied(rule("Pages start at 1."), rule("Pages start at 0."), APART)
    assert contradictions_of(book) == ()
    assert get(book, "str-00001").apart == (get(book, "str-00002").id,)
    assert get(book, "str-00002").apart == (get(book, "str-00001").id,)


def test_snippets_do_not_contradict_each_other() -> None:
    book = applied(rule("return 1", Kind.SNIPPET), rule("return 2", Kind.SNIPPET))
    assert contradictions_of(book) == ()


def test_keeping_apart_is_noted_once_and_lifts_a_conflict() -> None:
    book = applied(CONFLICT, APART, to=TWO)
    assert all(bullet.conflicts == () and len(bullet.apart) == 1 for bullet in book.active)
    assert only(book, APART).result is Result.DUPLICATE
    other_way = KeepApart(bullet="str-00002", other="str-00001", reason="again")
    assert only(book, other_way).result is Result.DUPLICATE
    assert only(book, CONFLICT).result is Result.REJECTED
    assert "differs from str-00002 is known" in only(book, CONFLICT).reason
    assert only(book, KeepApart(bullet="str-00001", other="str-00001", reason="")).result is Result.REJECTED
    assert only(book, KeepApart(bullet="str-00001", other="none", reason="")).result is Result.REJECTED


def test_keeping_apart_wins_over_a_conflict_that_a_merge_brings() -> None:
    book = applied(
        rule("Call it."),
        rule("Never call it."),
        rule("Call it once."),
        KeepApart(bullet="str-00001", other="str-00002", reason=""),
        MarkConflict(bullet="str-00003", other="str-00002", reason=""),
        MergeBullets(bullet="str-00003", into="str-00001"),
    )
    assert [(bullet.conflicts, len(bullet.apart)) for bullet in book.active] == [((), 1), ((), 1)]


def test_in_a_history_keeping_apart_wins_over_a_conflict_in_either_order() -> None:
    one, two = (bullet.id for bullet in TWO.active)
    apart, conflict = Apart(bullet=one, other=two, reason=""), Conflict(bullet=two, other=one, reason="")
    orders: list[list[Apart | Conflict]] = [[apart, conflict], [conflict, apart]]
    for order in orders:
        records = (record(event, at=100 + n, run_id="r", actor="a") for n, event in enumerate(order))
        book = TWO.extend(records)
        assert [bullet.conflicts for bullet in book.active] == [(), ()]
        assert [len(bullet.apart) for bullet in book.active] == [1, 1]
    stale = record(Apart(bullet=one, other="none", reason=""), at=100, run_id="r", actor="a")
    assert TWO.extend([stale]).bullets == TWO.bullets


def test_a_merge_keeps_what_either_is_apart_from() -> None:
    book = applied(APART, rule("third"), MergeBullets(bullet="str-00001", into="str-00003"), to=TWO)
    assert book.compared(get(book, "str-00002"), get(book, "str-00003"))
    both = applied(MergeBullets(bullet="str-00001", into="str-00002"), to=applied(APART, to=TWO))
    assert both.active[0].apart == ()


def test_only_the_conflict_with_the_one_kept_apart_is_lifted() -> None:
    third = MarkConflict(bullet="str-00001", other="str-00003", reason="opposites")
    book = applied(rule("third"), CONFLICT, third, APART, to=TWO)
    assert get(book, "str-00001").conflicts == (get(book, "str-00003").id,)


def test_diff_shows_what_was_found_about_pairs() -> None:
    marked = applied(CONFLICT, to=TWO)
    assert [change.new.alias for change in diff(TWO, marked).conflicts] == ["str-00001", "str-00002"]
    assert [change.new.alias for change in diff(marked, applied(APART, to=marked)).apart] == [
        "str-00001",
        "str-00002",
    ]


def test_a_bullet_that_was_never_compared_is_written_as_before() -> None:
    event = TWO.apply(delta(rule("new")), at=1, run_id="r").records[0].event
    assert '"apart"' not in encode(event)
    assert '"same_as"' not in rule("new").model_dump_json(exclude_defaults=True)


def taken_for(content: str, reference: str) -> AddBullet:
    return rule(content).model_copy(update={"same_as": get(TWO, reference).id})


def test_a_lesson_taken_for_a_bullet_is_a_duplicate_while_that_says_so() -> None:
    lesson = taken_for("The pages start at 1", "str-00001")
    found = only(TWO, lesson)
    assert (found.result, found.reason) == (Result.DUPLICATE, "str-00001 says the same")
    revised = applied(ReviseBullet(bullet="str-00001", revision=1, content="Pages start at 7."), to=TWO)
    assert only(revised, lesson).result is Result.APPLIED
    assert only(Playbook(), lesson).result is Result.APPLIED


def test_a_retired_lesson_is_not_learned_again_in_other_words() -> None:
    retired = applied(RetireBullet(bullet="str-00001", reason="harmful"), to=TWO)
    found = only(retired, taken_for("The pages start at 1", "str-00001"))
    assert (found.result, found.reason) == (
        Result.REJECTED,
        "str-00001 was retired before and is not learned again",
    )
    suspend = Suspend(bullet=get(TWO, "str-00001").id, reason="harmful")
    suspended = TWO.extend([record(suspend, at=TWO.next_at(1), run_id="r", actor="a")])
    assert get(suspended, "str-00001").status is Status.SUSPENDED
    found = only(suspended, taken_for("The pages start at 1", "str-00001"))
    assert (found.result, found.reason) == (
        Result.DUPLICATE,
        "str-00001 says the same and is suspended",
    )
