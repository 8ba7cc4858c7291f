"""What the environment hides, and what a program is given, no command prints or writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import JsonValue

from tests.ace.loop.test_canaries import CANARIES, LINES, PRINTING, VALUES, leaks, telling
from tests.cli.conftest import Playbox, model_writing
from tta_dev_primitives.core.secrets import REDACTED
from tta_dev_primitives.testing import ScriptedModel

PASSWORD = VALUES[0]
ODD = "a+b/c==?&<>d'e\"f"


@pytest.fixture
def secretive(playbox: Playbox, monkeypatch: pytest.MonkeyPatch) -> Playbox:
    monkeypatch.setenv("DB_PASSWORD", PASSWORD)
    monkeypatch.setenv("SERVICE_TOKEN", ODD)
    monkeypatch.setenv("STORE_URL", "postgres://svc:S3cr3tPw0rd@db.internal:5432/app")
    return playbox


def everywhere(folder: Path) -> Iterator[str]:
    for file in folder.rglob("*"):
        if file.is_file():
            yield file.read_bytes().decode("utf-8", "replace")


def test_no_command_prints_or_writes_what_the_environment_hides(secretive: Playbox, tmp_path: Path) -> None:
    shown = f"print({PASSWORD!r}, {ODD!r}, 'S3cr3tPw0rd')"
    model = model_writing(
        f"{shown}\n1 / 0", f"{shown}\nprint(2)", lesson=f"Connect with {PASSWORD} as {ODD}."
    )
    done = secretive("run", f"Divide by {PASSWORD}", "--trace", "--out", "program.py", model=model)
    assert done.code == 0, done.err
    commands = (
        ("run", "Again", "--json"),
        ("playbook", "show"),
        ("playbook", "export", "--json"),
        ("playbook", "export", "--format", "markdown"),
        ("playbook", "export", "--out", "exported.json"),
        ("playbook", "history"),
        ("report",),
        ("metrics",),
        ("trace",),
    )
    model = model_writing(*[shown] * 9, lesson=f"Mind {PASSWORD}.")
    printed = [done, *(secretive(*command, model=model) for command in commands)]
    told = "".join(f"{ran.out}{ran.err}" for ran in printed)
    assert REDACTED in told
    assert leaks(told) == []
    assert leaks("".join(everywhere(tmp_path))) == []
    assert (tmp_path / "exported.json").exists()


@pytest.mark.parametrize("as_json", [False, True])
def test_what_a_program_is_given_it_cannot_print(playbox: Playbox, tmp_path: Path, *, as_json: bool) -> None:
    (tmp_path / "program.py").write_text(f"{PRINTING}\nraise ValueError(os.environ['ODD'])")
    envs = [f"--env={name}={value}" for name, value in CANARIES.items()]
    ran = playbox(
        "sandbox", "run", "program.py", "--sandbox", "local", *envs, *(["--json"] if as_json else [])
    )
    assert ran.code == 1
    assert REDACTED in ran.out
    assert leaks(ran.out + ran.err) == []
    if as_json:
        assert json.loads(ran.out)["success"] is False


def test_a_training_folder_holds_none(
    playbox: Playbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in CANARIES.items():
        monkeypatch.setenv(f"{name}_KEY", value)
    tasks = [
        {"id": f"t{number}", "task": f"Print {number}.", "expected_output": str(number)} for number in (1, 2)
    ]
    (tmp_path / "tasks.jsonl").write_text("\n".join(map(json.dumps, tasks)))
    model = ScriptedModel(lambda request: printing(telling(request)))
    trained = playbox("train", "tasks.jsonl", "--out", "run", model=model)
    told = "".join(everywhere(tmp_path / "run"))
    assert (trained.code, REDACTED in told, "It printed" in told or "stdout" in told) == (0, True, True), (
        trained.err
    )
    reported = playbox("report", "run")
    assert reported.code == 0, reported.err
    told = "".join(everywhere(tmp_path / "run"))
    assert leaks(f"{told}{trained.out}{trained.err}{reported.out}{reported.err}") == []


def printing(answer: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The same answer, but its program prints what it repeats."""
    return {**answer, "code": f"print({chr(10).join(LINES)!r})"} if "code" in answer else answer


def test_an_error_says_what_is_wrong_without(secretive: Playbox) -> None:
    ran = secretive("run", "x", "--model", f"nobody:{PASSWORD}")
    assert ran.code != 0
    assert REDACTED in ran.err
    assert leaks(ran.out + ran.err) == []
    ran = secretive("sandbox", "run", "-", "--env", PASSWORD, stdin=b"pass")
    assert ran.code != 0
    assert leaks(ran.out + ran.err) == []
