"""The snippets that users of the first document type keep working, character by character.

Nothing in them names a model: the environment does, and a provider on loopback answers.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import indent

import pytest

from tests.llm.provider_server import Exchange, ProviderServer, openai_answer, provider_server
from tta_dev_primitives.ace import LearningResult, SelfLearningCodePrimitive
from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.settings import CREDENTIALS

ROOT = Path(__file__).parents[1]

INTEGRATE = """\
from tta_dev_primitives.ace import SelfLearningCodePrimitive
from tta_dev_primitives import WorkflowContext

# Create a workflow that learns
learner = SelfLearningCodePrimitive()

# Your existing E2B workflows can now learn!
context = WorkflowContext(correlation_id="smart-workflow")
result = await learner.execute({
    "task": "Generate API client code",
    "language": "python"
}, context)

print(f"Learned {result['strategies_learned']} new strategies!")
"""

API_CLIENT = """\
# Learns optimal error handling, retry strategies, rate limiting
api_learner = SelfLearningCodePrimitive()
client_code = await api_learner.execute({
    "task": "Create robust GitHub API client",
    "context": "Handle rate limits, authentication, pagination"
})
# After a few iterations, generates production-quality clients!
"""

DATA_PROCESSING = """\
# Learns data cleaning patterns, performance optimizations
data_learner = SelfLearningCodePrimitive()
processor = await data_learner.execute({
    "task": "Process CSV with missing values and outliers",
    "context": "Large dataset, performance critical"
})
# Learns which pandas operations are fastest, most reliable
"""

DEBUGGING = """\
# Learns debugging strategies from actual error resolution
debug_learner = SelfLearningCodePrimitive()
fix = await debug_learner.execute({
    "task": "Fix this failing test",
    "context": f"Error: {test_error}",
    "code": failing_code
})
# Builds expertise in common error patterns and solutions
"""

PERFORMANCE = """\
# Learns which optimizations actually work in practice
perf_learner = SelfLearningCodePrimitive()
optimized = await perf_learner.execute({
    "task": "Optimize this slow function",
    "context": "Current runtime: 2.3s, target: <0.5s"
})
# Discovers effective optimization patterns through measurement
"""

EVERY_RESULT = """\
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace import SelfLearningCodePrimitive

