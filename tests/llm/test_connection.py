"""Connections to a provider, as the provider sees them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.llm.provider_server import Exchange, Step, openai_answer, provider_server
from tests.llm.questions import question
from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.llm import LanguageModel, Recording, connect
from tta_dev_primitives.llm.connection import kept_open
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import ScriptedModel


def noting(peers: set[tuple[str, int]]) -> Step:
    """Answer, and note where the question came from: a new port is a new connection."""
    answer = openai_answer({"code": "x"})

    def step(exchange: Exchange) -> None:
        peers.add(exchange.handler.client_address)
        answer(exchange)

    return step


async def three_questions(model: LanguageModel) -> None:
    for number in range(3):
        await model.ask(question(task_id=f"t{number}"), WorkflowContext())


async def test_a_question_by_itself_has_a_connection_of_its_own() -> None:
    peers = set[tuple[str, int]]()
    with provider_server(noting(peers)) as provider:
        await three_questions(connect("openai:m", Settings(openai_base_url=f"{provider.url}/v1")))
    assert len(peers) == 3


async def test_kept_open_questions_share_one_also_where_answers_are_recorded(tmp_path: Path) -> None:
    for wrapped in (False, True):
        peers = set[tuple[str, int]]()
        with provider_server(noting(peers)) as provider:
            model = connect("openai:m", Settings(openai_base_url=f"{provider.url}/v1"))
            asked = Recording(model, tmp_path / "tape.jsonl") if wrapped else model
            async with kept_open([asked, asked]), kept_open([asked]):
                await three_questions(asked)
        assert len(peers) == 1


def test_a_model_can_be_kept_open_in_one_loop_after_the_other() -> None:
    peers = set[tuple[str, int]]()
    with provider_server(noting(peers)) as provider:
        model = connect("openai:m", Settings(openai_base_url=f"{provider.url}/v1"))

        async def work() -> None:
            async with kept_open([model]):
                await three_questions(model)

        asyncio.run(work())
        asyncio.run(work())
        asyncio.run(three_questions(model))
    assert len(peers) == 2 + 3


async def test_models_without_connections_are_left_alone() -> None:
    async with kept_open([ScriptedModel({})]):
        pass
