"""Tidying a playbook whose strategies came in side by side, as after an import."""

from __future__ import annotations

from collections.abc import Mapping

from tests.ace.loop.making import decide, scripted
from tests.ace.making import adding
from tta_dev_primitives.ace.tidying import tidy
from tta_dev_primitives.core.context import WorkflowContext
from tta_dev_primitives.core.errors import ModelUnavailable
from tta_dev_primitives.testing import MemoryStore

PAGES = "parcelo pages are numbered from 7 in steps of 3."
SAME = "Parcelo pages are numbered from seven, in steps of 3."
OTHER = "parcelo pages are numbered from 8 in steps of 3."
ALIKE = "parcelo: the first page is 7, and each next page is 3 later, in `Session.pages`."
ALIKE_TOO = "parcelo: `Session.pages` begins with page 7, and each next page is 3 later."


async def holding(*contents: str) -> MemoryStore:
    store = MemoryStore()
    await store.commit(adding(*contents))
    return store


async def contents(store: MemoryStore) -> list[str]:
    return [bullet.content for bullet in (await store.load()).active]


async def test_without_a_model_the_rules_merge_and_mark() -> None:
    store = await holding(PAGES, SAME, OTHER)

    usage, failure = await tidy(store, None, WorkflowContext())

    assert (usage.calls, failure) == (0, "")
    assert await contents(store) == [PAGES, OTHER]
    assert all(bullet.conflicts for bullet in (await store.load()).active)


async def test_a_tidy_playbook_stays_as_it_is() -> None:
    store = await holding(PAGES, SAME, OTHER)
    await tidy(store, None, WorkflowContext())
    version = (await store.load()).version

    await tidy(store, None, WorkflowContext())
    assert (await store.load()).version == version


async def asked(decision: Mapping[str, object]) -> tuple[MemoryStore, int]:
    store = await holding(ALIKE, ALIKE_TOO)
    model = scripted(curator=[decide({"insight": 1, **decision})])
    usage, failure = await tidy(store, model, WorkflowContext())
    assert failure == ""
    assert (await tidy(store, scripted(), WorkflowContext()))[0].calls == 0  # and nothing is asked again
    return store, usage.calls


async def test_a_model_merges_what_is_only_alike() -> None:
    store, calls = await asked({"action": "drop"})
    assert (calls, await contents(store)) == (1, [ALIKE])


async def test_what_a_model_keeps_apart_is_not_asked_again() -> None:
    store, calls = await asked({"action": "add"})
    assert (calls, await contents(store)) == (1, [ALIKE, ALIKE_TOO])


async def test_an_outage_is_told_and_what_the_rules_did_stays() -> None:
    store = await holding(PAGES, SAME, ALIKE, ALIKE_TOO)

    _, failure = await tidy(store, scripted(curator=[ModelUnavailable("down")]), WorkflowContext())

    assert "down" in failure
    assert SAME not in await contents(store)
