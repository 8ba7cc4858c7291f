"""A client is judged by what its service saw, and by what it returned; never by what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from pydantic import ValidationError

from tests.ace.loop.making import CERTAIN, CrashingSandbox, program, reflection, scripted
from tests.learners.api_client.shop import CLIENT, ITEMS, REFUSED, SCENARIO, SERVICE, TASK
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace import LearningResult
from tta_dev_primitives.core.errors import InvalidTask, SandboxUnavailable
from tta_dev_primitives.learners.api_client import ApiClientLearner, ApiClientTask, Conduct, Scenario
from tta_dev_primitives.sandbox import Limits, Sandbox
from tta_dev_primitives.sandbox.services import Fault, RateLimit
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import MemoryStore, ScriptedModel


def learner(model: ScriptedModel, sandbox: Sandbox, limits: Limits | None = None) -> ApiClientLearner:
    return ApiClientLearner(
        model=model,
        sandbox=sandbox,
        store=MemoryStore(),
        options=replace(CERTAIN, probes=0),
        limits=limits,
        settings=Settings(),
    )


async def tried(sandbox: Sandbox, code: str, task: ApiClientTask = TASK) -> LearningResult:
    model = scripted([program(code)], [reflection()])
    return await learner(model, sandbox).execute(task, WorkflowContext())


def changed(*pairs: tuple[str, str], client: str = CLIENT) -> str:
    for old, new in pairs:
        assert old in client
        client = client.replace(old, new)
    return client


async def test_a_client_that_does_it_all_passes(sandbox: Sandbox) -> None:
    result = await tried(sandbox, CLIENT)

    assert (result.execution_success, result.verdict, result.score) == (True, "passed", 1.0), result.feedback
    assert not result.unchecked


WORSE: Sequence[tuple[tuple[str, str], Sequence[str]]] = (
    (("Token {token}", "Bearer {token}"), ("PermissionError", "wrong credentials; the scheme is Token")),
    (('float(error.headers["Retry-After"])', "1"), ("before the time that an answer told to wait was over",)),
    (('error.headers["Retry-After"]', '"60"'), ("the client waited 1", "30 s are enough in all")),
    (("(429, 503)", "(429,)"), ("main('http://api.test', ", "HTTPError (line ", "503")),
    (("except (ConnectionError, TimeoutError)", "except TimeoutError"), ("ConnectionResetError",)),
    (('{"sku": "A1"}, "order-1"', '{"sku": "A1"}, ""'), ("without the header Idempotency-Key",)),
    (('"order-1"', "str(time.time())"), ()),
    (('"order-1")[1]["id"]', '"order-1")[1]["id"] + 1'), ("which is not what the service has",)),
    (
        ('"X-Next-Cursor" not in headers', "True"),
        ("which is not what the service has", "3 of the 7 items of /parcels were fetched"),
    ),
    (('{"sku": "A1"}', '{"sku": "A2"}'), ('{"sku": "A1"} was not created at /orders',)),
    (
        ("            if error.code not in (429, 503)", "            if False"),
        (),
    ),
    (("    return [*grams", '    ask(url + "/other", token)\n    return [*grams'), ("HTTPError", "404")),
    (
        ("    return [*grams", '    [ask(url + "/parcels/1", token) for _ in range(7)]\n    return [*grams'),
        ("of /parcels/1; 12 are enough",),
    ),
    (("range(5, -1, -1)", "range(0, -1, -1)"), ("HTTPError",)),
)


@pytest.mark.parametrize(("change", "told"), WORSE)
async def test_a_client_that_is_worse_in_one_way(
    sandbox: Sandbox, change: tuple[str, str], told: Sequence[str]
) -> None:
    result = await tried(sandbox, changed(change))

    if not told:
        assert result.execution_success, result.feedback
        return
    assert not result.execution_success
    assert all(words in result.feedback for words in told), result.feedback
    assert 0 <= result.score < 1


INTERFERING = """
import gc, time
def main(url, token):
    next(one for one in gc.get_objects() if type(one).__name__ == "Frames").send(b"?", b"")
    time.sleep(1)
"""


async def test_what_is_refused_must_not_be_sent_again(sandbox: Sandbox) -> None:
    stubborn = """
import urllib.error, urllib.request
def main(url, token):
    for _ in range(3):
        request = urllib.request.Request(url + "/nowhere", headers={"Authorization": "Token s3cret"})
        try:
            urllib.request.urlopen(request, timeout=1)
        except urllib.error.HTTPError:
            pass
    raise PermissionError
