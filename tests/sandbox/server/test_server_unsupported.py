"""What E2B has and the local server has not is refused by name, never left out in silence."""

from __future__ import annotations

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# The SDK has types, but no py.typed, and not everywhere.
from collections.abc import Callable
from typing import Any, cast

import httpx
import pytest
from e2b import NotFoundException, PtySize, SandboxException
from e2b_code_interpreter.code_interpreter_sync import Sandbox
from tests.sandbox.server.serving import KEY, Served

Use = Callable[[Sandbox], object]


FEATURES: list[tuple[str, Use]] = [
    ("snapshots", lambda sandbox: sandbox.create_snapshot()),
    ("forking", lambda sandbox: sandbox.fork()),
    ("metrics", lambda sandbox: sandbox.get_metrics()),
    ("rules for the network", lambda sandbox: sandbox.update_network({"deny_out": ["0.0.0.0/0"]})),
    ("without the memory", lambda sandbox: sandbox.pause(keep_memory=False)),
    ("watching", lambda sandbox: sandbox.files.watch_dir("/home/user")),
    ("metadata of files", lambda sandbox: sandbox.files.write("x", "", metadata={"a": "b"})),
    ("pseudo-terminals", lambda sandbox: sandbox.pty.create(PtySize(rows=1, cols=1))),
    ("'root'", lambda sandbox: sandbox.commands.run("true", user="root")),
    ("'root'", lambda sandbox: sandbox.files.read("x", user="root")),
]


@pytest.mark.parametrize(("feature", "use"), FEATURES, ids=[name for name, _ in FEATURES])
def test_a_feature_of_a_sandbox(sandbox: Sandbox, feature: str, use: Use) -> None:
    with pytest.raises(SandboxException, match=feature) as refusal:
        use(sandbox)
    assert "501" in str(refusal.value) or "UNIMPLEMENTED" in str(refusal.value).upper()


@pytest.mark.parametrize(
    ("feature", "wish"),
    [
        ("rules for the network", {"network": {"allow_out": ["1.1.1.1"]}}),
        ("MCP", {"mcp": {"server": {}}}),
        ("without the memory", {"lifecycle": {"on_timeout": {"action": "pause", "keep_memory": False}}}),
    ],
)
def test_a_wish_for_a_new_sandbox(feature: str, wish: dict[str, object]) -> None:
    with pytest.raises(SandboxException, match=f"501.*{feature}"):
        Sandbox.create(**cast("dict[str, Any]", wish))


@pytest.mark.parametrize(
    "wish", [{"allow_internet_access": False}, {"network": {"allow_public_traffic": False}}]
)
def test_a_wish_that_is_fulfilled_anyway(wish: dict[str, object]) -> None:
    assert Sandbox.create(**cast("dict[str, Any]", wish)).kill()


def test_there_is_no_network_whoever_asks() -> None:
    sandbox = Sandbox.create(allow_internet_access=True)  # as older versions of the SDK do unasked
    try:
        assert sandbox.get_info().allow_internet_access is False
        error = sandbox.run_code("import socket\nsocket.create_connection(('127.0.0.1', 1))").error
        assert error is not None
        assert error.name == "PermissionError"
    finally:
        sandbox.kill()


def test_a_template_of_ones_own_is_not_found() -> None:
    with pytest.raises((SandboxException, NotFoundException), match="'my-template' not found"):
        Sandbox.create("my-template")


@pytest.mark.parametrize(
    ("path", "feature"),
    [
        ("/templates", "templates"),
        ("/v2/templates/x/builds/y", "templates"),
        ("/snapshots", "snapshots"),
        ("/volumes/x", "volumes"),
        ("/secrets", "secrets"),
    ],
)
def test_a_part_of_the_service(server: Served, path: str, feature: str) -> None:
    answer = httpx.get(server.url + path, headers={"X-API-KEY": KEY})
    assert (answer.status_code, feature in answer.json()["message"]) == (501, True)


def test_what_nobody_knows_is_not_found(server: Served) -> None:
    answer = httpx.get(f"{server.url}/nothing", headers={"X-API-KEY": KEY})
    assert (answer.status_code, answer.json()["code"]) == (404, 404)
