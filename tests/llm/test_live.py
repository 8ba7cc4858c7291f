"""Live models against a provider on loopback, through the real SDKs."""

from __future__ import annotations

import asyncio
import time
from typing import cast

import pytest

from tests.llm.provider_server import (
    Json,
    Step,
    anthropic_answer,
    anthropic_refusal,
    drop,
    failure,
    hang,
    openai_answer,
    openai_text,
    provider_server,
    raw,
)
from tests.llm.questions import Code, question
from tta_dev_primitives.core import Budget, Event, WorkflowContext
from tta_dev_primitives.core.errors import (
    DeadlineExceeded,
    ModelError,
    ModelOutputInvalid,
    ModelRefused,
    ModelRejected,
    ModelUnavailable,
)
from tta_dev_primitives.llm import LanguageModel, ModelAnswered, ModelFailed, Origin, connect
from tta_dev_primitives.settings import Settings

CUT_OFF = raw(b'{"choices": [', "application/json")
GOOD = openai_answer({"code": "print('hello')"})


def openai_at(url: str, *, name: str = "openai:local-model") -> LanguageModel:
    return connect(name, Settings(openai_base_url=f"{url}/v1"))


async def test_a_typed_answer_with_its_usage_and_source() -> None:
    events: list[Event] = []
    with provider_server(openai_answer({"code": "x"}, model="local-model-2026")) as provider:
        reply = await openai_at(provider.url).ask(question(), WorkflowContext(sinks=(events.append,)))
    assert reply.output == Code(code="x")
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.calls) == (40, 10, 1)
    assert (reply.source.origin, reply.source.model) == (Origin.LIVE, "local-model-2026")
    (answered,) = events
    assert isinstance(answered, ModelAnswered)
    told = answered.attributes()
    assert (told["gen_ai.provider.name"], told["gen_ai.request.model"]) == ("openai", "local-model")
    assert told["gen_ai.response.model"] == "local-model-2026"
    assert (told["gen_ai.usage.input_tokens"], "playbox.cost_usd" in told) == (40, False)
    assert answered.operation().remote


async def test_instructions_prompt_and_schema_are_sent_without_streaming() -> None:
    with provider_server(GOOD) as provider:
        await openai_at(provider.url).ask(question("Do this.", instructions="Be brief."), WorkflowContext())
    asked = provider.asked[0]
    assert [(m["role"], m["content"]) for m in cast("list[Json]", asked["messages"])] == [
        ("system", "Be brief."),
        ("user", "Do this."),
    ]
    assert not asked.get("stream")
    assert "cited" in str(asked["tools"])


async def test_the_key_is_sent_and_is_optional_for_a_local_server() -> None:
    with provider_server(GOOD) as provider:
        settings = Settings.from_environment(
            {"OPENAI_BASE_URL": f"{provider.url}/v1", "OPENAI_API_KEY": "sk-test"}
        )
        await connect("openai/local-model", settings).ask(question(), WorkflowContext())
        await openai_at(provider.url).ask(question(), WorkflowContext())
    assert provider.authorizations == ["Bearer sk-test", "Bearer not-needed"]


async def test_text_that_utf8_cannot_hold_is_sent_all_the_same() -> None:
    with provider_server(GOOD) as provider:
        await openai_at(provider.url).ask(question("a\ud800b", instructions="\udfff"), WorkflowContext())
    assert "a?b" in str(provider.asked[0]["messages"])


async def test_a_malformed_answer_is_sent_back_and_the_second_one_counts() -> None:
    with provider_server(openai_answer({"wrong": 1}), GOOD) as provider:
        reply = await openai_at(provider.url).ask(question(), WorkflowContext())
    assert reply.output.code == "print('hello')"
    assert (reply.usage.calls, reply.usage.input_tokens) == (2, 80)


async def test_a_call_that_failed_is_told_with_its_model_and_the_kind_of_error() -> None:
    events: list[Event] = []
    with provider_server(failure(400)) as provider, pytest.raises(ModelRejected):
        await openai_at(provider.url).ask(question(), WorkflowContext(sinks=(events.append,)))
    (failed,) = events
    assert isinstance(failed, ModelFailed)
    told = failed.attributes()
    assert (told["error.type"], told["gen_ai.request.model"]) == ("ModelRejected", "local-model")
    assert failed.operation().name == "chat local-model"
    assert failed.seconds > 0


