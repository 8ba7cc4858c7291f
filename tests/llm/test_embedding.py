"""Embeddings from an OpenAI-compatible endpoint, here a server on loopback."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import SecretStr

from tests.llm.embedding_server import embeddings
from tests.llm.provider_server import Exchange, Step, provider_server
from tta_dev_primitives.core.errors import ModelOutputInvalid, ModelRejected, ModelUnavailable
from tta_dev_primitives.llm.embedding import Embedder, connect_embedder
from tta_dev_primitives.settings import Settings


def embedder(url: str, **more: object) -> Embedder:
    settings = Settings.model_validate({"embedding_model": "small", "embedding_base_url": url, **more})
    found = connect_embedder(settings)
    assert found is not None
    return found


def test_without_a_model_there_is_none() -> None:
    assert connect_embedder(Settings()) is None


async def test_texts_become_vectors_of_length_one_in_their_order() -> None:
    with provider_server(embeddings(lambda text: (float(len(text)), 1.0), backwards=True)) as server:
        vectors = await embedder(f"{server.url}/v1").vectors(["", "lone \ud800", "x" * 9])
        many = await embedder(f"{server.url}/v1").vectors([str(number) for number in range(300)])
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert np.allclose(vectors[2], np.array([9, 1]) / np.sqrt(82))
    assert many.shape == (300, 2)
    assert [len(asked["input"]) for asked in server.asked] == [3, 128, 128, 44]  # type: ignore[arg-type]


async def test_a_url_of_its_own_never_gets_the_key_of_another() -> None:
    keys = {"OPENAI_API_KEY": SecretStr("sk-of-openai")}
    with provider_server(embeddings(lambda _: (1.0,))) as server:
        await embedder(server.url, keys=keys).vectors(["x"])
        await embedder(server.url, keys=keys, embedding_key="its-own").vectors(["x"])
        await embedder("", embedding_base_url=None, openai_base_url=server.url, keys=keys).vectors(["x"])
    assert server.authorizations == ["Bearer not-needed", "Bearer its-own", "Bearer sk-of-openai"]


def status(code: int) -> Step:
    return lambda exchange: exchange.reply(code, {"error": {"message": "no"}})


def saying(answer: dict[str, object]) -> Step:
    def step(exchange: Exchange) -> None:
        exchange.reply(200, answer)

    return step


def raw(answer: bytes, *, kind: str = "text/plain") -> Step:
    return lambda exchange: exchange.send(200, answer, {"Content-Type": kind})


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (status(401), ModelRejected),
        (status(404), ModelRejected),
        (status(503), ModelUnavailable),
        (saying({}), ModelOutputInvalid),
        (saying({"data": [{"index": 0}]}), ModelOutputInvalid),
        (saying({"data": [{"index": 0, "embedding": []}]}), ModelOutputInvalid),
        (saying({"data": [{"index": 0, "embedding": ["a"]}]}), ModelOutputInvalid),
        (saying({"data": [{"index": 0, "embedding": [1.0]}] * 2}), ModelOutputInvalid),
        (saying({"data": "?"}), ModelOutputInvalid),
        (raw(b"not json"), ModelOutputInvalid),
        (raw(b"{", kind="application/json"), ModelOutputInvalid),
    ],
)
async def test_what_an_endpoint_does_wrong_is_an_error_of_the_tree(
    step: Step, error: type[Exception]
) -> None:
    with provider_server(step) as server, pytest.raises(error, match="'small'"):
        await embedder(server.url).vectors(["x"])


async def test_an_endpoint_that_is_not_there() -> None:
    with provider_server(status(500)) as server:
        url = server.url
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await embedder(url).vectors(["x"])
