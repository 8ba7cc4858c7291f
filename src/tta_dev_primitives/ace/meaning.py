"""Strategies that mean alike, by embeddings: a proposal to look at a pair, and never more than that.

A contradiction scored a cosine of .674, above a paraphrase at .649 (measured): no threshold tells them apart.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from ..core.errors import ModelError
from ..core.redaction import redact
from ..llm.embedding import Embedder, connect_embedder
from ..settings import Settings
from .bullet import Bullet
from .content import Kind
from .lesson import Lesson
from .playbook import Playbook
from .store import PlaybookStore, SqliteStore
from .vectors import Vectors, text_hash

NEAR_MEANING: Final = 0.6
"""Cosine from which two texts are looked at, below both of the measured pairs: nothing is decided by it."""
_MOST: Final = 3
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """A bullet that means something like a text, and the cosine of their vectors, -1..1."""

    bullet: Bullet
    similarity: float


class Meanings:
    """Vectors of texts, asked for once a text; comparing is exact, 1 ms for 10,000 vectors.

    An endpoint that fails is told of once, as a warning of this module's logger, and asked no more by this
    object: everything works without it.
    """

    def __init__(self, embedder: Embedder, *, file: Path | None = None, near: float = NEAR_MEANING) -> None:
        self._embedder, self._near = embedder, near
        self._vectors = Vectors(embedder.name, file)
        self.failure = ""
        """Why the endpoint is asked no more, or ""."""

    async def near(
        self,
        texts: Sequence[str],
        bullets: Sequence[Bullet],
        *,
        limit: int = _MOST,
        least: float | None = None,
    ) -> list[tuple[Close, ...]]:
        """Return for each text the `limit` closest of `bullets`, closest first; `len(result) == len(texts)`.

        Nothing that is less alike than `least`, by default this object's `near`, and nothing at all once the
        endpoint has failed.
        """
        known = await self._known([*texts, *(bullet.content for bullet in bullets)])
        if not known or not texts or not bullets:
            return [() for _ in texts]
        matrix = np.stack([known[text_hash(bullet.content)] for bullet in bullets])
        least = self._near if least is None else least
        return [_closest(matrix @ known[text_hash(text)], bullets, limit, least) for text in texts]

    async def alike(self, lessons: Sequence[Lesson], bullets: Sequence[Bullet]) -> list[tuple[Bullet, ...]]:
        """Return for each lesson what means alike, closest first: of its domain, and code with code."""
        close = await self.near([lesson.content for lesson in lessons], bullets, limit=2 * _MOST)
        return [
            tuple(each.bullet for each in found if comparable(lesson, each.bullet))
            for lesson, found in zip(lessons, close, strict=True)
        ]

    async def _known(self, texts: Sequence[str]) -> Mapping[bytes, NDArray[np.float32]]:
        """Return the vectors of all `texts`, or none at all if they cannot be had."""
        if self.failure:
            return {}
        by_hash = {text_hash(text): text for text in texts}
        known = dict(await asyncio.to_thread(self._vectors.get, by_hash))
        new = [each for each in by_hash if each not in known]
        try:
            vectors = await self._embedder.vectors([redact(by_hash[each]) for each in new]) if new else ()
        except ModelError as error:
            return self._failed(str(error))
        added = dict(zip(new, vectors, strict=True))
        known.update(added)
        if len({vector.shape for vector in known.values()}) > 1:
            return self._failed(f"{self._embedder.name!r} does not answer vectors of one length")
        if added:
            await asyncio.to_thread(self._vectors.put, added)
        return known

    def _failed(self, failure: str) -> Mapping[bytes, NDArray[np.float32]]:
        self.failure = failure
        _log.warning("strategies are not compared by their meaning: %s", failure)
        return {}


def _closest(
    alike: NDArray[np.float32], bullets: Sequence[Bullet], limit: int, least: float
) -> tuple[Close, ...]:
    best = cast("list[int]", np.argsort(-alike, kind="stable")[:limit].tolist())
    close = (Close(bullet=bullets[place], similarity=float(alike[place])) for place in best)
    return tuple(each for each in close if each.similarity >= least)


def connect_meanings(settings: Settings, store: PlaybookStore) -> Meanings | None:
    """Return what compares texts by their meaning, or None if no embedding model is set.

    What is known of a playbook in a file is kept beside it.
    """
    embedder = connect_embedder(settings)
    if embedder is None:
        return None
    return Meanings(embedder, file=store.meanings if isinstance(store, SqliteStore) else None)


def comparable(lesson: Lesson, bullet: Bullet) -> bool:
    """Tell whether the meanings of two lessons are worth comparing: prose with prose, code with code."""
    return (lesson.kind is Kind.SNIPPET) == (bullet.kind is Kind.SNIPPET) and lesson.domain == bullet.domain


def considered(playbook: Playbook) -> list[Bullet]:
    """Return the bullets that a new lesson may repeat: also suspended and retired ones, as by words."""
    superseded = playbook.bullets.superseded
    return [
        bullet
        for bullet in playbook.bullets.values()
        if bullet.merged_into is None and not bullet.forgotten and bullet.id not in superseded
    ]
