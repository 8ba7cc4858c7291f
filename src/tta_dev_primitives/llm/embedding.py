"""Texts as vectors, by an OpenAI-compatible endpoint that the user named; without one nothing is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..settings import Settings


class Embedder(Protocol):
    """Turns texts into vectors; texts that mean alike get vectors that point alike."""

    @property
    def name(self) -> str:
        """The model's name; vectors of two models cannot be compared."""
        ...

    async def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector a text: `shape == (len(texts), dimensions)`, each of length 1.

        Raises:
            ModelError: the endpoint cannot be reached, refuses, or answers something else.
        """
        ...


def connect_embedder(settings: Settings) -> Embedder | None:
    """Return what embeds texts, or None if no embedding model is set, which is the default."""
    if settings.embedding_model is None:
        return None
    from .live.embedding import OpenAIEmbedder  # noqa: PLC0415  # the SDK takes a second to import

    return OpenAIEmbedder.of(settings, settings.embedding_model)
