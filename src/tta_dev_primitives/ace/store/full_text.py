"""The words of strategies in a full-text table of SQLite: derived, so it may be thrown away at any time."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..bullet import Bullet
from ..playbook import Playbook

FORM = 1
"""Version of the table. One of another version is made anew."""
MOST_TERMS = 64
"""Words of a query that are looked up; further ones are left out."""
_LONGEST_TERM = 100
_MARKS = "\x02", "\x03"
_MARKED = re.compile(f"{_MARKS[0]}([^{_MARKS[1]}]*){_MARKS[1]}")
_TABLES = (
    # Words without case and accents, by their stems: "retries" finds "retry"; `parse_date` is two words.
    "CREATE VIRTUAL TABLE words USING fts5(name, content, trigger, tokenize = 'porter unicode61')",
    "CREATE TABLE stands (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER, event_id TEXT) STRICT",
)
_FEW = 500  # so many rows with a term are ranked in a millisecond, however common it is
_NAME_WEIGHT = 10.0  # who names a strategy means that one


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """The version whose words are in a table, and the id of the event that led to it."""

    version: int
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A row that has some of the words that were looked for; `words` are those as the row has them."""

    place: int
    score: float
    words: tuple[str, ...]


def stand_of(playbook: Playbook) -> Stand:
    """Return what a table of the words of `playbook` says of itself."""
    return Stand(version=playbook.version, event_id="" if playbook.head is None else playbook.head[1])


def terms(text: str) -> tuple[str, ...]:
    """Return the distinct words of what a person or a model looks for, each as FTS5 quotes it.

    Nothing in `text` is an operator. What has no letter and no digit is no word.
    """
    plain = text.encode(errors="replace").decode().replace("\0", " ").casefold()
    words = (word[:_LONGEST_TERM] for word in plain.split())
    found = dict.fromkeys(word for word in words if any(char.isalnum() for char in word))
    return tuple('"{}"'.format(word.replace('"', '""')) for word in list(found)[:MOST_TERMS])


class FullText:
    """The table in the database of `connection`, made when there is none or one of another form."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def stand(self) -> Stand | None:
        """Return what is in the table, or None if it must be filled."""
        if self._connection.execute("PRAGMA user_version").fetchone()[0] != FORM:
            return None
        row = self._connection.execute("SELECT version, event_id FROM stands").fetchone()
        return None if row is None else Stand(version=row[0], event_id=row[1])

    def fill(self, playbook: Playbook) -> None:
        """Make the table anew, of every strategy of `playbook`, in the open transaction."""
        for name in ("words", "stands"):
            self._connection.execute(f"DROP TABLE IF EXISTS {name}")
        for statement in _TABLES:
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version = {FORM}")
        self._enter(enumerate(playbook.bullets.values()))
        self._note(playbook)

    def change(self, playbook: Playbook, places: Iterable[int]) -> None:
        """Enter the strategies at `places` as they are in `playbook`; the others are as they were."""
        changed = sorted(places)
        self._connection.executemany("DELETE FROM words WHERE rowid = ?", ((place,) for place in changed))
        bullets = ((place, playbook.bullets.at(place)) for place in changed)
        self._enter((place, bullet) for place, bullet in bullets if bullet is not None)
        self._note(playbook)

    def matches(self, wanted: Sequence[str]) -> Iterator[Match]:
        """Yield the rows that have any of the terms, best first by BM25, ties in admission order.

        Of a large playbook, a term that more than half of the rows have says nothing, and is left out where
        another is found.
        """
        telling = self._telling(wanted)
        if not telling:
            return
        wanted = " OR ".join(telling)
        found = self._connection.execute(
            "SELECT rowid, -bm25(words, ?, 1, 1) AS score FROM words WHERE words MATCH ?"
            " ORDER BY score DESC, rowid",
            (_NAME_WEIGHT, wanted),
        )
        for place, score in found:
            yield Match(place=place, score=score, words=self._marked(place, wanted))

    def _marked(self, place: int, wanted: str) -> tuple[str, ...]:
        """Return the words of one row that were looked for."""
        columns = self._connection.execute(
            "SELECT highlight(words, 0, ?, ?), highlight(words, 1, ?, ?), highlight(words, 2, ?, ?)"
            " FROM words WHERE words MATCH ? AND rowid = ?",
            (*_MARKS, *_MARKS, *_MARKS, wanted, place),
        ).fetchone()
        return tuple(dict.fromkeys(map(str.casefold, _MARKED.findall("\n".join(columns)))))

    def _telling(self, wanted: Sequence[str]) -> list[str]:
        size, query = self._count("SELECT count(*) FROM words_docsize"), "SELECT count(*) FROM words(?)"
        having = {term: self._count(query, term) for term in wanted}
        known = [term for term, count in having.items() if count]
        return [term for term in known if having[term] <= max(_FEW, size / 2)] or known

    def _count(self, query: str, *values: str) -> int:
        return int(self._connection.execute(query, values).fetchone()[0])

    def _enter(self, bullets: Iterable[tuple[int, Bullet]]) -> None:
        self._connection.executemany(
            "INSERT INTO words (rowid, name, content, trigger) VALUES (?, ?, ?, ?)",
            (
                (place, bullet.alias, bullet.content, _trigger(bullet))
                for place, bullet in bullets
                if not bullet.forgotten
            ),
        )

    def _note(self, playbook: Playbook) -> None:
        stand = stand_of(playbook)
        self._connection.execute(
            "INSERT OR REPLACE INTO stands VALUES (1, ?, ?)", (stand.version, stand.event_id)
        )


def _trigger(bullet: Bullet) -> str:
    trigger = bullet.trigger
    parts = (trigger.language or "", *trigger.libraries, *trigger.error_signatures, *trigger.keywords)
    return "\n".join(parts)
