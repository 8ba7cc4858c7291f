"""Search: the strategies that have the words somebody looks for, best first, whatever became of them."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import weakref
from collections.abc import Callable, Collection, Generator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from ..bullet import Status
from ..events import Add, Forget, Restore, Revise
from ..playbook import Playbook
from .full_text import FullText, Match, Stand, stand_of, terms
from .protocol import MOST_FOUND, Found, PlaybookStore

FILE_FROM = 2_000
"""Strategies from which the words are kept in a file; to read fewer takes some tens of milliseconds."""
_BUSY_S = 0.5
_NOT_ITS_FAULT = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
    }
)
_Opening: TypeAlias = Callable[[], AbstractContextManager[FullText]]


class Searcher:
    """Finds strategies by words, in a full-text table that follows the playbook.

    The table is in memory or, of a large playbook, in `file`, so that the next process need not make it
    again. It holds copies of texts and nothing else: one that is missing, damaged, in use or of another
    playbook is made anew, and one that cannot be written is made in memory. Safe for threads.
    """

    def __init__(self, file: Path | None = None, *, file_from: int = FILE_FROM) -> None:
        self._file, self._file_from = file, file_from
        self._memory: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    async def search(
        self, source: PlaybookStore, text: str, *, limit: int = MOST_FOUND, statuses: Collection[Status] = ()
    ) -> tuple[Found, ...]:
        """Return the strategies of `source` with any of the words in `text`; see `PlaybookStore.search`."""
        playbook = await source.load()
        wanted = terms(text)
        if not wanted or limit < 1 or not playbook.bullets:
            return ()
        query = _Query(playbook=playbook, wanted=wanted, limit=limit, statuses=statuses)
        if self._file is not None and len(playbook.bullets) >= self._file_from:
            try:
                return await self._answer(source, query, self._opened)
            except (sqlite3.Error, OSError) as error:
                self._set_aside(error)
        return await self._answer(source, query, self._remembered)

    @contextmanager
    def forgetting(self) -> Generator[None]:
        """Throw all copies of texts away, before and after some are forgotten meanwhile."""
        self._forget()
        try:
            yield
        finally:
            self._forget()

    def _forget(self) -> None:
        with self._lock:
            self._memory = None
            if self._file is not None:
                for file in (self._file, self._file.with_name(f"{self._file.name}-journal")):
                    file.unlink(missing_ok=True)

    def _set_aside(self, error: Exception) -> None:
        """Throw the file away, unless what happened says nothing against it."""
        if isinstance(error, sqlite3.Error) and error.sqlite_errorcode & 0xFF not in _NOT_ITS_FAULT:
            with suppress(OSError):
                self._forget()

    async def _answer(self, source: PlaybookStore, query: _Query, opening: _Opening) -> tuple[Found, ...]:
        asked = await asyncio.to_thread(self._ask, query, opening)
        if not isinstance(asked, _Behind):
            return asked
        places = await _changed(source, query.playbook, asked.stand)
        return await asyncio.to_thread(self._follow, query, opening, asked.stand, places)

    def _ask(self, query: _Query, opening: _Opening) -> tuple[Found, ...] | _Behind:
        """Return what is found, if the table has the words of the playbook as it is now."""
        with self._lock, opening() as table:
            stand = table.stand()
            return query.found(table) if stand == stand_of(query.playbook) else _Behind(stand)

    def _follow(
        self, query: _Query, opening: _Opening, before: Stand | None, places: set[int] | None
    ) -> tuple[Found, ...]:
        """Bring the table up to the playbook, and return what is found."""
        with self._lock, opening() as table:
            if places is not None and table.stand() == before:
                table.change(query.playbook, places)
            else:
                table.fill(query.playbook)
            return query.found(table)

    @contextmanager
    def _remembered(self) -> Generator[FullText]:
        if self._memory is None:
            self._memory = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
            weakref.finalize(self, self._memory.close)  # stores in memory need not be closed
        with _transaction(self._memory):
            yield FullText(self._memory)

    @contextmanager
    def _opened(self) -> Generator[FullText]:
        assert self._file is not None  # noqa: S101  # asked before
        with closing(sqlite3.connect(self._file, timeout=_BUSY_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            with _transaction(connection):
                yield FullText(connection)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Query:
    playbook: Playbook
    wanted: tuple[str, ...]
    limit: int
    statuses: Collection[Status]

    def found(self, table: FullText) -> tuple[Found, ...]:
        return tuple(islice(filter(None, map(self._found, table.matches(self.wanted))), self.limit))

    def _found(self, match: Match) -> Found | None:
        bullet = self.playbook.bullets.at(match.place)
        if bullet is None or (self.statuses and bullet.status not in self.statuses):
            return None
        return Found(bullet=bullet, score=match.score, words=match.words)


@dataclass(frozen=True, slots=True)
class _Behind:
    """The table has the words of another version, or none at all."""

    stand: Stand | None


async def _changed(source: PlaybookStore, playbook: Playbook, stand: Stand | None) -> set[int] | None:
    """Return the places whose texts changed since `stand`, or None if all must be read anew."""
    if stand is None or stand.version > playbook.version or stand.version == 0:
        return None
    if playbook.version - stand.version > len(playbook.bullets):
        return None
    records = await source.history(since=stand.version - 1)
    if not records or records[0].recorded.event_id != stand.event_id:
        return None
    places = set[int]()
    for event in (stored.recorded.event for stored in records[1:] if stored.seq <= playbook.version):
        if isinstance(event, Forget):
            return None
        if isinstance(event, Add | Revise | Restore):
            places |= _places(playbook, event.bullet)
    return places


def _places(playbook: Playbook, reference: str) -> set[int]:
    """Return the place of the bullet with this id, and of what it was merged into."""
    bullets = (playbook.bullets.get(reference), playbook.get(reference))
    found = (playbook.bullets.place(bullet.id) for bullet in bullets if bullet is not None)
    return {place for place in found if place is not None}


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Generator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
