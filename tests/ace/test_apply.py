from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.ace.making import applied, delta, deltas, histories, provenance, rule, sealed
from tta_dev_primitives.ace.bullet import Bullet, Provenance, Status, Trigger
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import (
    AddBullet,
    AnyOperation,
    Delta,
    ImportBullet,
    MarkConflict,
    MergeBullets,
    Outcome,
    Result,
    RetireBullet,
    ReviseBullet,
    TagBullet,
)
from tta_dev_primitives.ace.events import Pin, Recorded, Retire, TagKind, record
from tta_dev_primitives.ace.playbook import Playbook


def outcomes(playbook: Playbook, *operations: AnyOperation) -> tuple[Outcome, ...]:
    return playbook.apply(delta(*operations), at=1, run_id="r").outcomes


def only(playbook: Playbook, *operations: AnyOperation) -> Outcome:
    return outcomes(playbook, *operations)[-1]


def get(playbook: Playbook, reference: str) -> Bullet:
    bullet = playbook.get(reference)
    assert bullet is not None
    return bullet


def by_a_person(operation: AnyOperation, *, to: Playbook) -> Playbook:
    """Return the playbook after an operation that no model asks for: those may do less."""
    source = Provenance(task_id="review", run_id="r", model="", actor="user", origin="user")
    return to.apply(Delta(operations=(operation,), provenance=source), at=1, run_id="r").playbook


TWO = applied(rule("first"), rule("second"))


def test_an_added_bullet_is_a_candidate_with_its_provenance() -> None:
    trigger = Trigger(language="python", libraries=("httpx", "httpx", " "), keywords=("a\u200bb",))
    playbook = applied(AddBullet(kind=Kind.API_FACT, content=" Pages  start at 1 ", trigger=trigger))
    bullet = get(playbook, "str-00001")
    assert (bullet.content, bullet.kind, bullet.status) == (
        "Pages start at 1",
        Kind.API_FACT,
        Status.CANDIDATE,
    )
    assert bullet.trigger == Trigger(language="python", libraries=("httpx",), keywords=("ab",))
    assert (bullet.provenance, bullet.revision, bullet.helpful) == (provenance(), 1, 0)
    assert playbook.active == (bullet,)
    assert (playbook.size, playbook.core, playbook.version) == (1, (), 1)


def test_a_bad_operation_does_not_spoil_its_batch() -> None:
    found = outcomes(
        Playbook(),
        rule("one\ntwo"),
        rule("good"),
        TagBullet(bullet="str-99999", tag=TagKind.HELPFUL),
        rule("fine", domain="No Slug"),
        AddBullet(kind=Kind.RULE, content="x", trigger=Trigger(keywords=("k",) * 9, libraries=("l" * 300,))),
        AddBullet(kind=Kind.RULE, content="x", trigger=Trigger(keywords=tuple(map(str, range(17))))),
        rule("also good"),
    )
    assert [item.result for item in found] == ["rejected", "applied", *["rejected"] * 4, "applied"]
    assert all(item.reason for item in found if item.result is Result.REJECTED)


def test_the_same_lesson_is_a_duplicate_however_it_is_written() -> None:
    found = only(applied(rule("Use UTC")), rule("use  utc"))
    assert (found.result, found.reason) == (Result.DUPLICATE, "str-00001 says the same")


def test_at_most_five_bullets_a_delta() -> None:
    playbook = Playbook().apply(delta(*(rule(f"lesson {n}") for n in range(7))), at=1, run_id="r")
    assert playbook.playbook.size == 5
    assert [item.result for item in playbook.outcomes][5:] == [Result.REJECTED] * 2
    assert "at most 5" in playbook.outcomes[6].reason


def test_rewording_counts_as_well() -> None:
    playbook = applied(*(rule(f"lesson {n}") for n in range(5)))
    edits = [ReviseBullet(bullet=f"str-0000{n}", revision=1, content=f"better {n}") for n in range(1, 6)]
    found = outcomes(playbook, rule("new"), *edits)
    assert [item.result for item in found] == [*[Result.APPLIED] * 5, Result.REJECTED]


def test_an_import_is_not_limited_and_brings_its_counts() -> None:
    added = [ImportBullet(kind=Kind.RULE, content=f"lesson {n}", helpful=n) for n in range(9)]
    validated = ImportBullet(kind=Kind.RULE, content="proven", status=Status.VALIDATED)
    retired = ImportBullet(kind=Kind.RULE, content="bad", status=Status.RETIRED)
    playbook = applied(*added, validated, retired)
    assert (playbook.size, get(playbook, "str-00009").helpful) == (10, 8)
    assert get(playbook, "str-00010").status is Status.CANDIDATE
    assert "retired before" in only(playbook, rule("bad")).reason


def test_a_retired_lesson_is_not_learned_again() -> None:
    playbook = applied(RetireBullet(bullet="str-00001", reason="harmful"), to=TWO)
    found = only(playbook, rule("FIRST"))
    assert found.result is Result.REJECTED
    assert "retired before" in found.reason
    assert [b.content for b in playbook.active] == ["second"]
    assert only(playbook, RetireBullet(bullet="str-00001", reason="again")).result is Result.DUPLICATE
    assert "is retired" in only(playbook, ReviseBullet(bullet="str-00001", revision=1, content="x")).reason


