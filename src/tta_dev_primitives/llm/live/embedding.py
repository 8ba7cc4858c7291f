"""OpenAIEmbedder: vectors from any endpoint that speaks OpenAI's `/embeddings`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Self

import numpy as np
import openai
from numpy.typing import NDArray
from pydantic import SecretStr

from ...core.errors import ModelOutputInvalid, ModelRejected, ModelUnavailable
from ...settings import Settings
from ..text import encodable

_OPENAI_URL: Final = "https://api.openai.com/v1"  # stated, or the SDK would read the environment
_NO_KEY: Final = "not-needed"  # the SDK insists on a value; local servers ignore it
_AT_ONCE: Final = 128  # texts a request; the longest have 1,200 tokens, and OpenAI takes 300,000 in all
_TIMEOUT_S: Final = 30.0
_TRIES: Final = 2


class OpenAIEmbedder:
    """Asks `model` at `url`; connections are closed after each call, so that none outlives its event loop."""

    def __init__(self, model: str, *, url: str, key: SecretStr | None, timeout_s: float = _TIMEOUT_S) -> None:
        self._model, self._url, self._key, self._timeout_s = model, url, key, timeout_s

    @classmethod
    def of(cls, settings: Settings, model: str) -> Self:
        """Return the embedder that the settings name. A URL of its own never gets the key of OpenAI."""
        if settings.embedding_base_url is not None:
            return cls(model, url=settings.embedding_base_url, key=settings.embedding_key)
        key = settings.embedding_key or settings.key("OPENAI_API_KEY")
        return cls(model, url=settings.openai_base_url or _OPENAI_URL, key=key)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model

    async def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector a text, each of length 1.

        Raises:
            ModelUnavailable: no answer, also after a second try.
            ModelRejected: the key, the model's name or the request was refused.
            ModelOutputInvalid: what was answered are not as many vectors of one length.
        """
        key = _NO_KEY if self._key is None else self._key.get_secret_value()
        asking = openai.AsyncOpenAI(
            base_url=self._url, api_key=key, timeout=self._timeout_s, max_retries=_TRIES - 1
        )
        found = list[list[float]]()
        async with asking:
            for start in range(0, len(texts), _AT_ONCE):
                found += await self._ask(asking, texts[start : start + _AT_ONCE])
        return self._checked(found, len(texts))

    async def _ask(self, asking: openai.AsyncOpenAI, texts: Sequence[str]) -> list[list[float]]:
        try:
            answer = await asking.embeddings.create(
                model=self._model, input=[encodable(text) or " " for text in texts], encoding_format="float"
            )
            return [item.embedding for item in sorted(answer.data or (), key=lambda item: item.index)]
        except openai.APIStatusError as error:
            refused = error.status_code < 500 and error.status_code not in {408, 409, 425, 429}  # noqa: PLR2004
            kind = ModelRejected if refused else ModelUnavailable
            raise kind(
                f"the embedding model {self._model!r} answers HTTP {error.status_code}; "
                "check PLAYBOX_EMBEDDING_MODEL, its URL and its key"
            ) from error
        except openai.APIError as error:
            raise ModelUnavailable(
                f"the embedding model {self._model!r} cannot be reached: {type(error).__name__}; "
                "try again later"
            ) from error
        except (TypeError, AttributeError, ValueError) as error:  # the SDK checks no answer
            raise self._invalid() from error

    def _checked(self, found: list[list[float]], expected: int) -> NDArray[np.float32]:
        try:
            vectors = np.array(found, dtype=np.float32).reshape(len(found), -1)
        except (TypeError, ValueError) as error:
            raise self._invalid() from error
        if len(vectors) != expected or (expected and not vectors.size) or not np.isfinite(vectors).all():
            raise self._invalid()
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.divide(vectors, np.where(lengths > 0, lengths, 1), dtype=np.float32)

    def _invalid(self) -> ModelOutputInvalid:
        return ModelOutputInvalid(
            f"the embedding model {self._model!r} did not answer one vector a text; try another model"
        )
