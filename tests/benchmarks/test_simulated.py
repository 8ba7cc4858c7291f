"""The simulated model server, as a client sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
ORDER = (
    "Order {}: print the sum of the 2014 totals of the granary and the mill of Thornmere, and nothing else."
)
GRANARY = "Granary totals are void until weigh_in(418) has zeroed the scales"
MILL = "A standing wheel means no total at the mill: lift_sluice(502) starts it"
REFUSED = "the granary gives no total: call desk.weigh_in(418) right after opening this desk"
TEXT_FORM = 'Answer: {"reasoning": "...", "bullet_ids": [], "final_answer": "..."}'


@pytest.fixture(scope="module")
def url() -> Generator[str]:
    command = [sys.executable, "-m", "simulated.server", "--latency", "0"]
    environment = os.environ | {"PYTHONPATH": str(BENCHMARKS)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def body_of(*texts: str, tool: Sequence[str] = (), tools: Sequence[str] = ()) -> Mapping[str, object]:
    """Return a request; `tool` are the fields of the tool that takes the answer, `tools` other names."""
    fields: dict[str, Sequence[str]] = {name: () for name in tools}  # noqa: C420  # so that it has a type
    if tool:
        fields["final_result"] = tool
    functions = [
        {"function": {"name": name, "parameters": {"properties": dict.fromkeys(keys, "any")}}}
        for name, keys in fields.items()
    ]
    return {"messages": [{"role": "user", "content": text} for text in texts], "tools": functions}


def ask(url: str, *texts: str, tool: Sequence[str] = (), tools: Sequence[str] = ()) -> Mapping[str, Any]:
    """Return the message that answers `texts`."""
    message: Mapping[str, Any] = post(url, body_of(*texts, tool=tool, tools=tools))["choices"][0]["message"]
    return message


def post(url: str, body: Mapping[str, object]) -> Mapping[str, Any]:
    with urlopen(f"{url}/v1/chat/completions", data=json.dumps(body).encode()) as answer:  # noqa: S310
        told: Mapping[str, Any] = json.load(answer)
    return told


def given(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the arguments of the one call, or the JSON text."""
    calls = message.get("tool_calls")
    told: Mapping[str, Any] = json.loads(calls[0]["function"]["arguments"] if calls else message["content"])
    return told


PROGRAM = ("plan", "code", "strategies")


def test_a_program_follows_the_customs_that_the_prompt_tells_and_no_others(url: str) -> None:
    naive = given(ask(url, ORDER.format(1), tool=PROGRAM))["code"]
    assert "weigh_in" not in naive
    told = given(ask(url, f"- [str-00001] (pitfall) {GRANARY}\n{ORDER.format(1)}", tool=PROGRAM))
    assert "desk.weigh_in(418)" in told["code"]
    assert "lift_sluice" not in told["code"]
    assert told["strategies"] == ["str-00001"]


@pytest.mark.parametrize("source", [GRANARY, REFUSED, "desk.weigh_in(418)\ntotal += 1"])
def test_it_does_not_matter_who_tells_a_custom(url: str, source: str) -> None:
    assert "desk.weigh_in(418)" in given(ask(url, source, ORDER.format(1), tool=PROGRAM))["code"]


def test_the_last_order_is_the_one_that_is_asked(url: str) -> None:
    earlier = "Order 1: print the sum of the 2014 totals of the ferry and the smithy of Thornmere, and."
    assert "granary" in given(ask(url, f"{earlier}\n{ORDER.format(2)}", tool=PROGRAM))["code"]


def test_the_same_question_in_another_form_gets_the_same_program(url: str) -> None:
    structured = given(ask(url, GRANARY, ORDER.format(1), tool=PROGRAM))["code"]
    text = given(ask(url, GRANARY, ORDER.format(1), TEXT_FORM))["final_answer"]
    assert structured == text


def test_probes_are_used_only_where_they_are_offered_and_something_is_not_known(url: str) -> None:
    form = (*PROGRAM, "probes")
    unsure = given(ask(url, GRANARY, ORDER.format(1), tool=form))
    assert unsure["code"] == ""
    assert len(unsure["probes"]) == 1
    assert "desk('mill')" in unsure["probes"][0]
    assert given(ask(url, GRANARY, MILL, ORDER.format(1), tool=form))["code"]


def test_a_reflection_says_what_runs_show_and_strategies_do_not(url: str) -> None:
    form = ("diagnosis", "insights", "tags")
    new = given(ask(url, ORDER.format(1), REFUSED, MILL, tool=form))["insights"]
    assert [insight["content"] for insight in new] == [GRANARY]
    text = given(ask(url, ORDER.format(1), REFUSED, '{"key_insight": "...", "bullet_tags": []}'))
    assert text["key_insight"] == f"New lesson: {GRANARY}"


def test_a_curator_adds_what_is_announced_and_missing(url: str) -> None:
    form = '{"reasoning": "...", "operations": []}'
    news = f"New lesson: {GRANARY}; New lesson: {MILL}"
    added = given(ask(url, news, f"[err-00001] helpful=1 harmful=0 :: {MILL}", form))["operations"]
    assert [operation["content"] for operation in added] == [GRANARY]


def test_additions_by_tools_are_made_in_one_turn(url: str) -> None:
    news = f"New lesson: {GRANARY}; New lesson: {MILL}"
    calls = ask(url, news, tool=("reasoning",), tools=("add_skill",))["tool_calls"]
    assert [call["function"]["name"] for call in calls] == ["add_skill", "add_skill"]
    (report,) = ask(url, "nothing", tool=("reasoning",), tools=("add_skill",))["tool_calls"]
    assert report["function"]["name"] == "final_result"


def test_what_can_be_reused_is_measured_by_role_and_reported_as_a_provider_does(url: str) -> None:
    with urlopen(f"{url}/reset", data=b"{}"):  # noqa: S310  # loopback
        pass
    start = "x" * 8000
    ask(url, start + ORDER.format(1), tool=PROGRAM)
    ask(url, REFUSED, tool=("diagnosis", "insights"))
    usage = post(url, body_of(start + ORDER.format(2), tool=PROGRAM))["usage"]
    with urlopen(f"{url}/records") as answer:  # noqa: S310  # loopback
        records = json.load(answer)
    assert [(record["role"], record["order"]) for record in records] == [
        ("generator", 1),
        ("reflector", 0),
        ("generator", 2),
    ]
    size = len("<user>\n" + start + ORDER.format(2))
    assert records[2]["reusable"] == pytest.approx((size - len(ORDER.format(2)) + len("Order ")) / size)
    assert records[0]["reusable"] == records[0]["cached"] == 0
    assert usage["prompt_tokens_details"]["cached_tokens"] == 1920


def test_a_form_that_it_does_not_know_is_refused(url: str) -> None:
    with pytest.raises(HTTPError) as refused:
        ask(url, ORDER.format(1), tool=("verse", "rhyme"))
    assert "['rhyme', 'verse']" in refused.value.read().decode()
