from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ace.loop.making import playbook, task
from tests.ace.making import applied, references, sealed
from tta_dev_primitives.ace.bullet import Kind, Trigger
from tta_dev_primitives.ace.content import tokens
from tta_dev_primitives.ace.delta import AddBullet, AnyOperation, MergeBullets, RetireBullet, ReviseBullet
from tta_dev_primitives.ace.options import AceOptions
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.relevance import RelevanceIndex, relevance
from tta_dev_primitives.ace.selection import select
from tta_dev_primitives.ace.task import Task
from tta_dev_primitives.ace.words import ASIDE, bullet_words, task_words

PARCELS = task(task="Add up the weights of parcels.")


def added(content: str, **trigger: object) -> AddBullet:
    return AddBullet(kind=Kind.RULE, content=content, trigger=Trigger.model_validate(trigger))


def best(book: Playbook, asked: Task, index: RelevanceIndex | None = None) -> list[str]:
    return [bullet.alias for bullet in (index or RelevanceIndex()).ranked(book, asked)]


contents = st.lists(st.sampled_from(["parcels", "weights", "tides", "dates", "add"]), min_size=1).map(
    " ".join
)
operations: st.SearchStrategy[AnyOperation] = st.one_of(
    st.builds(added, contents, libraries=st.sampled_from([(), ("parcels",), ("tide_tables", "add")])),
    st.builds(ReviseBullet, bullet=references, revision=st.integers(1, 2), content=contents),
    st.builds(MergeBullets, bullet=references, into=references, content=st.none() | contents),
    st.builds(RetireBullet, bullet=references, reason=st.just("wrong")),
)


@st.composite
def versions(draw: st.DrawFn) -> list[Playbook]:
    """Return versions of one playbook, and of others that were made from one of them, in any order."""
    made = [Playbook()]
    for part in draw(st.lists(st.lists(operations, min_size=1, max_size=5), max_size=6)):
        base = draw(st.sampled_from(made))
        made.append(applied(*part, to=base))
        if made[-1].size:
            made.append(sealed(made[-1], draw(st.sampled_from(made[-1].active)).id))
    return draw(st.permutations(made))


@given(versions())
@settings(max_examples=60, deadline=None)
def test_an_index_that_is_kept_answers_as_one_made_anew(versions: list[Playbook]) -> None:
    kept = RelevanceIndex()
    for version in versions:
        assert kept.scores(version, PARCELS) == RelevanceIndex().scores(version, PARCELS)
        assert kept.scores(version, PARCELS) == relevance(version.active, PARCELS)
        assert best(version, PARCELS, kept) == best(version, PARCELS)


@given(versions(), st.integers(0, 12), st.integers(1, 3))
@settings(max_examples=50, deadline=None)
def test_with_a_kept_index_the_same_is_chosen(versions: list[Playbook], whole: int, most: int) -> None:
    kept, options = RelevanceIndex(), AceOptions(whole_below=whole, max_retrieved=most, hold_out=0.0)
    for version in versions:
        chosen = select(version, PARCELS, options, index=kept)
        assert chosen == select(version, PARCELS, options)
        loose = [choice for choice in chosen.choices if not choice.core]
        short = sum(tokens(version.bullets[choice.bullet_id].content) for choice in loose) <= whole
        assert short or len(loose) <= most


def test_an_index_that_was_changed_a_thousand_times_answers_as_before() -> None:
    book, kept = playbook(*(f"Parcel number {n}." for n in range(5))), RelevanceIndex()
    for turn in range(1, 220):
        wordings = [f"Turn {turn} of {name}: {'weights ' * (turn % 3)}parcels." for name in "abcde"]
        pairs = zip(book.active, wordings, strict=True)
        book = applied(*(ReviseBullet(bullet=b.id, revision=turn, content=new) for b, new in pairs), to=book)
        assert [bullet.content for bullet in book.active] == wordings
        assert kept.scores(book, PARCELS) == relevance(book.active, PARCELS)