@pytest.mark.parametrize(
    ("step", "raised", "words", "calls"),
    [
        (openai_answer("{not json"), ModelOutputInvalid, "openai:local-model", 3),
        (openai_text("I would rather talk."), ModelOutputInvalid, "another model", 3),
        (openai_text(None, refusal="I cannot help."), ModelRefused, "I cannot help.", 1),
        (openai_text(None, finish="content_filter"), ModelRefused, "declined", 1),
        (openai_text(None, finish="length"), ModelOutputInvalid, "cut off", 1),
        (failure(400), ModelRejected, "refused the request", 1),
        (raw(b"{}", "application/json"), ModelOutputInvalid, "openai:local-model", 1),
        (raw(b"<html>hello</html>", "text/html"), ModelOutputInvalid, "openai:local-model", 1),
        (failure(401), ModelRejected, "key", 1),
        (failure(403), ModelRejected, "key", 1),
        (failure(404, "model_not_found"), ModelRejected, "no model openai:local-model", 1),
        (failure(429, "insufficient_quota"), ModelRejected, "quota", 1),
        (failure(400, "context_length_exceeded"), ModelRejected, "too long", 1),
    ],
)
async def test_what_will_not_pass_is_one_clear_error(
    step: Step, raised: type[ModelError], words: str, calls: int
) -> None:
    budget = Budget(calls=10)
    with provider_server(step) as provider, pytest.raises(raised) as error:
        await openai_at(provider.url).ask(question(), WorkflowContext(budget=budget))
    assert words in str(error.value)
    assert len(provider.asked) == budget.spent.calls == calls


@pytest.mark.parametrize("step", [failure(500), failure(503), failure(529), failure(429), drop, CUT_OFF])
async def test_what_passes_is_tried_again_and_each_call_is_counted(step: Step) -> None:
    with provider_server(step, GOOD) as provider:
        budget = Budget(calls=2)
        reply = await openai_at(provider.url).ask(question(), WorkflowContext(budget=budget))
    assert reply.usage.calls == budget.spent.calls == len(provider.asked) == 2


async def test_retry_after_is_honoured() -> None:
    with provider_server(failure(429, Retry_After="1"), GOOD) as provider:
        since = time.monotonic()
        await openai_at(provider.url).ask(question(), WorkflowContext())
    assert time.monotonic() - since >= 1


@pytest.mark.parametrize("seconds", ["3", "3600"])
async def test_a_wait_beyond_the_deadline_is_not_waited_for(seconds: str) -> None:
    with provider_server(failure(429, Retry_After=seconds)) as provider, pytest.raises(ModelUnavailable):
        await openai_at(provider.url).ask(question(), WorkflowContext().with_timeout(2))
    assert len(provider.asked) == 1


async def test_an_unreachable_server_is_unavailable() -> None:
    with provider_server(GOOD) as provider:
        gone = provider.url
    with pytest.raises(ModelUnavailable, match="openai:local-model"):
        await openai_at(gone).ask(question(), WorkflowContext())


async def test_a_slow_answer_meets_the_deadline() -> None:
    with provider_server(hang) as provider, pytest.raises(DeadlineExceeded, match="generator"):
        await openai_at(provider.url).ask(question(), WorkflowContext().with_timeout(1))


async def test_a_passed_deadline_asks_nothing() -> None:
    with provider_server(GOOD) as provider:
        context = WorkflowContext(deadline=time.monotonic() - 1)
        with pytest.raises(DeadlineExceeded):
            await openai_at(provider.url).ask(question(), context)
    assert provider.asked == []


async def test_cancellation_propagates() -> None:
    with provider_server(hang) as provider:
        task = asyncio.create_task(openai_at(provider.url).ask(question(), WorkflowContext()))
        while not provider.asked:  # noqa: ASYNC110  # the server is a thread without an event loop
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_one_model_answers_many_at_once() -> None:
    with provider_server(GOOD) as provider:
        model = openai_at(provider.url)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(model.ask(question(), WorkflowContext())) for _ in range(8)]
    assert {task.result().output.code for task in tasks} == {"print('hello')"}


def test_one_model_serves_one_event_loop_after_another() -> None:
    with provider_server(GOOD) as provider:
        model = openai_at(provider.url)
        codes = [asyncio.run(model.ask(question(), WorkflowContext())).output.code for _ in range(2)]
    assert codes == ["print('hello')"] * 2


def anthropic_at(url: str) -> LanguageModel:
    settings = Settings.from_environment({"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "test"})
    return connect("anthropic:claude-sonnet-5-5", settings)


async def test_anthropic_answers_and_its_prefix_is_cached() -> None:
    with provider_server(failure(529), anthropic_answer({"code": "y"}, cached=30)) as provider:
        reply = await anthropic_at(provider.url).ask(question(), WorkflowContext())
    assert reply.output.code == "y"
    assert (reply.usage.input_tokens, reply.usage.cached_tokens, reply.usage.calls) == (70, 30, 2)
    assert "cache_control" in str(provider.asked[0])


async def test_anthropic_refuses() -> None:
    with provider_server(anthropic_refusal) as provider, pytest.raises(ModelRefused):
        await anthropic_at(provider.url).ask(question(), WorkflowContext())
