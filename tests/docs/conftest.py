"""What a document's code needs when it runs: a model that answers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import pytest

from tests.llm.provider_server import Exchange, openai_answer, provider_server

ANSWERS: Mapping[str, dict[str, object]] = {
    "code": {"plan": "Print a greeting.", "code": "print('hello')", "strategies": []},
    "diagnosis": {"diagnosis": "Nothing failed.", "insights": [], "tags": []},
    "decisions": {"decisions": []},
}
"""An answer for each role, by a field that only its schema has."""


def answer(exchange: Exchange) -> None:
    asked = str(exchange.body)
    role = next(field for field in ANSWERS if f"'{field}': {{" in asked)
    openai_answer(ANSWERS[role])(exchange)


@pytest.fixture
def documented_model() -> Iterator[dict[str, str]]:
    """Return an environment in which every model string is answered on loopback."""
    with provider_server(answer) as provider:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("PLAYBOX_")}
        yield plain | {
            "PLAYBOX_MODEL": "openai:scripted",
            "OPENAI_API_KEY": "sk-scripted",
            "OPENAI_BASE_URL": provider.url + "/v1",
        }
