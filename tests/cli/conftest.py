from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Protocol, cast

import pytest

import tta_dev_primitives
from tests.cli.in_process_sandbox import InProcessSandbox
from tta_dev_primitives.cli import main
from tta_dev_primitives.cli.session import Session
from tta_dev_primitives.llm.types import Role
from tta_dev_primitives.sandbox.types import Sandbox
from tta_dev_primitives.settings import CREDENTIALS
from tta_dev_primitives.testing import Answer, ScriptedModel

ENVIRONMENT = {
    name: value for name, value in os.environ.items() if not name.startswith(("PLAYBOX_", "OPENAI_"))
} | {"PYTHONPATH": str(Path(tta_dev_primitives.__file__).parents[1])}
"""For other processes: this package, whatever is installed, and no settings."""
LESSON = "Call len() before dividing by a count."


@dataclass(frozen=True)
class Ran:
    """What a command returned and printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        """Stdout as exactly one JSON document."""
        return cast("dict[str, object]", json.loads(self.out))


class Playbox(Protocol):
    """Runs one command in this process."""

    def __call__(
        self,
        *arguments: str,
        model: ScriptedModel | None = None,
        sandbox: Sandbox | None = None,
        stdin: bytes = b"",
    ) -> Ran: ...


@pytest.fixture
def playbox(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Playbox:
    """In an empty working directory, with nothing set in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in [*os.environ]:
        if name.startswith("PLAYBOX_") or name in {*CREDENTIALS, "OPENAI_BASE_URL", "FORCE_COLOR"}:
            monkeypatch.delenv(name)

    def run(
        *arguments: str,
        model: ScriptedModel | None = None,
        sandbox: Sandbox | None = None,
        stdin: bytes = b"",
    ) -> Ran:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(stdin), encoding="utf-8"))
        code = main(arguments, Session(model=model, sandbox=sandbox or InProcessSandbox()))
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run


def model_writing(*programs: str, lesson: str = LESSON) -> ScriptedModel:
    """A model that writes these programs in turn and learns one lesson from each run."""
    insight = {"kind": "rule", "content": lesson, "keywords": ["divide"]}
    reflection: Answer = {"diagnosis": "divided by zero", "insights": [insight]}
    dropped: Answer = {"decisions": [{"insight": 1, "decision": "drop"}]}
    written: Sequence[Answer] = [{"plan": "do it", "code": code} for code in programs]
    return ScriptedModel(
        {Role.GENERATOR: written, Role.REFLECTOR: [reflection] * 9, Role.CURATOR: [dropped] * 9}
    )


@pytest.fixture
def learned(playbox: Playbox) -> Path:
    """A playbook with one strategy, learned from a division by zero."""
    done = playbox("run", "Divide", "--expect", "2", model=model_writing("print(1 / 0)", "print(2)"))
    assert done.code == 0, done.err
    return Path(".playbox") / "playbook.db"
