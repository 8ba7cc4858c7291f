from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ace.evidence.making import book, bullet_of, choice, episode
from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.episode import Episode
from tta_dev_primitives.ace.events import Promote
from tta_dev_primitives.ace.evidence import NO_BELIEFS
from tta_dev_primitives.ace.evidence.ledger import beliefs_of
from tta_dev_primitives.ace.experience import Experience
from tta_dev_primitives.ace.options import AceOptions, ace_faithful

BOOK = book("first lesson")
ONE = bullet_of(BOOK, "str-00001").id
OPTIONS = AceOptions(decide_every=10)


def run(number: int) -> Episode:
    """Return a run that succeeds if and only if the bullet is in it."""
    return episode(f"e{number}", [choice(ONE, included=number % 2 == 0)], success=number % 2 == 0)


RUNS = [run(number) for number in range(25)]


def test_beliefs_change_with_every_tenth_episode_only() -> None:
    experience = Experience.of(OPTIONS)
    seen = [experience.beliefs(BOOK)]
    for one in RUNS:
        experience = experience.extended([one])
        seen.append(experience.beliefs(BOOK))

    assert seen[:10] == [NO_BELIEFS] * 10
    assert seen[10:20] == [beliefs_of(BOOK, RUNS[:10])] * 10
    assert seen[20:] == [beliefs_of(BOOK, RUNS[:20])] * 6


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 25), max_size=4), st.sampled_from([0, 1, 3, 10]))
def test_whoever_reads_the_same_store_knows_the_same(cuts: list[int], every: int) -> None:
    options = AceOptions(decide_every=every)
    parts = Experience.of(options)
    ends = [*sorted(cuts), len(RUNS)]
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        parts = parts.extended(RUNS[start:end])

    assert parts == Experience.of(options).extended(RUNS)


def test_decisions_are_due_with_every_tenth_episode() -> None:
    experience = Experience.of(OPTIONS)
    due = list[bool]()
    for one in RUNS:
        due.append(experience.due)
        experience = experience.extended([one])

    assert [number for number, one in enumerate(due) if one] == [9, 19]


def test_what_is_decided_counts_the_episode_that_comes_with_it() -> None:
    before = Experience.of(OPTIONS).extended(RUNS[:19])
    (promoted,) = before.decided(RUNS[19], BOOK).decisions

    assert isinstance(promoted, Promote)
    assert promoted.status is Status.VALIDATED
    assert promoted.evidence is not None
    assert promoted.evidence.window == 20


def test_the_window_is_that_of_the_options() -> None:
    experience = Experience.of(AceOptions(decide_every=1, window=7)).extended(RUNS)

    assert experience.beliefs(BOOK).window == 7


def test_the_published_algorithm_decides_nothing_and_believes_nothing() -> None:
    experience = Experience.of(ace_faithful()).extended(RUNS)

    assert not experience.due
    assert experience.record.seen == 25
    assert experience.beliefs(BOOK) == NO_BELIEFS
