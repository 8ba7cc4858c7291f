"""A writer that is killed at random moments, in every way in which a playbook is written."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from tests.ace.making import adding, delta, episode
from tta_dev_primitives.ace.delta import ReviseBullet
from tta_dev_primitives.ace.events import Forget, Pin
from tta_dev_primitives.ace.merging import merge
from tta_dev_primitives.ace.store import Commit, PlaybookStore, SqliteStore, open_store
from tta_dev_primitives.ace.store.salvage import salvage

MOST_S: Final = 0.25
"""A writer has done each kind of write several times by then, the first of them after some milliseconds."""
PATHS: Final = (
    "all",
    "commit",
    "snapshot",
    "migration",
    "view",
    "forget",
    "backup",
    "merge",
    "salvage",
    "compact",
)
"""What a writer does over and over until it is killed in it; `all` is everything in turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """What a writer had acknowledged when it was killed."""

    lessons: frozenset[str]
    forgotten: frozenset[str]
    copies: tuple[Path, ...]


def kill_a_writer(folder: Path, seed: int, only: str = "all") -> Killed:
    """Let a process write the playbook in `folder` and kill it at a moment that `seed` decides on."""
    source = random.Random(seed)  # noqa: S311  # no secret
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _write(folder, seed, only, writing)
    os.close(writing)
    time.sleep(source.uniform(0, MOST_S))
    os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, encoding="utf-8") as told:
        lines = [line.rstrip("\n").split(" ", 1) for line in told if line.endswith("\n")]
    os.waitpid(child, 0)
    wrong = [line for line in lines if line[0] == "error"]
    if wrong:
        raise AssertionError(f"a writer failed before it was killed (seed {seed}): {wrong}")
    said: Mapping[str, list[str]] = {
        kind: [text for word, text in lines if word == kind] for kind in ("lesson", "forgot", "copied")
    }
    return Killed(
        lessons=frozenset(said["lesson"]),
        forgotten=frozenset(said["forgot"]),
        copies=tuple(Path(name) for name in said["copied"]),
    )


def _write(folder: Path, seed: int, only: str, out: int) -> NoReturn:
    """Write until killed. Nothing of the parent may run here: not its handlers, not its finalisers."""
    try:
        asyncio.run(_Writer(folder, seed, out).write(only))
    except BaseException as error:  # noqa: BLE001  # told, and then there is nobody to raise it to
        os.write(out, f"error {error!r}\n".encode())
    finally:
        os._exit(1)


class _Writer:
    def __init__(self, folder: Path, seed: int, out: int) -> None:
        self._folder, self._out = folder, out
        self._random = random.Random(seed)  # noqa: S311  # no secret
        self._name = f"{seed}-{os.getpid()}"
        self._number = 0
        path = folder / ("playbook.json" if seed % 2 else "playbook.db")
        self._view = folder / "playbook.json"
        self._store = open_store(path)
        self._small = SqliteStore(
            folder / "playbook.db", view=path if path.suffix == ".json" else None, snapshot_every=5
        )

    async def write(self, only: str) -> NoReturn:
        kinds = self._kinds()[only]
        if only != "migration":
            await self._add()  # so that there is something to back up
        while True:
            await self._random.choice(kinds)()

    def _kinds(self) -> Mapping[str, Sequence[Callable[[], Awaitable[None]]]]:
        others = (self._revise, self._pin, self._forget, self._back_up, self._merge, self._begin)
        return {
            "all": (*[self._add] * 4, *others, self._salvage, self._compact),
            "commit": (self._add, self._revise, self._pin),
            "snapshot": (self._snapshot,),
            "migration": (self._begin,),
            "view": (self._show,),
            "forget": (self._forget,),
            "backup": (self._back_up,),
            "merge": (self._merge,),
            "salvage": (self._salvage,),
            "compact": (self._add, self._compact),
        }

    def _say(self, kind: str, text: object) -> None:
        os.write(self._out, f"{kind} {text}\n".encode())

    async def _add(self) -> None:
        await self._learn(self._random.choice((self._store, self._small)))

    async def _snapshot(self) -> None:
        await self._learn(SqliteStore(self._folder / "playbook.db", snapshot_every=1))

    async def _show(self) -> None:
        """Write the JSON view as well: staged, committed, published."""
        await self._learn(open_store(self._view))

    async def _learn(self, store: PlaybookStore) -> None:
        self._number += 1
        lesson = f"lesson {self._name} {self._number}"
        await store.commit(Commit(run_id="r", delta=adding(lesson).delta, episode=episode(lesson)))
        self._say("lesson", lesson)

    async def _begin(self) -> None:
        """Make the tables of a new file."""
        self._number += 1
        target = self._folder / f"new {self._name} {self._number}.db"
        await SqliteStore(target).commit(adding("first"))
        self._say("copied", target)

    async def _compact(self) -> None:
        await self._store.compact(keep=self._random.randrange(8))

    async def _salvage(self) -> None:
        self._number += 1
        target = self._folder / f"salvaged {self._name} {self._number}.db"
        found = salvage(self._folder / "playbook.db")
        await SqliteStore(target).begin_with(found.records, found.episodes)
        self._say("copied", target)

    async def _revise(self) -> None:
        bullets = (await self._store.load()).active
        if bullets:
            bullet = self._random.choice(bullets)
            self._number += 1
            reworded = ReviseBullet(
                bullet=bullet.id,
                revision=bullet.revision,
                content=f"{bullet.content} reworded {self._number}",
            )
            await self._small.commit(Commit(run_id="r", delta=delta(reworded)))

    async def _pin(self) -> None:
        bullets = (await self._store.load()).active
        if bullets:
            pin = Pin(bullet=self._random.choice(bullets).id)
            await self._store.commit(Commit(run_id="r", decisions=(pin,)))

    async def _forget(self) -> None:
        """Forget something that was told to be forgotten from the start."""
        self._number += 1
        private = f"private {self._name} {self._number:04}"  # none is the beginning of another
        added = await self._store.commit(adding(private))
        forget = Forget(bullet=added.outcomes[0].bullet_id or "", reason="x")
        await self._store.commit(Commit(run_id="r", decisions=(forget,)))
        await self._store.purge()
        self._say("forgot", private)

    async def _back_up(self) -> None:
        self._number += 1
        target = self._folder / f"copy {self._name} {self._number}.db"
        await self._store.backup(target)
        self._say("copied", target)

    async def _merge(self) -> None:
        self._number += 1
        history = [item.recorded for item in await self._store.history()]
        target = self._folder / f"union {self._name} {self._number}.db"
        merged = merge(history, history[::2], first_episodes=await self._store.episodes())
        await SqliteStore(target).begin_with(merged.records, merged.episodes)
        self._say("copied", target)