learner = SelfLearningCodePrimitive()                       # also SelfLearningCodePrimitive(playbook_file=Path("ace_playbook.json"))
result = await learner.execute(
    {"task": "Generate API client code", "language": "python"},   # also: context, code, expected_output, max_iterations
    WorkflowContext(correlation_id="smart-workflow"),
)
result["strategies_learned"]; result["code_generated"]; result["execution_success"]; result["playbook_size"]
result["improvement_score"]; result["learning_summary"]; result["result"]      # attributes work too
learner.success_rate; learner.playbook_size; learner.improvement_score
"""  # noqa: E501  # as it is typed

LESSON = "Import what the client needs before it is used."
PROGRAMS = ("print(request.urlopen)", "print('client ready')")
"""The first fails with a NameError when it really runs, the second prints."""


def answer(exchange: Exchange) -> None:
    """Write a program that fails, then one that runs; learn a lesson from the failure."""
    asked = str(exchange.body)
    if "'diagnosis': {" in asked:
        insights = [{"kind": "pitfall", "content": LESSON, "keywords": ["client"]}]
        return openai_answer({"diagnosis": "A missing import.", "insights": insights})(exchange)
    if "'decisions': {" in asked:
        return openai_answer({"decisions": [{"insight": 1, "decision": "drop"}]})(exchange)
    knows = LESSON in asked or "# Attempt 1" in asked
    return openai_answer({"plan": "As asked.", "code": PROGRAMS[knows]})(exchange)


@pytest.fixture
def provider() -> Iterator[ProviderServer]:
    with provider_server(answer) as server:
        yield server


@pytest.fixture
def environment(provider: ProviderServer, tmp_path: Path) -> Mapping[str, str]:
    """What a user sets once, in a home of one's own."""
    unset = {*CREDENTIALS, "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "HOME"}
    kept = {k: v for k, v in os.environ.items() if k not in unset and not k.startswith("PLAYBOX_")}
    return {
        **kept,
        "HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT / "src"),
        "PLAYBOX_MODEL": "openai:any",
        "OPENAI_API_KEY": "sk-loopback",
        "OPENAI_BASE_URL": f"{provider.url}/v1",
    }


@pytest.fixture
def here(environment: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, with the environment set in this process."""
    for name in [*os.environ]:
        if name.startswith("PLAYBOX_") or name in CREDENTIALS:
            monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def type_in(snippet: str, **names: object) -> dict[str, object]:
    """Run the snippet with `await` at the top level, as a notebook does, and return its names."""
    namespace: dict[str, object] = {"__name__": "__main__", **names}
    code = compile(snippet, "snippet.py", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    done = eval(code, namespace)  # noqa: S307  # the snippets above
    if inspect.isawaitable(done):
        await done
    for value in namespace.values():
        if isinstance(value, SelfLearningCodePrimitive):
            await value.aclose()
    return namespace


def result_in(namespace: Mapping[str, object], name: str) -> LearningResult:
    result = namespace[name]
    assert isinstance(result, LearningResult)
    return result


@pytest.mark.usefixtures("here")
async def test_integrate_with_existing_workflows(capsys: pytest.CaptureFixture[str]) -> None:
    names = await type_in(INTEGRATE)

    assert capsys.readouterr().out == "Learned 1 new strategies!\n"
    result = result_in(names, "result")
    assert (result["code_generated"], result["result"]) == ("print('client ready')", "client ready\n")
    assert result["execution_success"] is True


async def test_the_second_run_knows_what_the_first_one_learned(here: Path) -> None:
    await type_in(INTEGRATE)
    names = await type_in(INTEGRATE)

    result = result_in(names, "result")
    assert (result.attempts, result.strategies_used) == (1, ("str-00001",))
    assert (here / ".playbox" / "playbook.db").is_file()


FAILING = "def add(a, b):\n    return a - b\n\nassert add(1, 1) == 2\n"


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("snippet", "name", "in_prompt"),
    [
        (API_CLIENT, "client_code", "Handle rate limits, authentication, pagination"),
        (DATA_PROCESSING, "processor", "Large dataset, performance critical"),
        (DEBUGGING, "fix", "Error: AssertionError in line 4"),
        (PERFORMANCE, "optimized", "Current runtime: 2.3s, target: <0.5s"),
    ],
    ids=["api client", "data processing", "debugging", "performance"],
)
async def test_the_use_cases(provider: ProviderServer, snippet: str, name: str, in_prompt: str) -> None:
    names = await type_in(
        snippet,
        SelfLearningCodePrimitive=SelfLearningCodePrimitive,
        test_error="AssertionError in line 4",
        failing_code=FAILING,
    )

    result = result_in(names, name)
    assert (result["execution_success"], result["strategies_learned"]) == (True, 1)
    asked = str(provider.asked[0])
    assert in_prompt in asked
    assert ("return a - b" in asked) == (snippet is DEBUGGING)


@pytest.mark.usefixtures("here")
async def test_every_result_by_key_and_by_attribute() -> None:
    names = await type_in(EVERY_RESULT)

    result, learner = result_in(names, "result"), names["learner"]
    assert isinstance(learner, SelfLearningCodePrimitive)
    for key in ("strategies_learned", "code_generated", "execution_success", "playbook_size"):
        assert result[key] == getattr(result, key)
    assert (result["improvement_score"], result.improvement_score) == (0.0, 0.0)
    assert "no baseline to compare with yet" in result["learning_summary"]
    assert (learner.success_rate, learner.playbook_size, learner.improvement_score) == (1.0, 1, 0.0)


async def test_a_playbook_file_of_ones_own_is_json(here: Path) -> None:
    given = 'SelfLearningCodePrimitive(playbook_file=Path("ace_playbook.json"))'
    await type_in(EVERY_RESULT.replace("SelfLearningCodePrimitive()", given), Path=Path)

    assert LESSON in (here / "ace_playbook.json").read_text()


async def test_recorded_once_the_same_snippet_replays_without_a_provider(
    here: Path, provider: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYBOX_MODEL", "record:openai:any")
    recorded = result_in(await type_in(INTEGRATE), "result")
    asked = len(provider.asked)
    (here / ".playbox").rename(here / "kept")
    monkeypatch.setenv("PLAYBOX_MODEL", "replay:playbox.cassette.jsonl")

    replayed = result_in(await type_in(INTEGRATE), "result")

    assert (recorded.replayed, replayed.replayed) == (False, True)
    assert replayed.learned == recorded.learned == (LESSON,)
    assert len(provider.asked) == asked


def run_python(*arguments: str, folder: Path, env: Mapping[str, str], typed: str = "") -> tuple[str, str]:
    done = subprocess.run(  # noqa: S603  # our own interpreter and the snippets above
        [sys.executable, *arguments],
        cwd=folder,
        env=env,
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout, done.stderr


async def test_as_a_command(environment: Mapping[str, str], tmp_path: Path) -> None:
    program = f"import asyncio\n\nasync def main():\n{indent(INTEGRATE, '    ')}\nasyncio.run(main())\n"

    said = await asyncio.to_thread(run_python, "-c", program, folder=tmp_path, env=environment)
    assert said == ("Learned 1 new strategies!\n", "")


async def test_typed_into_a_shell_that_awaits(environment: Mapping[str, str], tmp_path: Path) -> None:
    out, _ = await asyncio.to_thread(
        run_python, "-m", "asyncio", folder=tmp_path, env=environment, typed=f"{INTEGRATE}\nexit()\n"
    )
    assert "Learned 1 new strategies!" in out


@pytest.mark.usefixtures("here")
async def test_without_a_model_the_snippet_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLAYBOX_MODEL")

    with pytest.raises(ConfigurationError, match="no model is configured: set PLAYBOX_MODEL"):
        await type_in(INTEGRATE)
