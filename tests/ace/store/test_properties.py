"""The algebra of playbooks, on what stores really keep: files, and files with a PostgreSQL server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from pathlib import Path
from random import Random
from typing import TypeVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ace.making import episode, histories
from tta_dev_primitives.ace.episode import Episode
from tta_dev_primitives.ace.events import Recorded, union
from tta_dev_primitives.ace.merging import merge
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import open_store
from tta_dev_primitives.ace.store.copying import copy
from tta_dev_primitives.ace.store.lasting import Contents, LastingStore

T = TypeVar("T")
Begin = Callable[[Sequence[Recorded], Sequence[Episode]], str]
"""Make a playbook of its own of these records and episodes, and return where it is."""
SLOW = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)  # each example is a place of its own
quick = settings(max_examples=5, deadline=None, suppress_health_check=SLOW)
episodes = st.lists(st.sampled_from("abcde"), max_size=3, unique=True).map(
    lambda names: tuple(map(_ended, names))
)


def _ended(name: str) -> Episode:
    minute = {"a": 3, "b": 1, "c": 2}.get(name, 3)
    return episode(name).model_copy(update={"finished_at": f"2026-01-01T00:0{minute}:00Z"})


@pytest.fixture(params=["files", "files and a server"])
def begin(request: pytest.FixtureRequest, tmp_path: Path) -> Begin:
    numbers = count()
    servers = request.param != "files"
    url = request.getfixturevalue("postgres_url") if servers else ""

    def made(records: Sequence[Recorded], ended: Sequence[Episode]) -> str:
        number = next(numbers)
        place = (
            f"{url}&playbook=p{number}"
            if servers and number % 2 == 0
            else str(tmp_path / f"{uuid4().hex}.db")
        )
        asking(place, lambda store: store.begin_with(records, ended))
        return place

    return made


def asking(place: str, work: Callable[[LastingStore], Awaitable[T]]) -> T:
    """Do `work` with a store that has seen nothing yet."""

    async def ask() -> T:
        store = open_store(place)
        try:
            return await work(store)
        finally:
            await store.aclose()

    return asyncio.run(ask())


def contents(place: str) -> Contents:
    return asking(place, lambda store: store.contents())


def merged(begin: Begin, first: str, second: str) -> str:
    one, other = contents(first), contents(second)
    union_ = merge(one.records, other.records, first_episodes=one.episodes, second_episodes=other.episodes)
    return begin(union_.records, union_.episodes)


@quick
@given(history=histories(), ended=episodes, random=st.randoms(use_true_random=False))
def test_a_history_comes_back_as_it_went_in_whatever_its_order(
    begin: Begin, history: tuple[Recorded, ...], ended: tuple[Episode, ...], random: Random
) -> None:
    shuffled = [*history, *history[::2]]
    random.shuffle(shuffled)
    place = begin(shuffled, ended)
    kept = contents(place)
    assert (kept.records, kept.episodes) == (union(history), ended)
    assert kept == contents(begin(history, ended))
    assert asking(place, lambda store: store.load()) == Playbook.fold(shuffled)
    assert asking(place, lambda store: store.verify()).sound
    version = len(history) // 2
    assert asking(place, lambda store: store.at_version(version)) == Playbook.fold(union(history)[:version])


@quick
@given(first=histories(), second=histories(), one=episodes, other=episodes)
def test_merging_is_commutative_and_idempotent(
    begin: Begin,
    first: tuple[Recorded, ...],
    second: tuple[Recorded, ...],
    one: tuple[Episode, ...],
    other: tuple[Episode, ...],
) -> None:
    mine, yours = begin(first, one), begin(second, other)
    ours = contents(merged(begin, mine, yours))
    assert ours == contents(merged(begin, yours, mine))
    assert {item.event_id for item in ours.records} == {item.event_id for item in (*first, *second)}
    again = merged(begin, mine, yours)
    assert contents(merged(begin, again, again)) == ours
    assert contents(merged(begin, again, mine)) == ours


@quick
@given(first=histories(), second=histories(), third=histories(), ended=episodes)
def test_merging_is_associative(
    begin: Begin,
    first: tuple[Recorded, ...],
    second: tuple[Recorded, ...],
    third: tuple[Recorded, ...],
    ended: tuple[Episode, ...],
) -> None:
    one, two, three = begin(first, ended[:1]), begin(second, ended), begin(third, ended[1:])
    left = merged(begin, merged(begin, one, two), three)
    right = merged(begin, one, merged(begin, two, three))
    assert contents(left) == contents(right)


@quick
@given(history=histories(), ended=episodes)
def test_a_copy_is_the_same_hash_for_hash(
    begin: Begin, tmp_path: Path, history: tuple[Recorded, ...], ended: tuple[Episode, ...]
) -> None:
    place, target = begin(history, ended), str(tmp_path / f"{uuid4().hex}.db")
    if not history and not ended:
        return
    copied = asking(place, lambda store: copy(store, open_store(target)))
    assert contents(target) == contents(place)
    assert copied == asking(place, lambda store: store.load())
