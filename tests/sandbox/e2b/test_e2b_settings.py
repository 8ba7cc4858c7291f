"""From the settings to E2B: all a user needs is a name and a key."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.sandbox.e2b.exchange import KEY, FakeE2B

from tta_dev_primitives.ace import SelfLearningCodePrimitive
from tta_dev_primitives.cli import main
from tta_dev_primitives.cli.session import Session
from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.llm.types import Role
from tta_dev_primitives.sandbox import E2BSandbox, Isolation, open_sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import ScriptedModel

SLUG = "import asyncio\nasync def work(): return 1\nasyncio.run(work())\ndef slug(x): return x.lower()"


def writing(code: str) -> ScriptedModel:
    return ScriptedModel(
        {
            Role.GENERATOR: [{"plan": "do it", "code": code}],
            Role.REFLECTOR: [{"diagnosis": "it worked", "insights": []}],
        }
    )


def test_a_name_and_a_key_are_enough() -> None:
    settings = Settings.from_environment({"PLAYBOX_SANDBOX": "e2b", "E2B_API_KEY": KEY})
    sandbox = open_sandbox(settings.sandbox, settings)
    assert isinstance(sandbox, E2BSandbox)
    assert KEY not in repr(vars(sandbox))


def test_without_settings_they_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("E2B_API_KEY", KEY)
    assert isinstance(open_sandbox("e2b"), E2BSandbox)


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ConfigurationError, match="E2B_API_KEY"):
        open_sandbox("e2b", Settings.from_environment({}))
    with pytest.raises(ConfigurationError, match="E2B_API_KEY"):
        E2BSandbox(api_key="")


@pytest.mark.parametrize("wrong", [{"max_concurrent": 0}, {"run_id": ""}])
def test_values_that_cannot_be_used(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        E2BSandbox(api_key=KEY, **wrong)  # type: ignore[arg-type]


def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    """In an interpreter that finds everything but the SDK."""
    code = (
        "import importlib.util as util, sys\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name.startswith('e2b') else find(name, *rest)\n"
        "from tta_dev_primitives.sandbox import open_sandbox\n"
        "assert not any(name.startswith('e2b') for name in sys.modules)\n"
        "try: open_sandbox('e2b')\n"
        "except ValueError as error: print(type(error).__name__, error)"
    )
    environment = {"E2B_API_KEY": KEY, "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(  # noqa: S603  # our own interpreter and text
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=tmp_path,
    )
    assert done.stdout.startswith("ConfigurationError")
    assert "pip install 'tta-dev-primitives[e2b]'" in done.stdout


@pytest.mark.parametrize(
    "check",
    [
        {"cases": [{"args": ["A"], "expected": "a"}], "entry_point": "slug"},
        {"tests": "from solution import slug\nassert slug('A') == 'a'"},
    ],
)
async def test_the_loop_judges_on_e2b(
    server: FakeE2B, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, check: dict[str, object]
) -> None:
    monkeypatch.setenv("E2B_API_KEY", KEY)
    monkeypatch.delenv("PLAYBOX_SANDBOX", raising=False)
    async with SelfLearningCodePrimitive(
        tmp_path / "playbook.db", model=writing(SLUG), sandbox="e2b"
    ) as learner:
        task = {"task": "Write slug", "language": "python", **check}
        result = await learner.execute(task, WorkflowContext())
    assert (result.execution_success, result.isolation) == (True, Isolation.REMOTE)
    assert server.alive == []


@pytest.fixture
def configured(server: FakeE2B, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeE2B:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("E2B_API_KEY", KEY)
    monkeypatch.delenv("PLAYBOX_SANDBOX", raising=False)
    return server


def test_the_command_line_runs_there(configured: FakeE2B, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("run", "Print 42", "--expect", "42", "--sandbox", "e2b")
    code = main(arguments, Session(model=writing("print(6 * 7)")))
    assert code == 0, capsys.readouterr().err
    assert len(configured.machines) == 1
    assert configured.alive == []


def sandbox_check(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    main(("doctor", "--json"), Session())
    checks: list[dict[str, str]] = json.loads(capsys.readouterr().out)["checks"]
    return next(check for check in checks if check["name"] == "sandbox")


def test_the_doctor_looks_there(
    configured: FakeE2B, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYBOX_SANDBOX", "e2b")
    assert (sandbox_check(capsys)["state"], len(configured.machines)) == ("ok", 1)
    monkeypatch.setenv("E2B_API_KEY", "e2b_wrong")
    assert "E2B_API_KEY" in sandbox_check(capsys)["detail"]
    assert configured.alive == []