def test_a_revision_keeps_the_id_and_both_wordings_are_known() -> None:
    playbook = applied(ReviseBullet(bullet="[str-00001]", revision=1, content="first, reworded"), to=TWO)
    bullet = get(playbook, "str-00001")
    assert (bullet.content, bullet.revision, bullet.id) == ("first, reworded", 2, get(TWO, "str-00001").id)
    assert only(playbook, rule("first")).bullet_id == bullet.id
    assert only(playbook, rule("First, Reworded")).result is Result.DUPLICATE


def test_an_edit_of_an_older_revision_is_a_conflict_that_shows_the_newer_wording() -> None:
    playbook = applied(ReviseBullet(bullet="str-00001", revision=1, content="mine"), to=TWO)
    found = only(playbook, ReviseBullet(bullet="str-00001", revision=1, content="yours"))
    assert found.result is Result.REJECTED
    assert "revision 2, not 1" in found.reason
    assert "'mine'" in found.reason


def test_revising_into_another_bullet_is_refused() -> None:
    found = only(TWO, ReviseBullet(bullet="str-00001", revision=1, content="second"))
    assert "merge the two" in found.reason
    gone = applied(RetireBullet(bullet="str-00002", reason="r"), to=TWO)
    assert (
        "retired before" in only(gone, ReviseBullet(bullet="str-00001", revision=1, content="second")).reason
    )
    assert only(TWO, ReviseBullet(bullet="str-00001", revision=1, content="first")).result is Result.DUPLICATE
    assert "one line" in only(TWO, ReviseBullet(bullet="str-00001", revision=1, content="a\nb")).reason
    assert "no bullet" in only(TWO, ReviseBullet(bullet="str-9", revision=1, content="a")).reason


def test_only_the_case_may_be_revised() -> None:
    playbook = applied(ReviseBullet(bullet="str-00001", revision=1, content="First"), to=TWO)
    assert get(playbook, "str-00001").content == "First"


def test_a_bullet_is_worded_once_a_delta() -> None:
    twice = [ReviseBullet(bullet="str-00001", revision=n, content=f"wording {n}") for n in (1, 2)]
    assert "by this delta already" in only(TWO, *twice).reason


def test_a_sealed_bullet_is_superseded_not_edited() -> None:
    playbook = sealed(TWO, "str-00001")
    playbook = applied(ReviseBullet(bullet="str-00001", revision=1, content="better"), to=playbook)
    assert [b.content for b in playbook.core] == ["first"]
    assert [b.content for b in playbook.active] == ["second", "better"]
    newer = get(playbook, "str-00003")
    assert newer.supersedes == get(playbook, "str-00001").id
    again = only(playbook, ReviseBullet(bullet="str-00001", revision=1, content="better"))
    assert (again.result, again.bullet_id) == (Result.DUPLICATE, newer.id)
    playbook = sealed(playbook, "str-00003")
    assert [(b.content, b.sealed) for b in playbook.core] == [("first", 0), ("better", 1)]
    playbook = by_a_person(RetireBullet(bullet="str-00003", reason="worse"), to=playbook)
    assert [b.content for b in playbook.active] == ["first", "second"]


def test_a_merge_adds_the_counts_and_leads_on() -> None:
    playbook = applied(TagBullet(bullet="str-00001", tag=TagKind.HELPFUL), to=TWO)
    playbook = applied(MergeBullets(bullet="str-00001", into="str-00002", content="both"), to=playbook)
    bullet = get(playbook, "str-00001")
    assert (bullet.alias, bullet.content, bullet.helpful, playbook.size) == ("str-00002", "both", 1, 1)
    assert only(playbook, rule("first")).result is Result.DUPLICATE
    assert (
        "merged into str-00002"
        in only(playbook, ReviseBullet(bullet="str-00001", revision=1, content="x")).reason
    )
    assert only(playbook, MergeBullets(bullet="str-00001", into="str-00002")).result is Result.DUPLICATE
    assert only(playbook, MergeBullets(bullet="str-00001", into="str-7")).result is Result.REJECTED
    assert only(playbook, MergeBullets(bullet="str-7", into="str-00001")).result is Result.REJECTED


def test_a_merge_may_take_either_wording() -> None:
    kept = applied(MergeBullets(bullet="str-00001", into="str-00002", content="second"), to=TWO)
    assert [b.content for b in kept.active] == ["second"]
    other = only(TWO, MergeBullets(bullet="str-00001", into="str-00002", content="first"))
    assert other.result is Result.APPLIED
    given = applied(MergeBullets(bullet="str-00001", into="str-00002", content="First"), to=TWO)
    assert [b.content for b in given.active] == ["First"]
    core = sealed(TWO, "str-00002")
    assert "sealed" in only(core, MergeBullets(bullet="str-00001", into="str-00002", content="first")).reason
    assert "tokens" in only(TWO, MergeBullets(bullet="str-00001", into="str-00002", content="x" * 999)).reason


