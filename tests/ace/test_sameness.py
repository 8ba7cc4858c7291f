"""What a rule takes for the same lesson, and what only looks alike."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from tta_dev_primitives.ace.bullet import Trigger
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.contradictions import contradiction
from tta_dev_primitives.ace.delta import AddBullet
from tta_dev_primitives.ace.sameness import says_the_same
from tta_dev_primitives.ace.wording import wording_of

PARCELO = Trigger(language="python", libraries=("parcelo",))


def lesson(content: str, kind: Kind = Kind.RULE, trigger: Trigger = PARCELO) -> AddBullet:
    return AddBullet(kind=kind, content=content, trigger=trigger)


def same(one: AddBullet, other: AddBullet) -> bool:
    assert says_the_same(one, other) == says_the_same(other, one)
    return says_the_same(one, other)


def opposed(one: AddBullet, other: AddBullet) -> bool:
    found = contradiction(one, other)
    assert (found is None) == (contradiction(other, one) is None)
    return found is not None


DUPLICATES = [
    ("Page numbers start at 1 in parcelo.", "In parcelo, page numbers start at one."),
    ("Don't call `session.renew()` twice.", "Do not call session.renew twice"),
    ("Always call `close` after reading.", "Call close after reading."),
    ("Make sure to sort the rows by `id`.", "Sort rows by id"),
    ("The weights are tenths of an ounce; divide by 10.", "Weights are tenths of an ounce. Divide by ten."),
    ("After a BusyError, wait 2 s.", "Wait 2 s after a BusyError."),
    ("It can\u2019t be reopened.", "It cannot be reopened."),
    ("Remember to pass `limit=100`!", "You must pass `limit=100`."),
    ("Wait 400ms, then read 1,000 rows.", "wait 400 ms, then read 1000 rows"),
    ('Pass "utf-8" as the encoding.', "Pass `utf-8` as encoding."),
    ("Pages 1\u20133 are valid.", "Pages 1-3 are valid."),
    ("It returns \u22121.", "It returns -1."),
]
CONTRADICTIONS = [  # the last column says whether a rule sees it; a model is asked about all of them
    ("A session lasts 400 ms.", "A session lasts 40 ms.", True),
    ("A session lasts 400 ms.", "A session lasts 400 s.", True),
    ("You must call `renew` before reading.", "You must not call `renew` before reading.", True),
    ("Page numbers start at 1 and never at 0.", "Page numbers start at 0 and never at 1.", True),
    ("Call `open` before `read`.", "Call `open` after `read`.", True),
    ("Sort ascending by weight.", "Sort descending by weight.", True),
    ("The index is inclusive.", "The index is exclusive.", True),
    ("Retry three times.", "Retry 5 times.", True),
    ("Never retry on BusyError.", "Always retry on BusyError.", True),
    ("Pass -1 for the last page.", "Pass 1 for the last page.", True),
    ("If BusyError comes up, wait 400 ms.", "If BusyError comes up, wait 40 ms.", True),
    ("Weights are signed.", "Weights aren't signed.", True),
    ("Use `depot.open` to begin.", "Use `depot.close` to begin.", False),
    ("The interval is [0, 1).", "The interval is [0, 1].", False),
    ("Subtract a from b.", "Subtract b from a.", False),
    ("`renew` returns None.", "`renew` returns `True`.", False),
    ("Compare with a < b.", "Compare with a <= b.", False),
    ("Pass 'r' as the mode.", "Pass 'R' as the mode.", False),
    ("Pass \u20131 for the last page.", "Pass 1 for the last page.", True),
    ("Pages 1\u20133 are valid.", "Pages 1, 3 are valid.", False),
    ("Wait 1 \u2013 5 s.", "Wait 1, 5 s.", False),
    ("Wait 1\u20265 s.", "Wait 1, 5 s.", False),
    ("`count` returns '5'.", "`count` returns 5.", False),
    ('Pass "true" as `raw`.', "Pass `true` as `raw`.", False),
    ("Split lines at `, `.", "Split lines at `,`.", False),
]
PARAPHRASES = [
    ("Call `session.renew()` after `BusyError`, then read.", "When BusyError comes up, session.renew first."),
    ("Weights come in tenths of an ounce.", "Divide a weight by 10 to get ounces."),
    ("Page numbers begin at one.", "Page numbers start at 1."),
]
OF_OTHER_THINGS = [
    ("Status 1 means open.", "Status 2 means open."),
    ("Wait 2 s on 429.", "Wait 2 s on 503."),
    ("Page numbers of `parcels` start at 1.", "Page numbers of `depots` start at 1."),
    ("`a.b` counts from one.", "`a.c` counts from one."),
    ("The left key moves up.", "The right key moves up."),
    ("Retry if the row is found.", "Retry if the row is not found."),
    ("Version 2 returns a list.", "Version 3 returns a list."),
    ("In x, open it. Read it.", "Open it. Read it in x."),
    ("Choose option A.", "Choose the option."),
    ("Close the ledger before midnight.", "Page numbers start at 1."),
    ("Read 1 to 3 to 5 to 7.", "Read 2 to 4 to 6 to 8."),
]


@pytest.mark.parametrize(("one", "other"), DUPLICATES)
def test_a_rule_takes_true_duplicates_for_one(one: str, other: str) -> None:
    assert same(lesson(one), lesson(other))
    assert not opposed(lesson(one), lesson(other))


@pytest.mark.parametrize(("one", "other", "seen"), CONTRADICTIONS)
def test_a_contradiction_is_never_taken_for_a_duplicate(one: str, other: str, *, seen: bool) -> None:
    assert not same(lesson(one), lesson(other))
    assert opposed(lesson(one), lesson(other)) is seen


@pytest.mark.parametrize(("one", "other"), [*PARAPHRASES, *OF_OTHER_THINGS])
def test_what_is_said_otherwise_or_of_another_thing_is_neither(one: str, other: str) -> None:
    assert not same(lesson(one), lesson(other))
    assert not opposed(lesson(one), lesson(other))


def test_no_likeness_of_texts_would_tell_duplicates_from_contradictions() -> None:
    def likeness(one: str, other: str) -> float:
        return fuzz.token_sort_ratio(one.casefold(), other.casefold())

    least_of_duplicates = min(likeness(one, other) for one, other in DUPLICATES)
    alike = [pair for pair in CONTRADICTIONS if likeness(pair[0], pair[1]) > least_of_duplicates]
    assert len(alike) == len(CONTRADICTIONS)


def test_a_contradiction_says_what_stands_against_what() -> None:
    assert contradiction(lesson("A session lasts 400 ms."), lesson("A session lasts 40 ms.")) == (
        "400 ms against 40 ms"
    )
    assert contradiction(lesson("Call it."), lesson("Never call it.")) == "one denies what the other says"


@pytest.mark.parametrize(
    "trigger",
    [
        Trigger(language="bash", libraries=("parcelo",)),
        Trigger(language="python", libraries=("parcelo", "depot")),
        Trigger(language="python", libraries=("parcelo",), error_signatures=("BusyError",)),
    ],
)
def test_lessons_for_other_tasks_are_not_the_same(trigger: Trigger) -> None:
    assert not same(lesson("Add 1."), lesson("Add 1.", trigger=trigger))


def test_keywords_and_the_case_of_libraries_make_no_difference() -> None:
    trigger = Trigger(language="python", libraries=("Parcelo",), keywords=("page",))
    assert same(lesson("Add 1."), lesson("Add 1", trigger=trigger))


def test_a_rule_may_be_called_a_fact_but_a_pitfall_is_what_not_to_do() -> None:
    assert same(lesson("Call it twice."), lesson("Call it twice", Kind.API_FACT))
    assert not same(lesson("Call it twice."), lesson("Call it twice", Kind.PITFALL))
    assert not opposed(lesson("Call it twice."), lesson("Never call it twice", Kind.PITFALL))


def test_another_domain_is_another_lesson() -> None:
    other = AddBullet(kind=Kind.RULE, content="Add 1.", trigger=PARCELO, domain="payments")
    assert not same(lesson("Add 1."), other)


WORDS = st.sampled_from(
    [
        "page",
        "row",
        "session.renew",
        "`depot`",
        "waits",
        "returns",
        "BusyError",
        "then",
        "7",
        "-3",
        "400",
        "ms",
        "of",
    ]
)
SENTENCES = st.lists(WORDS, min_size=1, max_size=8)


@given(SENTENCES, st.data())
@settings(max_examples=60)
def test_another_number_or_a_negation_more_is_never_the_same(
    sentence: list[str], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(sentence)))
    number = data.draw(st.integers(-9, 99).map(str))
    inserted = [*sentence[:at], data.draw(st.sampled_from(["not", "never", number])), *sentence[at:]]
    assert not same(lesson(" ".join(sentence)), lesson(" ".join(inserted)))
    changed = [("8" if word == "7" else word) for word in sentence]
    assert same(lesson(" ".join(sentence)), lesson(" ".join(changed))) is ("7" not in sentence)


@given(st.text(max_size=40))
@settings(max_examples=60)
def test_any_text_says_the_same_as_itself_whatever_the_spacing(text: str) -> None:
    assert same(lesson(text), lesson(f"  {text} ")) is bool(wording_of(text).words)
    assert contradiction(lesson(text), lesson(text)) is None
