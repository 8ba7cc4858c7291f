from __future__ import annotations

import pytest

from tests.core.steps import Add, Fail
from tests.observability.conftest import PLAIN, Metrics, run_the_loop
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.llm import Usage
from tta_dev_primitives.llm.types import ModelAnswered, ModelFailed, Origin, Role, Source
from tta_dev_primitives.observability import MetricsSink
from tta_dev_primitives.sandbox import Sandbox

MODEL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "playbox",
    "gen_ai.request.model": "scripted",
}


async def test_the_loop_is_measured(metrics: Metrics, sandbox: Sandbox) -> None:
    await run_the_loop(sandbox, MetricsSink(meter_provider=metrics.provider, settings=PLAIN))

    tokens = {str(point["gen_ai.token.type"]): point for point in metrics.points("gen_ai.client.token.usage")}
    assert (tokens["input"]["sum"], tokens["input"]["count"]) == (300, 3)
    assert (tokens["output"]["sum"], tokens["output"]["count"]) == (150, 3)
    assert MODEL.items() <= tokens["input"].items()
    (calls,) = metrics.points("gen_ai.client.operation.duration")
    assert calls["count"] == 3
    verdicts = {
        str(point["playbox.verdict.kind"]): point["value"] for point in metrics.points("playbox.verdicts")
    }
    assert verdicts == {"tests_failed": 1, "passed": 1}
    (strategies,) = metrics.points("playbox.strategies")
    assert (strategies["playbox.strategies.what"], strategies["value"]) == ("added", 1)
    (runs,) = metrics.points("playbox.sandbox.duration")
    assert (runs["playbox.sandbox.language"], runs["playbox.sandbox.stop"], runs["count"]) == (
        "python",
        "exited",
        2,
    )
    events = {str(point["playbox.event"]): point["value"] for point in metrics.points("playbox.events")}
    assert (events["model_answered"], events["code_ran"], events["playbook_changed"]) == (3, 2, 1)


async def test_steps_are_timed_by_name_and_by_error(metrics: Metrics) -> None:
    context = WorkflowContext(sinks=(MetricsSink(meter_provider=metrics.provider, settings=PLAIN),))
    await Add().execute(1, context)
    await Add().execute(1, context)
    with pytest.raises(ZeroDivisionError):
        await Fail(ZeroDivisionError).execute(1, context)
    steps = {str(point["playbox.step"]): point for point in metrics.points("playbox.step.duration")}
    assert steps["Add"]["count"] == 2
    assert "error.type" not in steps["Add"]
    assert steps["Fail"]["error.type"] == "ZeroDivisionError"


@pytest.mark.parametrize(("usd", "expected"), [(0.25, [0.5]), (None, [])])
def test_cost_is_counted_where_a_price_is_known(
    metrics: Metrics, usd: float | None, expected: list[float]
) -> None:
    context = WorkflowContext(sinks=(MetricsSink(meter_provider=metrics.provider, settings=PLAIN),))
    for _ in range(2):
        context.emit(
            ModelAnswered(
                role=Role.GENERATOR,
                task_id="t",
                attempt=1,
                usage=Usage(input_tokens=10, output_tokens=5, calls=1, usd=usd),
                source=Source(origin=Origin.LIVE, model="gpt"),
                seconds=1.5,
                provider="openai",
                model="gpt",
            )
        )
    assert [point["value"] for point in metrics.points("playbox.cost")] == expected


async def test_without_an_sdk_nothing_happens() -> None:
    assert await Add().execute(1, WorkflowContext(sinks=(MetricsSink(settings=PLAIN),))) == 2


def test_a_call_that_failed_has_a_duration_and_no_tokens(metrics: Metrics) -> None:
    context = WorkflowContext(sinks=(MetricsSink(meter_provider=metrics.provider, settings=PLAIN),))
    context.emit(
        ModelFailed(
            role=Role.CURATOR,
            task_id="t",
            attempt=1,
            seconds=2.0,
            provider="openai",
            model="gpt",
            error="ModelRejected",
        )
    )
    (call,) = metrics.points("gen_ai.client.operation.duration")
    assert (call["error.type"], call["sum"]) == ("ModelRejected", 2.0)
    assert metrics.points("gen_ai.client.token.usage") == []
