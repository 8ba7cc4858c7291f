"""Steps of the provider on loopback that answer as an OpenAI-compatible `/embeddings` endpoint does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from tests.llm.provider_server import Exchange, Step


def embeddings(vector: Callable[[str], Sequence[float]], *, backwards: bool = False) -> Step:
    """Answer with `vector` of each text, in their order or the other way round."""

    def step(exchange: Exchange) -> None:
        texts = cast("list[str]", exchange.body["input"])
        data = [
            {"object": "embedding", "index": index, "embedding": list(vector(text))}
            for index, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        exchange.reply(
            200,
            {
                "object": "list",
                "model": exchange.body["model"],
                "data": data[::-1] if backwards else data,
                "usage": usage,
            },
        )

    return step
