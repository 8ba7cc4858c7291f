"""Which bullets bear on a task: BM25 over their words, by SQLite's FTS5 in memory."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing

from .bullet import Bullet
from .task import Task

_WORD = re.compile(r"[^\W\d_]\w{2,}")
_MAX_WORDS = 300


def relevance(bullets: Sequence[Bullet], task: Task) -> Mapping[str, float]:
    """Return bullet id -> BM25 score (larger is more relevant) of those that share a word with the task."""
    words = query_words(task)
    if not bullets or not words:
        return {}
    query = " OR ".join(f'"{word}"' for word in words)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE bullet USING fts5(words)")
        rows = [(number, _words_of(bullet)) for number, bullet in enumerate(bullets)]
        connection.executemany("INSERT INTO bullet(rowid, words) VALUES (?, ?)", rows)
        found: list[tuple[int, float]] = connection.execute(
            "SELECT rowid, rank FROM bullet WHERE bullet MATCH ?", (query,)
        ).fetchall()
    return {bullets[number].id: -rank for number, rank in found}


def query_words(task: Task) -> tuple[str, ...]:
    """Return the distinct words of what is asked, first ones first."""
    text = f"{task.task}\n{task.context}\n{task.code}"
    return tuple(dict.fromkeys(word.lower() for word in _WORD.findall(text)))[:_MAX_WORDS]


def _words_of(bullet: Bullet) -> str:
    trigger = bullet.trigger
    return " ".join((bullet.content, *trigger.libraries, *trigger.keywords, *trigger.error_signatures))
