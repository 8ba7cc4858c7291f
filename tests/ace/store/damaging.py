"""A playbook's files are damaged anywhere; what becomes of it is one of few things, none of them silent."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tests.ace.making import adding, delta, episode, rule
from tta_dev_primitives.ace.events import Pin, Retire, Suspend
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import Commit, SqliteStore
from tta_dev_primitives.ace.store.salvage import salvage
from tta_dev_primitives.core.errors import StoreError

PAGE: Final = 4096
Damage = Callable[[bytes, random.Random], bytes]


def flipped(content: bytes, source: random.Random) -> bytes:
    place = source.randrange(len(content))
    return content[:place] + bytes([content[place] ^ (1 << source.randrange(8))]) + content[place + 1 :]


def truncated(content: bytes, source: random.Random) -> bytes:
    return content[: source.randrange(len(content))]


def wiped(content: bytes, source: random.Random) -> bytes:
    page = source.randrange(max(1, len(content) // PAGE))
    return content[: page * PAGE] + bytes(PAGE) + content[(page + 1) * PAGE :]


def overwritten(content: bytes, source: random.Random) -> bytes:
    """Put some random bytes somewhere, more than one flipped bit."""
    length = source.randrange(2, 64)
    place = source.randrange(max(1, len(content) - length))
    return content[:place] + source.randbytes(length) + content[place + length :]


DAMAGES: Final[tuple[Damage, ...]] = (flipped, truncated, wiped, overwritten)


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A sound playbook in `folder`, and what it says."""

    folder: Path
    playbook: Playbook
    events: frozenset[str]
    episodes: frozenset[str]

    @property
    def path(self) -> Path:
        return self.folder / "playbook.db"


async def original(folder: Path, *, lessons: int = 12) -> Original:
    """Make a playbook with every kind of row: lessons, decisions, episodes, two snapshots."""
    store = SqliteStore(folder / "playbook.db", snapshot_every=11)
    for number in range(lessons):
        name = f"lesson {number}"
        done = await store.commit(Commit(run_id="r", delta=delta(rule(name)), episode=episode(name)))
        bullet = done.outcomes[0].bullet_id or ""
        if number % 3 == 0:
            await store.commit(Commit(run_id="r", decisions=(Retire(bullet=bullet, reason="harmful"),)))
        elif number % 3 == 1:
            await store.commit(Commit(run_id="r", decisions=(Suspend(bullet=bullet, reason="doubtful"),)))
            await store.commit(Commit(run_id="r", decisions=(Pin(bullet=bullet),)))
    return await described(folder)


async def described(folder: Path) -> Original:
    """Return what the sound playbook in `folder` says."""
    store = SqliteStore(folder / "playbook.db")
    return Original(
        folder=folder,
        playbook=await store.load(),
        events=frozenset(item.recorded.event_id for item in await store.history()),
        episodes=frozenset(item.id for item in await store.episodes()),
    )


async def crashed(folder: Path) -> Original:
    """Make the files that a crash leaves, with a log beside the database, as `original` does without."""
    (folder / "live").mkdir()
    await original(folder / "live", lessons=3)
    with closing(sqlite3.connect(folder / "live" / "playbook.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM head").fetchall()  # so that the log is kept
        store = SqliteStore(folder / "live" / "playbook.db")
        for number in range(6):
            name = f"later {number}"
            await store.commit(Commit(run_id="r", delta=delta(rule(name)), episode=episode(name)))
        for place in ("crashed", "read"):
            (folder / place).mkdir()
            for suffix in ("", "-wal"):
                shutil.copyfile(
                    folder / "live" / f"playbook.db{suffix}", folder / place / f"playbook.db{suffix}"
                )
    return replace(await described(folder / "read"), folder=folder / "crashed")


async def outcome(
    whole: Original, folder: Path, damage: Damage, source: random.Random, suffix: str = ""
) -> str:
    """Damage a copy of the playbook in `folder`, and return what became of it, having checked that.

    Raises:
        AssertionError: it is silently another one.
    """
    for file in whole.folder.glob("playbook.db*"):
        shutil.copyfile(file, folder / file.name)
    damaged = folder / f"playbook.db{suffix}"
    damaged.write_bytes(damage(damaged.read_bytes(), source))
    before = _content(folder)
    rescued = _salvaged(folder / "playbook.db", whole)
    assert before == _content(folder)
    became = await _opened(folder / "playbook.db", whole)
    return f"{became}, {rescued}"


def _content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("playbook.db*")}