def test_a_merge_into_a_third_wording_is_refused() -> None:
    three = applied(rule("third"), to=TWO)
    found = only(three, MergeBullets(bullet="str-00001", into="str-00002", content="third"))
    assert "merge the two" in found.reason


def test_merging_into_a_sealed_bullet_makes_a_successor() -> None:
    playbook = sealed(TWO, "str-00002")
    playbook = applied(MergeBullets(bullet="str-00001", into="str-00002", content="both"), to=playbook)
    assert [b.content for b in playbook.active] == ["both"]
    assert [b.content for b in playbook.core] == ["second"]
    assert get(playbook, "str-00001").content == "both"


def test_a_merged_sealed_bullet_keeps_its_line() -> None:
    playbook = by_a_person(MergeBullets(bullet="str-00001", into="str-00002"), to=sealed(TWO, "str-00001"))
    assert [b.content for b in playbook.core] == ["first"]
    assert [b.content for b in playbook.active] == ["second"]


def test_conflicts_are_noted_once() -> None:
    note = MarkConflict(bullet="str-00001", other="str-00002", reason="opposites")
    playbook = applied(note, to=TWO)
    assert get(playbook, "str-00001").conflicts == (get(playbook, "str-00002").id,)
    assert get(playbook, "str-00002").conflicts == (get(playbook, "str-00001").id,)
    assert only(playbook, note).result is Result.DUPLICATE
    other_way = MarkConflict(bullet="str-00002", other="str-00001", reason="opposites")
    assert only(playbook, other_way).result is Result.DUPLICATE
    assert only(TWO, MarkConflict(bullet="str-00001", other="str-00001", reason="")).result is Result.REJECTED
    assert only(TWO, MarkConflict(bullet="str-00001", other="nothing", reason="")).result is Result.REJECTED
    assert only(TWO, MarkConflict(bullet="nothing", other="str-00001", reason="")).result is Result.REJECTED


@pytest.mark.parametrize("tag", TagKind)
def test_a_tag_counts_once_an_episode(tag: TagKind) -> None:
    playbook = applied(TagBullet(bullet="str-00001", tag=tag), to=TWO)
    assert getattr(get(playbook, "str-00001"), tag.value) == 1
    assert only(playbook, TagBullet(bullet="str-00001", tag=tag)).result is Result.DUPLICATE
    other = Delta(
        operations=(TagBullet(bullet="str-00001", tag=tag),), provenance=provenance(), episode_id="another"
    )
    again = playbook.apply(other, at=1, run_id="r").playbook
    assert getattr(get(again, "str-00001"), tag.value) == 2


def test_a_pinned_bullet_is_not_for_models_to_change() -> None:
    pin = record(Pin(bullet=get(TWO, "str-00001").id), at=9, run_id="r", actor="user")
    playbook = TWO.extend([pin])
    edits: list[AnyOperation] = [
        RetireBullet(bullet="str-00001", reason="no"),
        ReviseBullet(bullet="str-00001", revision=1, content="no"),
        MergeBullets(bullet="str-00001", into="str-00002"),
        MergeBullets(bullet="str-00002", into="str-00001"),
    ]
    assert all("pinned" in item.reason for item in outcomes(playbook, *edits))
    retired = playbook.extend([_retire(playbook, at=10)])
    assert get(retired, "str-00001").status is Status.RETIRED


def _retire(playbook: Playbook, *, at: int) -> Recorded:
    bullet = get(playbook, "str-00001")
    return record(Retire(bullet=bullet.id, reason="the user says so"), at=at, run_id="r", actor="user")


def test_records_are_later_than_what_is_there_even_if_the_clock_goes_back() -> None:
    first = Playbook().apply(delta(rule("a"), rule("b")), at=100, run_id="r")
    second = first.playbook.apply(delta(rule("c")), at=5, run_id="r")
    assert [item.at for item in (*first.records, *second.records)] == [100, 101, 102]
    assert Playbook.fold((*second.records, *first.records)) == second.playbook


@given(histories(), deltas)
@settings(max_examples=300)
def test_applying_again_what_was_applied_changes_nothing(history: tuple[Recorded, ...], part: Delta) -> None:
    once = Playbook.fold(history).apply(part, at=1, run_id="r")
    assert len(once.outcomes) == len(part.operations)
    accepted = tuple(item.operation for item in once.outcomes if item.result is not Result.REJECTED)
    twice = once.playbook.apply(part.model_copy(update={"operations": accepted}), at=2, run_id="r")
    assert twice.records == ()
    assert twice.playbook is once.playbook


@given(histories(), deltas)
def test_the_records_are_the_change(history: tuple[Recorded, ...], part: Delta) -> None:
    playbook = Playbook.fold(history)
    once = playbook.apply(part, at=1, run_id="r")
    assert playbook.extend(once.records) == once.playbook
    assert Playbook.fold((*history, *once.records)) == once.playbook
