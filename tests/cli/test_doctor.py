from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from tests.cli.conftest import Playbox
from tests.cli.in_process_sandbox import InProcessSandbox
from tta_dev_primitives.core.errors import SandboxUnavailable


def states(playbox: Playbox, *arguments: str, failure: SandboxUnavailable | None = None) -> dict[str, str]:
    sandbox = InProcessSandbox(failure)
    document = playbox("doctor", "--json", *arguments, sandbox=sandbox).document
    checks = cast("list[dict[str, str]]", document["checks"])
    return {check["name"]: check["state"] for check in checks}


def test_a_sound_machine(playbox: Playbox) -> None:
    ran = playbox("doctor")
    assert "✓ sandbox" in ran.out
    assert "none yet" in ran.out
    assert "- model" in ran.out
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "all that is needed is here")


def test_doctor_makes_no_playbook(playbox: Playbox, tmp_path: Path) -> None:
    playbox("doctor")
    assert list(tmp_path.iterdir()) == []


def test_a_sandbox_that_cannot_isolate(playbox: Playbox) -> None:
    sandbox = InProcessSandbox(SandboxUnavailable("cannot isolate code here. user namespaces: refused"))
    ran = playbox("doctor", sandbox=sandbox)
    assert ran.code == 1
    assert "✗ sandbox          cannot isolate code here" in ran.out


def test_a_playbook_that_is_corrupt(playbox: Playbox, tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"no database" * 100)
    assert states(playbox, "--playbook", "broken.db")["playbook"] == "failed"


def test_configured_models_are_connected(playbox: Playbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYBOX_MODEL", "openai:x")
    assert states(playbox)["model"] == "failed"
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789")
    assert states(playbox)["model"] == "ok"


def test_a_wrong_setting_is_told(playbox: Playbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYBOX_BUDGET_USD", "lots")
    ran = playbox("doctor", "--json")
    assert (ran.code, "PLAYBOX_BUDGET_USD='lots'" in str(ran.document["error"])) == (2, True)
