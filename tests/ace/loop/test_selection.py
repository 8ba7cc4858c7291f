from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ace.loop.making import playbook, task
from tta_dev_primitives.ace.content import tokens
from tta_dev_primitives.ace.events import Revise, Seal, record
from tta_dev_primitives.ace.evidence import Belief, Beliefs
from tta_dev_primitives.ace.options import AceOptions, ace_faithful
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.selection import select
from tta_dev_primitives.core.errors import ConfigurationError

CERTAIN = AceOptions(inclusion=1.0, hold_out=0.0)
BOOK = playbook(
    "Sessions of the parcel library must be renewed.",
    "Parcel weights are in ounces.",
    "Dates in the tide tables start at one.",
)


def test_bullets_that_share_no_word_with_the_task_stay_out() -> None:
    chosen = select(BOOK, task(task="Add up parcel weights."), CERTAIN)

    assert [bullet.alias for bullet in chosen.retrieved] == ["str-00001", "str-00002"]
    assert all(choice.included and choice.propensity == 1.0 for choice in chosen.choices)


def test_a_bullet_about_a_named_library_is_relevant_whatever_its_words() -> None:
    book = playbook("Call renew first.", libraries=["parcelo"])

    assert select(book, task(task="Use parcelo to ship."), CERTAIN).retrieved
    assert not select(book, task(task="Use another one."), CERTAIN).retrieved


def test_a_bullet_of_another_language_stays_out() -> None:
    book = playbook("Quote parcel names.", language="bash")

    assert not select(book, task(task="Print parcel names."), CERTAIN).retrieved
    assert select(book, task(task="Print parcel names.", language="bash"), CERTAIN).retrieved


def test_an_empty_playbook_is_never_a_held_out_run() -> None:
    chosen = select(Playbook(), task(), AceOptions(hold_out=1.0))

    assert not chosen.held_out
    assert chosen.choices == ()


def test_a_held_out_run_gets_nothing_and_logs_what_it_would_have_had() -> None:
    chosen = select(BOOK, task(task="Add up parcel weights."), AceOptions(hold_out=1.0))

    assert chosen.held_out
    assert chosen.bullets == ()
    assert [(c.included, c.propensity) for c in chosen.choices] == [(False, 0.0)] * 2


def test_logged_propensities_are_the_frequencies() -> None:
    options = AceOptions(inclusion=0.7, hold_out=0.2)
    asked = [task(task="Add up parcel weights.", id=f"t{n}") for n in range(2000)]
    choices = [choice for one in asked for choice in select(BOOK, one, options).choices]

    included = sum(choice.included for choice in choices) / len(choices)
    assert {round(choice.propensity, 9) for choice in choices} == {0.56}
    assert abs(included - 0.56) < 0.03


def test_equal_task_version_and_seed_give_an_equal_selection() -> None:
    options = AceOptions(inclusion=0.5)
    asked = task(task="Add up parcel weights.")

    assert select(BOOK, asked, options) == select(BOOK, asked, options)
    assert len({select(BOOK, asked, AceOptions(inclusion=0.5, seed=n)).seed for n in range(9)}) == 9


@given(st.integers(1, 60), st.integers(1, 9))
def test_neither_the_token_budget_nor_the_number_is_exceeded(budget: int, most: int) -> None:
    options = AceOptions(
        inclusion=1.0, hold_out=0.0, playbook_tokens=budget, max_retrieved=most, whole_below=0
    )
    chosen = select(BOOK, task(task="parcel tide dates weights sessions"), options)

    assert sum(tokens(bullet.content) for bullet in chosen.bullets) <= budget
    assert len(chosen.retrieved) <= most


@pytest.mark.parametrize("whole", [False, True])
def test_one_that_is_too_long_for_the_prompt_keeps_no_other_out(*, whole: bool) -> None:
    book = playbook(f"Parcel weights and dates: {'parcel weights, ' * 20}", "Parcel weights are in ounces.")
    options = replace(CERTAIN, playbook_tokens=20, whole_below=0, whole_playbook=whole)
    chosen = select(book, task(task="Add up parcel weights."), options)
    assert [bullet.alias for bullet in chosen.bullets] == ["str-00002"]


def test_the_published_algorithm_shows_the_whole_playbook() -> None:
    chosen = select(BOOK, task(task="Nothing in common."), ace_faithful())

    assert len(chosen.bullets) == 3


def test_a_small_playbook_goes_whole_and_of_a_larger_one_the_most_relevant() -> None:
    asked = task(task="Renew sessions of the parcel library for parcel weights and dates of the tide tables.")
    few = AceOptions(exploration=0.0, hold_out=0.0, max_retrieved=1)
    size = sum(tokens(bullet.content) for bullet in BOOK.active)

    assert len(select(BOOK, asked, replace(few, whole_below=size)).retrieved) == 3
    assert [b.alias for b in select(BOOK, asked, replace(few, whole_below=size - 1)).retrieved] == [
        "str-00003"
    ]


def test_what_likely_harms_is_usually_left_out_and_logged_all_the_same() -> None:
    asked = task(task="Add up parcel weights.")
    harmful = Beliefs(bullets={BOOK.active[0].id: Belief(mean=-1.0, sd=0.5)})
    usual = AceOptions(exploration=0.0, hold_out=0.0)
    chosen = select(BOOK, asked, usual, harmful)

    assert [bullet.alias for bullet in chosen.retrieved] == ["str-00002"]
    assert [(c.included, c.propensity, c.conditional) for c in chosen.choices] == [
        (False, 0.0, 0.0),
        (True, 1.0, 1.0),
    ]
    assert not chosen.explored
    assert chosen == select(BOOK, asked, usual, harmful)


def test_sealed_bullets_are_drawn_like_others_and_stand_in_the_core() -> None:
    first = BOOK.active[0].id
    sealed = BOOK.extend([record(Seal(bullet=first), at=BOOK.next_at(1), run_id="r", actor="a")])
    asked = [task(task="Add up parcel weights.", id=f"t{n}") for n in range(40)]
    chosen = [select(sealed, one, AceOptions(exploration=1.0, hold_out=0.0)) for one in asked]

    assert {len(one.core) for one in chosen} == {0, 1}
    assert all(one.choices[0].core and not one.choices[1].core for one in chosen)
    assert all(one.explored for one in chosen)


def test_the_wording_that_a_run_was_given_is_logged() -> None:
    revise = Revise(bullet=BOOK.active[1].id, revision=1, content="Parcel weights are in grams.")
    reworded = BOOK.extend([record(revise, at=BOOK.next_at(1), run_id="r", actor="a")])

    assert [c.revision for c in select(reworded, task(task="Add parcel weights."), CERTAIN).choices] == [1, 2]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("playbook_tokens", 0),
        ("max_retrieved", 0),
        ("window", 0),
        ("rounds", 0),
        ("most_learned", 6),
        ("most_learned", -1),
        ("whole_below", -1),
        ("decide_every", -1),
        ("inclusion", 1.5),
        ("exploration", 1.1),
        ("replay_share", -0.5),
        ("hold_out", -0.1),
    ],
)
def test_impossible_options_are_refused(setting: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=f"{setting}={value}"):
        AceOptions(**{setting: value})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
