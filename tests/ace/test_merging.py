from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from tests.ace.making import adding, delta, episode, histories
from tta_dev_primitives.ace.delta import ReviseBullet
from tta_dev_primitives.ace.events import Recorded
from tta_dev_primitives.ace.merging import Merged, Overtaken, merge
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit, SqliteStore
from tta_dev_primitives.core.errors import ConfigurationError


@given(histories(), histories())
def test_it_is_commutative(first: tuple[Recorded, ...], second: tuple[Recorded, ...]) -> None:
    one, other = merge(first, second), merge(second, first)
    assert one == replace(other, only_first=other.only_second, only_second=other.only_first)


@given(histories(), histories(), histories())
def test_it_is_associative_and_idempotent(
    first: tuple[Recorded, ...], second: tuple[Recorded, ...], third: tuple[Recorded, ...]
) -> None:
    left = merge(merge(first, second).records, third)
    right = merge(first, merge(second, third).records)
    assert (left.playbook, left.records) == (right.playbook, right.records)
    again = merge(left.records, left.records)
    assert again.playbook == left.playbook
    assert (again.only_first, again.only_second, again.shared) == (0, 0, len(left.records))


@given(histories(), histories())
def test_it_is_the_fold_of_the_union(first: tuple[Recorded, ...], second: tuple[Recorded, ...]) -> None:
    assert merge(first, second).playbook == Playbook.fold((*second, *first))


async def diverged(tmp_path: Path) -> tuple[SqliteStore, SqliteStore, Merged]:
    """Two copies of one playbook that each learned something, and reworded the same strategy."""
    first, second = SqliteStore(tmp_path / "a.db"), SqliteStore(tmp_path / "b.db")
    await first.commit(adding("shared"))
    await first.backup(tmp_path / "b.db")
    await first.commit(adding("of both"))
    await second.commit(adding("of both"))
    await first.commit(adding("of a"))
    await second.commit(adding("of b"))
    for store, content in ((first, "shared, as a says"), (second, "shared, as b says")):
        revise = ReviseBullet(bullet="str-00001", revision=1, content=content)
        await store.commit(Commit(run_id="r", delta=delta(revise), episode=episode(content)))
    merged = merge(
        [item.recorded for item in await first.history()],
        [item.recorded for item in await second.history()],
        first_episodes=await first.episodes(),
        second_episodes=await second.episodes(),
    )
    return first, second, merged


async def test_two_that_diverged_keep_what_both_learned(tmp_path: Path) -> None:
    _, _, merged = await diverged(tmp_path)
    assert {bullet.content for bullet in merged.playbook.active} == {
        "shared, as a says",
        "of both",
        "of a",
        "of b",
    }
    assert (merged.shared, merged.only_first, merged.only_second) == (1, 3, 3)
    (bullet,) = (bullet for bullet in merged.playbook.active if bullet.content.startswith("shared"))
    assert merged.overtaken == (
        Overtaken(bullet=bullet.id, kept="shared, as a says", lost="shared, as b says"),
    )
    assert [item.id for item in merged.episodes] == ["shared, as a says", "shared, as b says"]


async def test_two_who_reworded_it_alike_lost_nothing(tmp_path: Path) -> None:
    stores = [SqliteStore(tmp_path / name) for name in ("one.db", "other.db")]
    await stores[0].commit(adding("shared"))
    await stores[0].backup(tmp_path / "other.db")
    for store in stores:
        revise = ReviseBullet(bullet="str-00001", revision=1, content="shared, as both say")
        await store.commit(Commit(run_id="r", delta=delta(revise)))
    one, other = [[item.recorded for item in await store.history()] for store in stores]
    merged = merge(one, other)
    assert (merged.only_first, merged.only_second, merged.overtaken) == (1, 1, ())
    assert [bullet.content for bullet in merged.playbook.active] == ["shared, as both say"]


async def test_the_union_is_a_playbook_of_its_own(tmp_path: Path) -> None:
    _, _, merged = await diverged(tmp_path)
    store = SqliteStore(tmp_path / "c.db")
    assert await store.begin_with(merged.records, merged.episodes) == merged.playbook
    again = SqliteStore(tmp_path / "c.db")
    assert await again.load() == merged.playbook
    assert await again.episodes() == merged.episodes
    assert (await again.verify()).sound
    await again.commit(adding("it lives"))
    with pytest.raises(ConfigurationError, match="already"):
        await again.begin_with(merged.records, merged.episodes)
