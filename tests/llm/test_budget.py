"""A budget is never exceeded, whatever the provider answers within its limits."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage

from tests.llm.provider_server import Exchange, drop, failure, hang, openai_answer, provider_server
from tests.llm.questions import question
from tta_dev_primitives.core import Budget, WorkflowContext
from tta_dev_primitives.core.errors import (
    BudgetExceeded,
    ConfigurationError,
    DeadlineExceeded,
    ModelOutputInvalid,
    ModelUnavailable,
)
from tta_dev_primitives.llm import LanguageModel, Price, connect
from tta_dev_primitives.settings import Settings

GOOD = openai_answer({"code": "x"})
PRICE = Price(input=2.0, output=10.0)


def openai_at(url: str, name: str = "local-model", price: Price | None = None) -> LanguageModel:
    return connect(f"openai:{name}", Settings(openai_base_url=f"{url}/v1"), price=price)


async def test_the_reported_usage_is_what_is_settled() -> None:
    budget = Budget(tokens=100_000, calls=3)
    with provider_server(GOOD) as provider:
        await openai_at(provider.url).ask(question(), WorkflowContext(budget=budget))
    assert (budget.spent.tokens, budget.spent.calls) == (50, 1)
    assert budget.tokens_left == 99_950


async def test_the_output_limit_is_lowered_to_what_the_budget_leaves() -> None:
    with provider_server(GOOD) as provider:
        model = openai_at(provider.url)
        await model.ask(question(), WorkflowContext())
        await model.ask(question(), WorkflowContext(budget=Budget(tokens=4_000)))
    free, bound = (cast("int", body["max_completion_tokens"]) for body in provider.asked)
    assert free == 8192
    assert 256 <= bound < 4_000


async def test_a_call_that_could_exceed_the_budget_is_not_made() -> None:
    with provider_server(GOOD) as provider, pytest.raises(BudgetExceeded, match="raise the budget"):
        await openai_at(provider.url).ask(question(), WorkflowContext(budget=Budget(tokens=500)))
    assert provider.asked == []


async def test_the_input_bound_covers_everything_that_is_sent() -> None:
    prompt = "äöü€" * 2_000
    with provider_server(GOOD) as provider, pytest.raises(BudgetExceeded):
        await openai_at(provider.url).ask(
            question(prompt), WorkflowContext(budget=Budget(tokens=len(prompt.encode())))
        )
    assert provider.asked == []


async def test_each_request_for_a_better_form_is_a_call_of_its_own() -> None:
    with provider_server(openai_answer({"wrong": 1})) as provider, pytest.raises(BudgetExceeded):
        await openai_at(provider.url).ask(question(), WorkflowContext(budget=Budget(calls=2)))
    assert len(provider.asked) == 2


async def test_retries_stop_at_the_budget() -> None:
    budget = Budget(calls=1)
    with provider_server(failure(500)) as provider, pytest.raises(BudgetExceeded):
        await openai_at(provider.url).ask(question(), WorkflowContext(budget=budget))
    assert len(provider.asked) == budget.spent.calls == 1


async def test_a_refused_call_costs_no_tokens_and_a_lost_one_costs_its_reservation() -> None:
    refused, lost = Budget(tokens=100_000), Budget(tokens=100_000, calls=1)
    with provider_server(failure(503), GOOD, drop) as provider:
        model = openai_at(provider.url)
        await model.ask(question(), WorkflowContext(budget=refused))
        with pytest.raises((BudgetExceeded, ModelUnavailable)):
            await model.ask(question(), WorkflowContext(budget=lost))
    assert refused.spent.tokens == 50
    assert lost.spent.tokens > 8192


async def test_a_call_cut_off_by_the_deadline_costs_its_reservation() -> None:
    budget = Budget(tokens=100_000)
    with provider_server(hang) as provider, pytest.raises(DeadlineExceeded):
        await openai_at(provider.url).ask(question(), WorkflowContext(budget=budget).with_timeout(1))
    assert budget.spent.tokens > 8192
    assert budget.tokens_left == 100_000 - budget.spent.tokens


async def test_money_follows_the_price_list() -> None:
    budget = Budget(usd=1.0)
    answer = openai_answer({"code": "x"}, tokens=(1_000_000, 0), model="gpt-4o-mini-2024-07-18")
    with provider_server(answer) as provider:
        reply = await openai_at(provider.url, "gpt-4o-mini").ask(question(), WorkflowContext(budget=budget))
    assert reply.usage.usd == pytest.approx(0.15)
    assert budget.spent.usd == pytest.approx(0.15)


async def test_a_stated_price_replaces_the_list() -> None:
    with provider_server(GOOD) as provider:
        model = openai_at(provider.url, price=PRICE)
        reply = await model.ask(question(), WorkflowContext(budget=Budget(usd=0.05)))
    assert reply.usage.usd == pytest.approx(40 * 2e-6 + 10 * 1e-5)
    assert cast("int", provider.asked[0]["max_completion_tokens"]) < 8192


async def test_money_without_a_price_is_a_configuration_error() -> None:
    with provider_server(GOOD) as provider:
        model = openai_at(provider.url)
        reply = await model.ask(question(), WorkflowContext())
        with pytest.raises(ConfigurationError, match="PLAYBOX_BUDGET_TOKENS"):
            await model.ask(question(), WorkflowContext(budget=Budget(usd=1.0)))
    assert reply.usage.usd is None
    assert len(provider.asked) == 1


async def test_missing_usage_costs_the_reservation() -> None:
    def without_usage(exchange: Exchange) -> None:
        openai_answer({"code": "x"}, tokens=(0, 0))(exchange)

    budget = Budget(tokens=100_000)
    with provider_server(without_usage) as provider:
        await openai_at(provider.url).ask(question(), WorkflowContext(budget=budget))
    assert budget.spent.tokens > 8192


@pytest.mark.parametrize("price", [Price(input=0, output=0), Price(input=0, output=5)])
async def test_a_free_input_is_a_price(price: Price) -> None:
    with provider_server(GOOD) as provider:
        context = WorkflowContext(budget=Budget(usd=0.1))
        reply = await openai_at(provider.url, price=price).ask(question(), context)
    assert reply.usage.usd == pytest.approx(10 * price.output / 1e6)


@pytest.mark.parametrize("price", [-1.0, float("nan"), float("inf")])
def test_a_price_is_a_number(price: float) -> None:
    with pytest.raises(ConfigurationError, match="price input"):
        Price(input=price, output=1)


def a_token_per_byte(exchange: Exchange) -> None:
    """Report the most tokens that any tokenizer could count, and all of the output that was allowed."""
    sent = [exchange.body["messages"], exchange.body["tools"]]
    most = (
        len(json.dumps(sent, ensure_ascii=False).encode()),
        cast("int", exchange.body["max_completion_tokens"]),
    )
    openai_answer({"code": "x"} if len(str(sent)) % 2 else {"wrong": "x"}, tokens=most)(exchange)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    instructions=st.text(max_size=300),
    prompt=st.text(min_size=1, max_size=300),
    tokens=st.integers(2_000, 9_000),
)
def test_the_bound_holds_for_any_text(instructions: str, prompt: str, tokens: int) -> None:
    budget = Budget(tokens=tokens, usd=0.05)

    async def ask(url: str) -> None:
        with contextlib.suppress(BudgetExceeded, ModelOutputInvalid):
            await openai_at(url, price=PRICE).ask(
                question(prompt, instructions=instructions), WorkflowContext(budget=budget)
            )

    with provider_server(a_token_per_byte) as provider:
        asyncio.run(ask(provider.url))
    assert budget.spent.tokens <= tokens
    assert budget.spent.usd <= 0.05


async def test_instructions_are_counted_once() -> None:
    request = question(instructions="i" * 20_000)
    with provider_server(GOOD) as provider:
        context = WorkflowContext(budget=Budget(tokens=20_000 + 4_000))
        await openai_at(provider.url).ask(request, context)
    assert len(provider.asked) == 1


answers = st.lists(
    st.tuples(st.booleans(), st.floats(0, 1), st.floats(0, 1)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    answers=answers,
    tokens=st.integers(1, 40_000) | st.none(),
    usd=st.floats(1e-4, 0.3) | st.none(),
    calls=st.integers(1, 10) | st.none(),
)
def test_spent_never_exceeds_the_limits(
    answers: list[tuple[bool, float, float]], tokens: int | None, usd: float | None, calls: int | None
) -> None:
    """The provider uses any share of the input bound and of the output limit that it was given."""
    budget = Budget(tokens=tokens, usd=usd, calls=calls)
    left = iter(answers)

    async def respond(_messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        await asyncio.sleep(0)
        good, in_share, out_share = next(left, answers[-1])
        limit = cast("dict[str, int]", info.model_settings)["max_tokens"]
        arguments = {"code": "x"} if good else {"wrong": "x"}
        return ModelResponse(
            parts=[ToolCallPart(info.output_tools[0].name, arguments)],
            usage=RequestUsage(input_tokens=int(in_share * 1_000), output_tokens=int(out_share * limit)),
        )

    model = connect(FunctionModel(respond), Settings(), price=PRICE)

    async def ask(number: int) -> None:
        try:
            await model.ask(question(attempt=number), WorkflowContext(budget=budget))
        except (BudgetExceeded, ModelOutputInvalid):
            return

    async def run() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(1, len(answers) + 1):
                group.create_task(ask(number))

    asyncio.run(run())
    assert tokens is None or budget.spent.tokens <= tokens
    assert usd is None or budget.spent.usd <= usd
    assert calls is None or budget.spent.calls <= calls