def test_only_bullets_in_use_are_found() -> None:
    book = playbook("Weights of parcels are in ounces.", "Parcels have weights.", "Tides have dates.")
    index = RelevanceIndex()
    assert best(book, PARCELS, index) == ["str-00002", "str-00001"]
    retired = applied(RetireBullet(bullet="str-00002", reason="wrong"), to=book)
    assert best(retired, PARCELS, index) == ["str-00001"]
    core = sealed(book, "str-00001")
    assert best(core, PARCELS, index) == ["str-00002", "str-00001"]
    better = applied(ReviseBullet(bullet="str-00001", revision=1, content="Parcels weigh grams."), to=core)
    assert best(better, PARCELS, index) == ["str-00002", "str-00004"]
    worse = applied(RetireBullet(bullet="str-00004", reason="no"), to=better)
    assert best(worse, PARCELS, index) == ["str-00002", "str-00001"]


def test_the_most_relevant_come_first_and_ties_in_admission_order() -> None:
    book = playbook(*(f"Lesson {n}: {'parcels ' * (n % 7)}and tides." for n in range(300)))
    scores = relevance(book.active, PARCELS)
    expected = sorted((b for b in book.active if b.id in scores), key=lambda b: (-scores[b.id], b.alias))

    assert len(set(scores.values())) < len(expected) == len(scores)
    assert list(RelevanceIndex().ranked(book, PARCELS)) == expected


def test_a_library_is_not_named_by_a_word_that_has_its_letters() -> None:
    book = applied(
        added("Compile patterns once.", libraries=("re",)), added("Parcels have weights that are added.")
    )
    assert best(book, task(task="Return the weights of parcels.")) == ["str-00002"]
    for named in ("Use re.", "Add up `re.findall(text)`.", "import re", "my_re_helper"):
        assert best(book, task(task=named))[0] == "str-00001"


def test_a_library_that_is_named_comes_first_and_another_language_not_at_all() -> None:
    book = applied(
        added("Parcels have weights that are added."),
        added("Call renew first.", libraries=("Parcelo",)),
        added("Quote names of parcels.", language="bash"),
    )
    asked = task(task="Add up the weights of parcels with parcelo.")

    assert best(book, asked) == ["str-00002", "str-00001"]
    assert best(book, PARCELS) == ["str-00001"]
    assert best(book, task(task="Print names of parcels.", language="bash")) == ["str-00003", "str-00001"]
    gone = applied(RetireBullet(bullet="str-00002", reason="wrong"), to=book)
    index = RelevanceIndex()
    assert [best(one, asked, index)[0] for one in (book, gone, book)] == [
        "str-00002",
        "str-00001",
        "str-00002",
    ]


def test_the_scores_of_bullets_that_are_no_longer_in_use_can_be_asked_for() -> None:
    book = playbook("Weights of parcels are in ounces.", "Tides have dates.")
    gone = applied(RetireBullet(bullet="str-00001", reason="wrong"), to=book)

    assert relevance(tuple(gone.bullets.values()), PARCELS) == relevance(book.active, PARCELS) != {}


def test_what_the_task_says_weighs_more_than_its_documentation() -> None:
    others = (f"Nothing of interest, {n}." for n in range(5))
    book = playbook("Dates of harbours are in local time.", "Parcels are weighed twice.", *others)
    asked = task(task="Print all parcels.", context="Of harbours and dates: all are in local time.")

    assert best(book, asked)[0] == "str-00002"


def test_words_are_compared_without_case_accents_and_by_the_parts_of_names() -> None:
    asked: Task = task(task="Naïve get_page GET_PAGE", code="page Straße", entry_point="slug_of")
    assert task_words(asked) == {
        **dict.fromkeys(("naive", "get_page", "get", "page", "slug_of", "slug"), 1.0),
        "strasse": ASIDE,
    }
    (bullet,) = applied(added("Get_page, page.", keywords=("Façade",))).active
    assert bullet_words(bullet) == {"get_page": 1, "get": 1, "page": 2, "facade": 1}


def test_threads_may_ask_at_once() -> None:
    book = playbook(*(f"Lesson {n} of parcels and weights." for n in range(30)))
    versions = [book, applied(RetireBullet(bullet="str-00003", reason="r"), to=book)]
    expected = [relevance(version.active, PARCELS) for version in versions]
    index = RelevanceIndex()
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(index.scores, version, PARCELS) for version in versions * 20]

    assert [one.result() for one in asked] == expected * 20
