"""Strategies that mean alike are proposed, and nothing is decided by that."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.ace.loop.making import decide, scripted, task
from tests.ace.making import adding, provenance
from tests.llm.embedding_server import embeddings
from tests.llm.provider_server import provider_server
from tta_dev_primitives.ace.bullet import Kind
from tta_dev_primitives.ace.curator import Curator
from tta_dev_primitives.ace.delta import AddBullet
from tta_dev_primitives.ace.events import Forget
from tta_dev_primitives.ace.finding import find
from tta_dev_primitives.ace.meaning import Meanings, connect_meanings
from tta_dev_primitives.ace.options import Curate
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.reflector import Insight
from tta_dev_primitives.ace.store import Commit, SqliteStore
from tta_dev_primitives.ace.tidying import tidy
from tta_dev_primitives.core.context import WorkflowContext
from tta_dev_primitives.core.errors import ModelUnavailable
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import MemoryStore, ScriptedModel

WAIT = "Give each request a deadline."
PARAPHRASE = "Never let a call to the network wait for ever."
OTHER = "Sort rows by two keys with a tuple."
TOPICS = {
    WAIT: (1.0, 0.1, 0.0),
    PARAPHRASE: (1.0, 0.0, 0.1),
    OTHER: (0.0, 0.0, 1.0),
    "hanging": (1.0, 0.0, 0.0),
}


def meaning_of(text: str) -> Sequence[float]:
    return TOPICS.get(text, (0.0, 1.0, 0.0))


class Topics:
    """Implements `Embedder` with a table; `broken` raises."""

    name = "topics"

    def __init__(self, *, broken: bool = False) -> None:
        self.asked: list[str] = []
        self._broken = broken

    async def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        if self._broken:
            raise ModelUnavailable("the embedding model 'topics' cannot be reached; try again later")
        found = np.array([meaning_of(text) for text in texts], dtype=np.float32)
        unit: NDArray[np.float32] = found / np.linalg.norm(found, axis=1, keepdims=True)
        return unit


async def holding(*contents: str) -> MemoryStore:
    store = MemoryStore()
    await store.commit(adding(*contents))
    return store


async def curated(model: ScriptedModel, meanings: Meanings | None, playbook: Playbook) -> list[object]:
    curator = Curator(model, curate=Curate.NEAR, domain="general", meanings=meanings)
    insight = Insight(kind=Kind.RULE, content=PARAPHRASE)
    found = await curator.curate(task(), [insight], playbook, provenance(), WorkflowContext())
    return [operation.op for operation in found.delta.operations]


async def test_a_paraphrase_that_shares_no_words_is_brought_before_the_model() -> None:
    playbook = await (await holding(WAIT, OTHER)).load()
    alone, asked = scripted(), scripted(curator=[decide({"insight": 1, "action": "drop"})])

    assert await curated(alone, None, playbook) == ["add"]
    assert await curated(asked, Meanings(Topics()), playbook) == []
    (request,) = asked.requests
    assert WAIT in request.prompt
    assert OTHER not in request.prompt


async def test_what_means_alike_is_never_merged_without_the_model() -> None:
    store = await holding(WAIT, PARAPHRASE, OTHER)
    await tidy(store, None, WorkflowContext(), meanings=Meanings(Topics()))
    assert (await store.load()).size == 3

    apart = scripted(curator=[decide({"insight": 1, "action": "add"})])
    await tidy(store, apart, WorkflowContext(), meanings=Meanings(Topics()))
    assert (await store.load()).size == 3
    assert len(apart.requests) == 1  # kept apart for good

    merged = await holding(WAIT, PARAPHRASE, OTHER)
    model = scripted(curator=[decide({"insight": 1, "action": "merge"})])
    await tidy(merged, model, WorkflowContext(), meanings=Meanings(Topics()))
    assert [bullet.content for bullet in (await merged.load()).active] == [WAIT, OTHER]
    unasked = scripted()
    await tidy(await holding(WAIT, PARAPHRASE, OTHER), unasked, WorkflowContext())
    assert unasked.requests == []


async def test_search_adds_what_means_alike_and_marks_it() -> None:
    store = await holding(WAIT, OTHER, PARAPHRASE)
    found = await find(store, "hanging", meanings=Meanings(Topics()))
    assert {one.bullet.content for one in found} == {WAIT, PARAPHRASE}
    assert all(one.words == () and one.similarity is not None and one.similarity > 0.9 for one in found)
    both = await find(store, "tuple", limit=1, meanings=Meanings(Topics()))
    assert [one.bullet.content for one in both] == [OTHER]
    assert await find(store, "hanging") == ()
    assert await find(store, " ", meanings=Meanings(Topics())) == ()


async def test_an_endpoint_that_fails_is_told_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store, topics = await holding(WAIT, OTHER), Topics(broken=True)
    meanings = Meanings(topics)
    with caplog.at_level(logging.WARNING):
        assert await curated(scripted(), meanings, await store.load()) == ["add"]
        assert len(await find(store, "tuple", meanings=meanings)) == 1
    assert "cannot be reached" in meanings.failure
    assert [record.getMessage() for record in caplog.records] == [
        f"strategies are not compared by their meaning: {meanings.failure}"
    ]
    assert topics.asked.count(WAIT) == 1


async def test_a_text_is_asked_for_once_and_a_key_in_it_never() -> None:
    store, topics = await holding(WAIT, OTHER), Topics()
    meanings, bullets = Meanings(topics), (await store.load()).active
    key = "sk-" + "a" * 20
    await meanings.near([WAIT, WAIT, f"use {key}"], bullets)
    await meanings.near([OTHER], bullets)
    assert sorted(topics.asked) == sorted([WAIT, OTHER, "use [redacted]"])


@pytest.mark.parametrize("damage", [None, b"garbage" * 99])
async def test_vectors_are_kept_beside_the_playbook_until_something_is_forgotten(
    tmp_path: Path, damage: bytes | None
) -> None:
    store = SqliteStore(tmp_path / "playbook.db")
    await store.commit(adding(WAIT, OTHER))
    bullets = (await store.load()).active
    expected = await Meanings(Topics(), file=store.meanings).near([WAIT], bullets)
    assert WAIT.encode() not in store.meanings.read_bytes()
    if damage is not None:
        store.meanings.write_bytes(damage)
    again = Topics()
    assert await Meanings(again, file=store.meanings).near([WAIT], bullets) == expected
    assert bool(again.asked) == (damage is not None)

    await store.commit(Commit(run_id="r", decisions=(Forget(bullet="str-00001", reason="a customer"),)))
    assert not store.meanings.exists()


async def test_with_a_real_endpoint(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "playbook.db")
    await store.commit(adding(WAIT, OTHER))
    assert connect_meanings(Settings(), store) is None
    with provider_server(embeddings(meaning_of)) as server:
        settings = Settings(embedding_model="small", embedding_base_url=server.url)
        (found,) = await find(store, "hanging", meanings=connect_meanings(settings, store))
        await find(store, "hanging", meanings=connect_meanings(settings, store))
    assert found.bullet.content == WAIT
    assert len(server.asked) == 1  # the second finds all vectors beside the playbook


async def test_code_is_compared_with_code() -> None:
    store = MemoryStore()
    snippet = AddBullet(kind=Kind.SNIPPET, content=WAIT)
    await store.commit(Commit(run_id="r", delta=adding(WAIT).delta))
    found = await Meanings(Topics()).alike([snippet], (await store.load()).active)
    assert found == [()]
