"""`playbox sandbox serve`: a process of its own, and what it says."""

from __future__ import annotations

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# The SDK has types, but no py.typed, and not everywhere.
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from e2b_code_interpreter.code_interpreter_sync import Sandbox
from tests.cli.conftest import ENVIRONMENT
from tests.sandbox.processes import descendants

from tta_dev_primitives.cli import main

WITHOUT = """
import sys
sys.modules["starlette"] = None
from tta_dev_primitives.cli import main
sys.exit(main(["sandbox", "serve", "--port", "0"]))
"""


@contextmanager
def command(*options: str) -> Generator[subprocess.Popen[str]]:
    line = [sys.executable, "-m", "tta_dev_primitives.cli", "sandbox", "serve", "--port", "0", *options]
    with subprocess.Popen(  # noqa: S603  # our own program
        line, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_what_it_prints_is_all_that_a_user_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    with command() as process:
        assert process.stdout is not None
        for _ in range(3):
            name, value = process.stdout.readline().removeprefix("export ").strip().split("=")
            monkeypatch.setenv(name, value)
        assert re.fullmatch("e2b_[0-9a-f]{40}", os.environ["E2B_API_KEY"])  # older versions of the SDK insist
        sandbox = Sandbox.create(timeout=120)
        assert sandbox.run_code("6 * 7").text == "42"
        sandbox.commands.run("sleep 600", background=True)
        below = descendants(process.pid)
        assert below
        process.send_signal(signal.SIGINT)
        _, told = process.communicate()
        assert process.returncode == 130
        assert "Traceback" not in told
        assert "Interrupted" in told or "interrupted" in told
        assert not [pid for pid in below if pid in descendants(1)]
    with pytest.raises(httpx.TransportError):
        Sandbox.list().next_items()


def test_a_key_of_the_environment_is_needed_and_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENVIRONMENT, "PLAYBOX_SERVER_KEY", "of-the-environment")
    with command("--key", "of-the-line", "--json") as process:
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or lines[-1].strip() != "}":
            lines.append(process.stdout.readline())
        told = json.loads("".join(lines))
        assert sorted(told) == ["api_url", "isolation", "sandbox_url"]
        for key, status in (("of-the-environment", 200), ("of-the-line", 200), ("another", 401)):
            answer = httpx.get(f"{told['api_url']}/v2/sandboxes", headers={"X-API-KEY": key})
            assert answer.status_code == status
        process.send_signal(signal.SIGTERM)
        process.communicate()
        assert process.returncode == 143


def test_without_the_extra_it_says_what_to_install() -> None:
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", WITHOUT], env=ENVIRONMENT, text=True, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert "pip install 'tta-dev-primitives[serve]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "0.0.0.0"], "name the keys"),  # noqa: S104  # that is the point
        (["--key", ""], "a key is empty"),
        (["--host", "192.0.2.1", "--key", "x", "--port", "0"], "cannot listen on 192.0.2.1"),
    ],
)
def test_what_cannot_be_had_is_said(
    capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert main(["sandbox", "serve", *options]) == 2
    assert said in capsys.readouterr().err


def test_it_asks_for_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox"]) == 2
    assert "serve" in capsys.readouterr().out


def test_packages_of_an_environment_can_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)  # noqa: S603  # ours
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "of_the_environment.py").write_text("answer = 42", encoding="utf-8")
    with command("--environment", str(environment)) as process:
        assert process.stdout is not None
        for _ in range(3):
            name, value = process.stdout.readline().removeprefix("export ").strip().split("=")
            monkeypatch.setenv(name, value)
        sandbox = Sandbox.create(timeout=120)
        assert sandbox.run_code("import of_the_environment\nof_the_environment.answer").text == "42"
