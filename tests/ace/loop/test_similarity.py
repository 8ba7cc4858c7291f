from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ace.loop.making import PROVENANCE, playbook
from tests.ace.making import applied, operations, sealed
from tta_dev_primitives.ace.bullet import NO_TRIGGER, Trigger
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import (
    AddBullet,
    AnyOperation,
    Delta,
    MergeBullets,
    RetireBullet,
    ReviseBullet,
)
from tta_dev_primitives.ace.events import Forget, record
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.similarity import Neighbours

BOOK = playbook(
    "Call `session.renew()` after `BusyError`, then repeat the read.",
    "Parcel weights are tenths of an ounce.",
    "Page numbers start at seven.",
)


def lesson(content: str, trigger: Trigger = NO_TRIGGER) -> AddBullet:
    return AddBullet(kind=Kind.RULE, content=content, trigger=trigger)


def near(content: str, book: Playbook, trigger: Trigger = NO_TRIGGER) -> list[str]:
    neighbours = Neighbours()
    neighbours.follow(book)
    return [bullet.alias for bullet in neighbours.near(lesson(content, trigger))]


def after(book: Playbook, *operations: AnyOperation) -> Playbook:
    delta = Delta(operations=operations, provenance=PROVENANCE)
    return book.apply(delta, at=1, run_id="r").playbook


def test_a_paraphrase_with_the_same_names_is_near() -> None:
    assert near("When BusyError comes up, first use session.renew and read again.", BOOK) == ["str-00001"]


def test_an_unrelated_lesson_is_near_to_nothing() -> None:
    assert near("Close the depot's ledger before midnight.", BOOK) == []


def test_the_same_error_signature_makes_near() -> None:
    trigger = Trigger(error_signatures=("PageError",))
    book = applied(lesson("Pages start at seven.", trigger))

    assert near("Something worded quite differently.", book, trigger) == ["str-00001"]
    assert near("Something worded quite differently.", book) == []


def test_the_nearest_comes_first_and_shared_names_after_similar_texts() -> None:
    book = playbook(
        "Weights from `parcel.weigh` are grams, and `parcel.pack` wants them that way round.",
        "Parcel weights are tenths of an ounce, not grams.",
        "Parcel weights are tenths of an ounce.",
    )

    assert near("Parcel weights are tenths of an ounce: see parcel.weigh", book) == [
        "str-00003",
        "str-00002",
        "str-00001",
    ]


def test_a_sealed_bullet_that_was_corrected_is_not_near() -> None:
    book = sealed(BOOK, "str-00003")
    book = after(book, ReviseBullet(bullet="str-00003", revision=1, content="Page numbers start at eight."))

    assert near("Page numbers start at six.", book) == ["str-00004"]


@pytest.mark.parametrize(
    ("operation", "found"),
    [
        (ReviseBullet(bullet="str-00003", revision=1, content="Close the ledger."), []),
        (MergeBullets(bullet="str-00003", into="str-00002"), []),
        (RetireBullet(bullet="str-00003", reason="harmful"), ["str-00003"]),
        (lesson("Page numbers start at eight."), ["str-00003", "str-00004"]),
    ],
)
def test_an_index_follows_the_playbook(operation: AnyOperation, found: list[str]) -> None:
    neighbours = Neighbours()
    neighbours.follow(BOOK)
    neighbours.follow(after(BOOK, operation))

    assert sorted(bullet.alias for bullet in neighbours.near(lesson("Page numbers start at six."))) == found
    neighbours.follow(BOOK)
    assert [b.alias for b in neighbours.near(lesson("Page numbers start at six."))] == ["str-00003"]


def test_what_is_forgotten_is_not_near() -> None:
    bullet = BOOK.active[2]
    forget = record(Forget(bullet=bullet.id, reason="asked"), at=BOOK.next_at(1), run_id="r", actor="user")

    assert near("Page numbers start at six.", BOOK.extend([forget])) == []


def test_an_index_that_saw_many_wordings_still_finds_the_latest_only() -> None:
    neighbours, book = Neighbours(), BOOK
    for revision in range(1, 9):
        content = f"Page numbers start at {revision}, whatever the manual says."
        book = after(book, ReviseBullet(bullet="str-00003", revision=revision, content=content))
        neighbours.follow(book)
    (found,) = islice(neighbours.near(lesson("Page numbers start at 2, whatever the manual says.")), 5)

    assert found.content == "Page numbers start at 8, whatever the manual says."


@given(st.lists(operations, min_size=1, max_size=12), st.sampled_from(["lesson 1", "a lesson", "lesson 5!"]))
@settings(max_examples=40, deadline=None)
def test_an_index_that_is_kept_finds_what_one_made_anew_finds(
    changes: list[AnyOperation], content: str
) -> None:
    kept, books = Neighbours(), [Playbook()]
    for operation in changes:
        books.append(after(books[-1], operation))
    for book in (*books, *reversed(books)):
        kept.follow(book)
        assert [bullet.alias for bullet in kept.near(lesson(content))] == near(content, book)
