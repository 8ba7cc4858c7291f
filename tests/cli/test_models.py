from __future__ import annotations

from typing import cast

import pytest

from tests.cli.conftest import Playbox
from tests.llm.provider_server import failure, openai_answer, provider_server

KEY = "sk-proj-0123456789abcdefghij"


def test_list_tells_which_key_is_set_and_never_the_key(
    playbox: Playbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    plain, document = playbox("models", "list"), playbox("models", "list", "--json")
    assert "ready: OPENAI_API_KEY is set" in plain.out
    assert "set ANTHROPIC_API_KEY" in plain.out
    assert KEY not in plain.out + document.out
    providers = cast("list[dict[str, object]]", document.document["providers"])
    assert [p["key_set"] for p in providers if p["name"] == "openai"] == ["OPENAI_API_KEY"]


def test_check_asks_once_and_reports(playbox: Playbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with provider_server(openai_answer({"sum": 5})) as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{provider.url}/v1")
        ran = playbox("models", "check", "openai-chat:small")
        document = playbox("models", "check", "openai-chat:small", "--json").document
    assert ran.code == 0
    assert "✓ openai-chat:small" in ran.out
    assert (document["ok"], document["calls"], document["tokens"]) == (True, 1, 50)


@pytest.mark.parametrize("as_json", [False, True])
def test_a_model_that_fails_the_check_exits_with_3(
    playbox: Playbox, monkeypatch: pytest.MonkeyPatch, *, as_json: bool
) -> None:
    with provider_server(failure(401)) as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{provider.url}/v1")
        ran = playbox("models", "check", "openai-chat:small", *(["--json"] if as_json else []))
    assert ran.code == 3
    told = ran.document["error"] if as_json else ran.err
    assert "refuses the key" in str(told)


@pytest.mark.parametrize(
    ("model", "code", "told"),
    [
        ("nobody:x", 2, "unknown provider 'nobody'"),
        ("openai:x", 2, "needs a key"),
        ("replay:missing.jsonl", 3, "there is no cassette"),
    ],
)
def test_a_model_that_cannot_be_asked(playbox: Playbox, model: str, code: int, told: str) -> None:
    ran = playbox("models", "check", model)
    assert (ran.code, told in ran.err) == (code, True)
