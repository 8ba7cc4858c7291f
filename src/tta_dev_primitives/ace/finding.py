"""Finding strategies: by their words, and by their meaning where an embedding model is set."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from .bullet import Status
from .hygiene import clean
from .meaning import Meanings
from .store import Found, PlaybookStore
from .store.protocol import MOST_FOUND

NEAR_QUERY: Final = 0.4
"""Cosine from which a strategy answers a query: a few words resemble a sentence less than another does."""
_BY_MEANING: Final = 3
_CHARS: Final = 2_000  # more of a query is not sent


async def find(
    store: PlaybookStore,
    text: str,
    *,
    limit: int = MOST_FOUND,
    statuses: Collection[Status] = (),
    meanings: Meanings | None = None,
) -> tuple[Found, ...]:
    """Return what `store.search` finds and, with `meanings`, what means alike but was not among it.

    The latter come last, at most three and half of `limit`, each with its `similarity`.
    """
    by_words = await store.search(text, limit=limit, statuses=statuses)
    if meanings is None or not text.strip() or limit < 1:
        return by_words
    known = frozenset(found.bullet.id for found in by_words)
    bullets = [
        bullet
        for bullet in (await store.load()).bullets.values()
        if not bullet.forgotten and bullet.merged_into is None and (not statuses or bullet.status in statuses)
    ]
    asked = clean(text[:_CHARS])
    (close,) = await meanings.near([asked], bullets, limit=limit + _BY_MEANING, least=NEAR_QUERY)
    new = [each for each in close if each.bullet.id not in known][: min(_BY_MEANING, (limit + 1) // 2)]
    by_meaning = [Found(bullet=each.bullet, score=0.0, words=(), similarity=each.similarity) for each in new]
    return (*by_words[: limit - len(by_meaning)], *by_meaning)