"""
    scenario = REFUSED.model_copy(update={"service": SERVICE.model_copy(update={"limit": None})})
    result = await tried(sandbox, stubborn, replace(TASK, scenarios=(scenario,)))

    assert "GET /nowhere was sent again after 404" in result.feedback


async def test_trying_out_credentials_is_not_knowing_them(sandbox: Sandbox) -> None:
    first = """    try:
        ask(url + "/parcels", "?")
    except PermissionError:
        pass
"""
    result = await tried(sandbox, changed(("    grams, query", f"{first}    grams, query")))

    assert "refused with 401, times 1: wrong credentials; the scheme is Token" in result.feedback


async def test_who_waits_for_ever_is_told_so(sandbox: Sandbox) -> None:
    service = SERVICE.model_copy(update={"faults": (Fault(at=1, kind="stall"),)})
    scenario = SCENARIO.model_copy(update={"service": service})
    task = replace(TASK, scenarios=(scenario,))

    result = await tried(sandbox, changed((", timeout=5", "")), task)

    assert "waited without a timeout" in result.feedback
    assert (await tried(sandbox, CLIENT, task)).execution_success


@pytest.mark.parametrize(
    ("code", "verdict", "told"),
    [
        (
            "import os\ndef main(url, token):\n    os._exit(0)",
            "tests_failed",
            "before its checks were complete",
        ),
        ("def main(url, token): return [100, 200, 300, 400, 500, 600, 700, 1]", "tests_failed", "0 of the 7"),
        ("def main(url", "syntax", "SyntaxError"),
        ("import requests", "import", "No module named"),
        ("x = 1", "runtime_error", "defines no function 'main'"),
        ("def main(url, token): return {1}", "runtime_error", "not a JSON value"),
        ("def main(url, token): raise SystemExit(4)", "runtime_error", "exit code 4"),
        ("def main(url, token): return float('nan')", "tests_failed", "not what the service has"),
        (INTERFERING, "policy", "interfered with its connection"),
        (
            "import urllib.request\ndef main(url, token): urllib.request.urlopen('http://x.test', timeout=1)",
            "runtime_error",
            "x.test:80 was asked for; there is only http://api.test",
        ),
    ],
)
async def test_clients_that_are_none(sandbox: Sandbox, code: str, verdict: str, told: str) -> None:
    result = await tried(sandbox, code)

    assert result.verdict == verdict, result.feedback
    assert told in result.feedback, result.feedback


async def test_what_never_ends_is_a_timeout(sandbox: Sandbox) -> None:
    model = scripted([program("def main(url, token):\n    while True: pass")], [reflection()])

    result = await learner(model, sandbox, Limits(wall_s=0.7)).execute(TASK, WorkflowContext())

    assert result.verdict == "timeout"


async def test_the_second_scenario_counts_as_well(sandbox: Sandbox) -> None:
    result = await tried(sandbox, changed(("raise PermissionError", "raise ValueError")))

    assert not result.execution_success
    assert result.score > 0.5
    assert "PermissionError was wanted" in result.feedback


async def test_feedback_is_equal_from_run_to_run(sandbox: Sandbox) -> None:
    change = ('error.headers["Retry-After"]', '"60"')

    first, again = [await tried(sandbox, changed(change)) for _ in range(2)]

    assert first.feedback == again.feedback


async def test_the_credential_is_in_no_feedback(sandbox: Sandbox) -> None:
    service = SERVICE.model_copy(update={"faults": (), "limit": RateLimit(requests=1)})
    scenario = SCENARIO.model_copy(update={"service": service, "args": (service.url, "sk-" + "a" * 40)})
    result = await tried(sandbox, CLIENT, replace(TASK, scenarios=(scenario,)))

    assert "a" * 40 not in result.feedback


async def test_another_sandbox_is_refused_before_a_model_is_paid(sandbox: Sandbox) -> None:
    model = scripted([program(CLIENT)], [reflection()])

    with pytest.raises(SandboxUnavailable, match="sandbox='local'"):
        await learner(model, CrashingSandbox(sandbox, 0)).execute(TASK, WorkflowContext())
    assert not model.requests


def test_a_task_without_a_scenario_or_a_function_is_refused() -> None:
    with pytest.raises(InvalidTask, match="give at least one Scenario"):
        replace(TASK, scenarios=())
    with pytest.raises(InvalidTask, match="no name of a function"):
        replace(TASK, entry_point="a b")


@pytest.mark.parametrize("conduct", [{"whole": ("/none",)}, {"created": {"/none": ()}}, {"most_requests": 0}])
def test_a_conduct_that_nobody_could_show_is_refused(conduct: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Scenario(service=SERVICE, conduct=Conduct.model_validate(conduct))


def test_a_call_returns_or_raises() -> None:
    with pytest.raises(ValidationError, match="give returns or raises"):
        Scenario(service=SERVICE, returns=[dict(item) for item in ITEMS], raises="ValueError")
