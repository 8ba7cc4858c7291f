"""What the curator decides by rule, what it asks, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.ace.loop.making import PROVENANCE, decide, scripted, task
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.curation import Curated
from tta_dev_primitives.ace.curator import Curator
from tta_dev_primitives.ace.delta import AddBullet, AnyOperation, Delta, Result, RetireBullet
from tta_dev_primitives.ace.options import Curate
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.reflector import Insight
from tta_dev_primitives.ace.review import review
from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.core.errors import ModelUnavailable
from tta_dev_primitives.testing import Answer, ScriptedModel

CONTEXT = WorkflowContext()
TASK = task()
SEVEN = "Page numbers start at 7, and `depot.pages` says how many there are."
NEAR_SEVEN = "How many pages there are `depot.pages` says; numbers begin at 7."
BOTH = "Page numbers start at 7; `depot.pages` says how many pages there are."
RETIRE = RetireBullet(bullet="str-00001", reason="harmful")


def insight(content: str, kind: Kind = Kind.RULE) -> Insight:
    return Insight(kind=kind, content=content, libraries=("depot",))


async def curated(
    book: Playbook, *contents: str, model: ScriptedModel | None = None, curate: Curate = Curate.NEAR
) -> Curated:
    curator = Curator(model or scripted(), curate=curate, domain="general")
    return await curator.curate(TASK, list(map(insight, contents)), book, PROVENANCE, CONTEXT)


def applied(book: Playbook, *operations: AnyOperation) -> Playbook:
    delta = Delta(operations=operations, provenance=PROVENANCE)
    return book.apply(delta, at=1, run_id="r").playbook


async def learned(*contents: str) -> Playbook:
    """Return a playbook that learned `contents`, which are not near to each other, from `TASK`."""
    book = Playbook()
    for content in contents:
        book = applied(book, *(await curated(book, content)).delta.operations)
    return book


async def result(book: Playbook, content: str, *answers: Answer) -> Playbook:
    model = scripted(curator=answers)
    return applied(book, *(await curated(book, content, model=model)).delta.operations)


async def test_the_same_lesson_in_other_words_is_a_duplicate_without_a_model() -> None:
    book = await learned("After a `BusyError`, call renew.")
    delta = (await curated(book, "Call `renew` after BusyError.")).delta
    (outcome,) = book.apply(delta, at=1, run_id="r").outcomes
    assert (outcome.result, outcome.reason) == (Result.DUPLICATE, "str-00001 says the same")


async def test_two_lessons_of_one_run_that_say_the_same_are_one() -> None:
    delta = (await curated(Playbook(), "Page numbers start at 7.", "The page numbers start at seven")).delta
    done = Playbook().apply(delta, at=1, run_id="r")
    assert [outcome.result for outcome in done.outcomes] == [Result.APPLIED, Result.DUPLICATE]
    assert done.playbook.size == 1


async def test_a_retired_lesson_in_other_words_is_refused_without_a_model() -> None:
    book = applied(await learned("Page numbers start at 7."), RETIRE)
    delta = (await curated(book, "The page numbers start at seven")).delta
    (outcome,) = book.apply(delta, at=1, run_id="r").outcomes
    assert outcome.result is Result.REJECTED
    assert outcome.reason == "str-00001 was retired before and is not learned again"


async def test_the_curator_is_told_what_was_given_up() -> None:
    book = applied(await learned(SEVEN), RETIRE)
    model = scripted(curator=[decide({"insight": 1, "action": "drop"})])
    delta = (await curated(book, NEAR_SEVEN, model=model)).delta
    assert delta.operations == ()
    prompt = model.requests[0].prompt
    assert "given up" in prompt
    assert "Similar strategies:" not in prompt
    assert SEVEN in prompt
    assert "given up" not in (await asked_about(await learned(SEVEN), NEAR_SEVEN))


async def asked_about(book: Playbook, content: str) -> str:
    model = scripted(curator=[decide()])
    await curated(book, content, model=model)
    return model.requests[0].prompt


async def test_a_strategy_that_it_was_not_shown_is_never_reworded() -> None:
    book = await learned(SEVEN)
    book = applied(book, AddBullet(kind=Kind.RULE, content="Close files in a finally block."))
    merge = decide(
        {"insight": 1, "action": "merge", "strategy": "str-00002", "content": "Never close files."}
    )
    after = await result(book, NEAR_SEVEN, merge)
    assert [bullet.content for bullet in after.active] == [
        SEVEN,
        "Close files in a finally block.",
        NEAR_SEVEN,
    ]


async def test_a_merged_sentence_that_drops_what_the_strategy_said_is_not_taken_over() -> None:
    merge = decide(
        {"insight": 1, "action": "merge", "strategy": "str-00001", "content": "Never count anything."}
    )
    after = await result(await learned(SEVEN), NEAR_SEVEN, merge)
    assert [bullet.content for bullet in after.active] == [SEVEN, NEAR_SEVEN]


@pytest.mark.parametrize("glue", ["\u200b", "\u00ad", "\x07", "\U000e0041"])
async def test_words_that_run_together_once_hidden_characters_are_gone_keep_nothing(glue: str) -> None:
    content = glue.join(("Never count", *SEVEN.replace("`", "").split()))
    merge = decide({"insight": 1, "action": "merge", "strategy": "str-00001", "content": content})
    after = await result(await learned(SEVEN), NEAR_SEVEN, merge)
    assert [bullet.content for bullet in after.active] == [SEVEN, NEAR_SEVEN]


async def test_merging_into_what_was_given_up_is_refused() -> None:
    book = applied(await learned(SEVEN), RETIRE)
    merge = decide(
        {"insight": 1, "action": "merge", "strategy": "str-00001", "content": f"{SEVEN} {NEAR_SEVEN}"}
    )
    delta = (await curated(book, NEAR_SEVEN, model=scripted(curator=[merge]))).delta
    (outcome,) = book.apply(delta, at=1, run_id="r").outcomes
    assert outcome.reason == "str-00001 is retired"


async def test_what_is_added_beside_a_near_bullet_is_kept_apart_from_it_for_good() -> None:
    book = await result(await learned(SEVEN), NEAR_SEVEN, decide({"insight": 1, "action": "add"}))
    one, two = book.active
    assert book.compared(one, two)
    assert (await review(scripted(), book, PROVENANCE, CONTEXT)).delta.operations == ()
    again = await curated(book, NEAR_SEVEN)
    assert book.apply(again.delta, at=1, run_id="r").outcomes[0].result is Result.DUPLICATE


async def test_an_insight_without_a_decision_is_added_and_may_be_compared_again() -> None:
    book = await result(await learned(SEVEN), NEAR_SEVEN, decide())
    assert [bullet.apart for bullet in book.active] == [(), ()]


@pytest.mark.parametrize(
    "decision",
    [
        {"insight": 1, "action": "drop"},
        {"insight": 1, "action": "merge", "strategy": "str-00001", "content": "Pages start at 7 or 8."},
        {"insight": 9, "action": "drop"},
    ],
)
async def test_a_contradiction_is_not_dropped_nor_merged_but_marked(decision: Mapping[str, object]) -> None:
    book = await result(await learned(SEVEN), SEVEN.replace("7", "8"), decide(decision))
    assert [bullet.content for bullet in book.active] == [SEVEN, SEVEN.replace("7", "8")]
    assert [len(bullet.conflicts) for bullet in book.active] == [1, 1]


async def test_a_curator_may_find_that_what_looks_like_a_contradiction_is_none() -> None:
    book = await result(
        await learned(SEVEN), SEVEN.replace("7", "8"), decide({"insight": 1, "action": "add"})
    )
    assert [(len(bullet.conflicts), len(bullet.apart)) for bullet in book.active] == [(0, 1), (0, 1)]


async def test_the_published_curator_keeps_nothing_apart_and_decides_alone() -> None:
    book = await learned(SEVEN)
    model = scripted(curator=[decide({"insight": 1, "action": "add"}, {"insight": 2, "action": "drop"})])
    delta = (
        await curated(book, NEAR_SEVEN, SEVEN.replace("7", "8"), model=model, curate=Curate.ALWAYS)
    ).delta
    assert [operation.op for operation in delta.operations] == ["add"]


async def test_without_a_model_what_is_near_waits() -> None:
    model = scripted(curator=[ModelUnavailable("429")])
    found = await curated(await learned(SEVEN), NEAR_SEVEN, "It rains in the north.", model=model)
    assert [operation.op for operation in found.delta.operations] == ["add"]
    assert found.failure == "1 of 2 insights not curated: 429"


@pytest.mark.parametrize(
    ("decision", "contents", "conflicts"),
    [
        ({"action": "drop"}, [SEVEN], 0),
        ({"action": "merge", "strategy": "str-00001", "content": BOTH}, [BOTH], 0),
        ({"action": "merge", "strategy": "str-00001", "content": "Seven pages."}, [SEVEN, NEAR_SEVEN], 0),
        ({"action": "conflict", "strategy": "str-00001"}, [SEVEN, NEAR_SEVEN], 1),
        ({"action": "add"}, [SEVEN, NEAR_SEVEN], 0),
        ({"action": "drop", "strategy": "str-77777"}, [SEVEN], 0),
    ],
)
async def test_what_came_in_without_being_compared_is_reviewed_once(
    decision: Mapping[str, object], contents: list[str], conflicts: int
) -> None:
    book = applied(await learned(SEVEN), *(await curated(Playbook(), NEAR_SEVEN)).delta.operations)
    model = scripted(curator=[decide({"insight": 1, **decision})])

    found = await review(model, book, PROVENANCE, CONTEXT)
    after = applied(book, *found.delta.operations)

    assert [bullet.content for bullet in after.active] == contents
    assert [len(bullet.conflicts) for bullet in after.active] == [conflicts] * len(contents)
    assert found.usage.calls == 1
    assert model.requests[0].prompt.index(NEAR_SEVEN) < model.requests[0].prompt.index(SEVEN)
    assert (await review(scripted(), after, PROVENANCE, CONTEXT)).delta.operations == ()


async def test_a_review_does_not_merge_contradictions() -> None:
    other = SEVEN.replace("7", "8")
    book = applied(await learned(SEVEN), *(await curated(Playbook(), other)).delta.operations)
    drop = scripted(curator=[decide({"insight": 1, "action": "drop"})])
    after = applied(book, *(await review(drop, book, PROVENANCE, CONTEXT)).delta.operations)
    assert after.size == 2
    assert after.compared(*after.active)


async def test_a_review_looks_at_what_is_new_only() -> None:
    book = applied(await learned(SEVEN), *(await curated(Playbook(), NEAR_SEVEN)).delta.operations)
    found = await review(scripted(), book, PROVENANCE, CONTEXT, since=book)
    assert (found.delta.operations, found.usage.calls) == ((), 0)


async def test_a_review_that_fails_says_so() -> None:
    book = applied(await learned(SEVEN), *(await curated(Playbook(), NEAR_SEVEN)).delta.operations)
    found = await review(
        scripted(curator=[ModelUnavailable("429")]), book, PROVENANCE, CONTEXT, since=Playbook()
    )
    assert found.failure == "1 strategies not compared: 429"
    assert found.delta.operations == ()
