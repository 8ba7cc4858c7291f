"""Shares of a prompt's places, and what a poisoned run can push out of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.ace.loop.making import PROVENANCE, playbook, task
from tta_dev_primitives.ace.bullet import Bullet, Status
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import AddBullet, Delta
from tta_dev_primitives.ace.options import AceOptions
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.selection import select
from tta_dev_primitives.ace.shares import Shares, shared_out

_SHARES = Shares(source=1 / 3, candidates=2 / 3)
_STUFFED = "pandas csv read parse missing values outlier fast clean dataframe"


def bullets(*sources: tuple[str, Status]) -> list[Bullet]:
    made = playbook(*(f"Lesson {number}." for number in range(len(sources)))).active
    return [
        bullet.model_copy(
            update={"status": status, "provenance": bullet.provenance.model_copy(update={"run_id": run})}
        )
        for bullet, (run, status) in zip(made, sources, strict=True)
    ]


def flooded(honest: int) -> Playbook:
    """Return a playbook where one run brought five stuffed strategies, and others one each."""
    book = playbook()
    runs = [("bad", tuple(f"{_STUFFED} {word} {_STUFFED}" for word in ("a", "b", "c", "d", "e")))]
    runs += [(f"run {number}", (f"Read csv number {number} by chunks.",)) for number in range(honest)]
    for run, contents in runs:
        adds = tuple(AddBullet(kind=Kind.RULE, content=content) for content in contents)
        provenance = PROVENANCE.model_copy(update={"run_id": run})
        book = book.apply(
            Delta(operations=adds, provenance=provenance), at=book.next_at(1), run_id=run
        ).playbook
    return book


def test_one_poisoned_run_takes_a_third_of_the_places_where_others_are_relevant() -> None:
    options = AceOptions(whole_below=0, inclusion=1.0, hold_out=0.0)
    asked = task(task="Process a CSV with missing values and outliers: read, parse, clean")

    shown = select(flooded(honest=8), asked, options).retrieved

    assert len(shown) == 6
    assert sum("outlier" in bullet.content for bullet in shown) == 2


def test_no_place_stays_empty_where_nothing_else_is_relevant() -> None:
    options = AceOptions(whole_below=0, inclusion=1.0, hold_out=0.0)

    assert len(select(flooded(honest=0), task(task="read csv values"), options).retrieved) == 5


def test_candidates_leave_places_to_the_validated_ones_that_are_relevant() -> None:
    ranked = bullets(*((f"run {n}", Status.CANDIDATE) for n in range(6)), ("old", Status.VALIDATED))

    chosen = shared_out(ranked, 6, _SHARES)

    assert ranked[-1] in chosen
    assert chosen[:4] == ranked[:4]


def test_what_proved_itself_counts_for_no_source() -> None:
    ranked = bullets(*[("one", Status.VALIDATED)] * 4, *[("two", Status.CANDIDATE)] * 2)

    assert shared_out(ranked, 6, _SHARES) == ranked


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from([Status.CANDIDATE, Status.VALIDATED])), max_size=20
    ),
    st.integers(1, 8),
)
def test_as_many_as_there_are_places_and_the_most_relevant_is_always_in(
    sources: list[tuple[str, Status]], places: int
) -> None:
    ranked = bullets(*sources)
    chosen = shared_out(ranked, places, _SHARES)

    assert len(chosen) == min(places, len(ranked))
    assert len(set(chosen)) == len(chosen)
    assert chosen[:1] == ranked[:1]
