# ruff: noqa: ASYNC240  # a test has its event loop for itself
"""A damaged file is read as far as it goes, and a new playbook made of it; the file is not changed."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.ace.making import adding, delta, episode, rule
from tests.ace.store.test_records import BROKEN, standings
from tests.ace.store.test_verification import change
from tta_dev_primitives.ace.episode import Choice
from tta_dev_primitives.ace.events import Retire
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit, SqliteStore
from tta_dev_primitives.ace.store.salvage import Salvaged, salvage
from tta_dev_primitives.core.errors import PlaybookCorrupt, StoreUnavailable

PAGE = 4096
MANY = 60


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Playbook]:
    path = tmp_path_factory.mktemp("original") / "playbook.db"
    return path, asyncio.run(written(path))


@pytest.fixture
def whole(original: tuple[Path, Playbook]) -> Playbook:
    return original[1]


@pytest.fixture
def path(original: tuple[Path, Playbook], tmp_path: Path) -> Path:
    return Path(shutil.copy(original[0], tmp_path))


async def written(path: Path) -> Playbook:
    """Many lessons with an episode each; every fifth is retired by the record after it."""
    store = SqliteStore(path)
    for number in range(MANY):
        name = f"lesson {number}"
        commit = Commit(run_id="r", delta=delta(rule(name)), episode=episode(name))
        done = await store.commit(commit)
        if number % 5 == 0:
            bullet = done.outcomes[0].bullet_id or ""
            await store.commit(Commit(run_id="r", decisions=(Retire(bullet=bullet, reason="harmful"),)))
    return await store.load()


async def made_of(found: Salvaged, path: Path) -> Playbook:
    """Make a new playbook, read it back with a fresh store, and check that it is sound."""
    target = path.with_name("new.db")
    await SqliteStore(target).begin_with(found.records, found.episodes)
    fresh = SqliteStore(target)
    assert (await fresh.verify()).sound
    assert len(await fresh.episodes()) == len(found.episodes)
    playbook = await fresh.load()
    assert playbook == found.playbook
    await fresh.commit(adding("it goes on"))
    return playbook


async def test_a_sound_file_is_copied_whole(path: Path, whole: Playbook) -> None:
    before = path.read_bytes()
    found = salvage(path)
    assert (found.losses, found.doubted) == ((), ())
    assert await made_of(found, path) == whole
    assert [item.hash for item in await SqliteStore(path.with_name("new.db")).history()][: whole.version] == [
        item.hash for item in await SqliteStore(path).history()
    ]
    assert path.read_bytes() == before


async def test_a_damaged_record_is_lost_and_what_it_was_about_in_doubt(path: Path, whole: Playbook) -> None:
    change(path, BROKEN.replace("seq = 5", "seq = 2"))
    found = salvage(path)
    assert [str(loss) for loss in found.losses] == ["events, row 2: it does not match its hash"]
    assert found.doubted == ("str-00001",)
    playbook = await made_of(found, path)
    assert playbook.active == whole.active


async def test_missing_records_leave_in_doubt_what_was_there_before(path: Path, whole: Playbook) -> None:
    change(path, "DELETE FROM events WHERE seq = 20")
    playbook = await made_of(salvage(path), path)
    before, after = standings(playbook)[:15], standings(playbook)[17:]
    assert set(before) == {"damaged"}
    assert after == standings(whole)[17:]


async def test_a_later_run_that_was_given_a_strategy_ends_the_doubt(path: Path, whole: Playbook) -> None:
    given = tuple(
        Choice(bullet_id=bullet.id, propensity=0.5, included=True, core=False) for bullet in whole.active
    )
    later = episode("later").model_copy(update={"choices": given, "playbook_version": whole.version})
    await SqliteStore(path).commit(Commit(run_id="r", episode=later))
    change(path, "DELETE FROM events WHERE seq = 20")
    playbook = await made_of(salvage(path), path)
    lost = set(whole.bullets) - set(playbook.bullets)
    assert [bullet.id for bullet in playbook.active] == [b.id for b in whole.active if b.id not in lost]


async def test_a_lost_lesson_that_others_mention_is_named(path: Path, whole: Playbook) -> None:
    first = next(iter(whole.bullets))
    change(path, "DELETE FROM events WHERE seq = 1")
    playbook = await made_of(salvage(path), path)
    assert playbook.bullets[first].unread
    assert not playbook.bullets[first].live
    assert {bullet.content for bullet in playbook.active} == {bullet.content for bullet in whole.active}


@pytest.mark.parametrize("page", range(9, 48, 6))
async def test_a_page_that_was_wiped_costs_no_more_than_itself(
    path: Path, whole: Playbook, page: int
) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: page * PAGE] + bytes(PAGE) + content[(page + 1) * PAGE :])
    damaged = path.read_bytes()
    found = salvage(path)
    assert path.read_bytes() == damaged
    playbook = await made_of(found, path)
    assert {b.id for b in playbook.active} <= {b.id for b in whole.active}
    assert len(found.records) > whole.version // 3


async def test_the_first_page_can_be_replaced(path: Path, whole: Playbook) -> None:
    content = path.read_bytes()
    path.write_bytes(bytes(PAGE) + content[PAGE:])
    with pytest.raises(PlaybookCorrupt, match="salvage"):
        await SqliteStore(path).load()
    found = salvage(path)
    assert found.losses == ()
    assert await made_of(found, path) == whole


@pytest.mark.parametrize("share", [0.4, 0.6, 0.9])
async def test_what_a_truncated_file_still_has_is_read(path: Path, whole: Playbook, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    found = salvage(path)
    assert found.losses
    playbook = await made_of(found, path)
    assert {b.id for b in playbook.active} <= {b.id for b in whole.active}


def test_nothing_is_made_of_nothing(path: Path) -> None:
    path.write_bytes(b"no database at all" * 400)
    with pytest.raises(PlaybookCorrupt, match=r"no record of .* can be read"):
        salvage(path)
    with pytest.raises(StoreUnavailable):
        salvage(path.with_name("none.db"))


async def test_what_was_moved_to_an_archive_is_read_there(path: Path, whole: Playbook) -> None:
    await SqliteStore(path).compact(keep=10)
    compacted = await SqliteStore(path).load()
    found = salvage(path)
    assert found.losses == ()
    assert found.playbook.bullets == whole.bullets
    assert await made_of(found, path) == compacted


async def test_an_archive_that_is_not_there_is_the_one_loss_that_is_told(path: Path, whole: Playbook) -> None:
    await SqliteStore(path).compact(keep=whole.version - 4)
    for archive in path.parent.glob("*-archive-*"):
        archive.unlink()
    (loss,) = salvage(path).losses
    assert str(loss).startswith("archives: events 1 to 4 were moved to an archive that is not there; put it")


async def test_a_damaged_record_is_not_moved_to_an_archive(path: Path, whole: Playbook) -> None:
    change(path, BROKEN.replace("seq = 5", "seq = 2"))
    with pytest.raises(PlaybookCorrupt, match=r"record 2 .*does not match its hash"):
        await SqliteStore(path).compact(keep=10)
    assert (await SqliteStore(path).load()).active == whole.active
    found = salvage(path)
    await made_of(found, path)
    new = SqliteStore(path.with_name("new.db"))
    before = await new.load()
    await new.compact(keep=10)
    after = await SqliteStore(path.with_name("new.db")).load()
    assert (after.active, after.set_aside) == (before.active, before.set_aside)
    assert (await new.verify()).sound