async def _opened(path: Path, whole: Original) -> str:
    store = SqliteStore(path)
    try:
        playbook = await store.load()
    except StoreError as error:
        check_remedy(error)
        return "refused"
    if playbook != whole.playbook:
        assert playbook.set_aside, "silently another playbook"
        check_use(playbook, whole.playbook)
    await _read_on(store, whole)
    return await _written_on(path, playbook)


def check_remedy(error: StoreError) -> None:
    """Check that an error says what to do."""
    assert "; " in str(error), error


def check_use(playbook: Playbook, whole: Playbook) -> None:
    """Check that nothing is used that was not used in the whole playbook, nor in other words."""
    true = {bullet.id: bullet.content for bullet in whole.active}
    assert {bullet.id: bullet.content for bullet in playbook.active}.items() <= true.items()


async def _read_on(store: SqliteStore, whole: Original) -> None:
    """What is called sound is all there."""
    try:
        found = await store.verify()
        events = frozenset(item.recorded.event_id for item in await store.history())
        episodes = frozenset(item.id for item in await store.episodes())
    except StoreError as error:
        check_remedy(error)
        return
    assert events == whole.events
    if found.sound:
        assert episodes == whole.episodes


async def _written_on(path: Path, before: Playbook) -> str:
    """A commit is stored completely or refused, and hides nothing."""
    kind = "set aside" if before.set_aside else "same"
    try:
        await SqliteStore(path).commit(adding("one more"))
        after = await SqliteStore(path).load()
    except StoreError as error:
        check_remedy(error)
        return f"{kind}, refuses commits"
    assert after.set_aside == before.set_aside
    assert {b.id for b in after.active} - {b.id for b in before.active} <= {
        b.id for b in after.bullets.values() if b.content == "one more"
    }
    return kind


def _salvaged(path: Path, whole: Original) -> str:
    try:
        found = salvage(path)
    except StoreError as error:
        check_remedy(error)
        return "nothing salvaged"
    check_use(found.playbook, whole.playbook)
    assert {item.id for item in found.episodes} <= whole.episodes
    if not found.losses:
        assert found.playbook == whole.playbook
    return "all salvaged" if found.playbook == whole.playbook else "salvaged with losses"


async def outcomes(folder: Path, *, seed: int, times: int) -> Counter[str]:
    """Damage a playbook's files `times` times and count what became of it, by kind of damage.

    Every fourth time it is the log that a crash left which is damaged, by one flipped bit.
    """
    source, counts = random.Random(seed), Counter[str]()  # noqa: S311  # no secret
    (folder / "whole").mkdir()
    whole, crash = await original(folder / "whole"), await crashed(folder)
    for number in range(times):
        in_log = number % 4 == 0
        damage = DAMAGES[0] if in_log or number % 2 else source.choice(DAMAGES[1:])
        place = folder / f"{number}"
        place.mkdir()
        try:
            if in_log:
                became = await outcome(crash, place, damage, source, "-wal")
            else:
                became = await outcome(whole, place, damage, source)
        except BaseException as error:
            error.add_note(f"seed {seed}, number {number}, {damage.__name__}: {place}")
            raise
        counts[f"{damage.__name__}{' log' if in_log else ''}: {became}"] += 1
        shutil.rmtree(place)
    return counts
