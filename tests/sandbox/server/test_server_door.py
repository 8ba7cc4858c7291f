"""Who is not let in: by key, by token, by origin, by host, by size."""

from __future__ import annotations

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# The SDK has types, but no py.typed, and not everywhere.
import gzip
import json
import socket
import struct

import httpx
import pytest
from e2b import AuthenticationException
from e2b_code_interpreter.code_interpreter_sync import Sandbox
from tests.sandbox.server.serving import KEY, Served

from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.sandbox.server import ServerConfig
from tta_dev_primitives.sandbox.server.config import JSON_BYTES

CONTROL = [
    ("POST", "/v2/sandboxes"),
    ("GET", "/v2/sandboxes"),
    ("GET", "/sandboxes/x"),
    ("DELETE", "/sandboxes/x"),
    ("POST", "/sandboxes/x/timeout"),
    ("POST", "/sandboxes/x/pause"),
    ("POST", "/v2/sandboxes/x/connect"),
]
INSIDE = [
    ("GET", "/health"),
    ("POST", "/execute"),
    ("GET", "/contexts"),
    ("POST", "/contexts"),
    ("DELETE", "/contexts/x"),
    ("POST", "/contexts/x/restart"),
    ("GET", "/files?path=x"),
    ("POST", "/files?path=x"),
    ("POST", "/filesystem.Filesystem/ListDir"),
    ("POST", "/process.Process/Start"),
    ("POST", "/process.Process/List"),
]


@pytest.mark.parametrize(
    "headers", [{}, {"X-API-KEY": ""}, {"X-API-KEY": KEY[:-1]}, {"X-API-KEY": KEY + "5"}]
)
@pytest.mark.parametrize(("method", "path"), CONTROL)
def test_without_a_key_nothing_is_told(
    server: Served, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = httpx.request(method, server.url + path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, 401)


def test_the_sdk_is_told_that_its_key_is_wrong() -> None:
    with pytest.raises(AuthenticationException):
        Sandbox.create(api_key="e2b_" + "0" * 40)


@pytest.mark.parametrize("token", [None, "", "wrong", KEY])
@pytest.mark.parametrize(("method", "path"), INSIDE)
def test_without_its_token_a_sandbox_is_closed(
    server: Served, sandbox: Sandbox, method: str, path: str, token: str | None
) -> None:
    headers = {"E2b-Sandbox-Id": sandbox.sandbox_id, "X-API-KEY": KEY}
    given = {} if token is None else {"X-Access-Token": token}
    assert httpx.request(method, server.url + path, headers=headers | given).status_code == 401


def test_the_token_of_another_sandbox_opens_none(server: Served, sandbox: Sandbox) -> None:
    other = Sandbox.create(timeout=120)
    try:
        headers = {
            "E2b-Sandbox-Id": sandbox.sandbox_id,
            "X-Access-Token": other.connection_config.sandbox_headers["X-Access-Token"],
        }
        assert httpx.get(f"{server.url}/files?path=x", headers=headers).status_code == 401
    finally:
        other.kill()


@pytest.mark.parametrize(("method", "path"), INSIDE)
def test_a_sandbox_that_is_not_there_is_said_to_be_gone(server: Served, method: str, path: str) -> None:
    answer = httpx.request(method, server.url + path, headers={"E2b-Sandbox-Id": "nowhere"})
    assert (answer.status_code, "was not found" in answer.text) == (502, True)


@pytest.mark.parametrize(("method", "path"), [*CONTROL, *INSIDE, ("OPTIONS", "/v2/sandboxes")])
def test_a_web_page_is_refused(server: Served, sandbox: Sandbox, method: str, path: str) -> None:
    headers = {
        "Origin": "http://evil.example",
        "X-API-KEY": KEY,
        "E2b-Sandbox-Id": sandbox.sandbox_id,
        "X-Access-Token": sandbox.connection_config.sandbox_headers["X-Access-Token"],
    }
    answer = httpx.request(method, server.url + path, headers=headers)
    assert answer.status_code == 403
    assert not any(name.startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "", "127.0.0.1.evil"]
)
def test_a_name_that_was_rebound_to_loopback_is_refused(server: Served, host: str) -> None:
    answer = httpx.get(f"{server.url}/v2/sandboxes", headers={"Host": host, "X-API-KEY": KEY})
    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1", "[::1]:80"])
def test_a_name_of_this_machine_is_taken(server: Served, host: str) -> None:
    answer = httpx.get(f"{server.url}/v2/sandboxes", headers={"Host": host, "X-API-KEY": KEY})
    assert answer.status_code == 200


def test_a_host_name_may_say_which_sandbox(server: Served, sandbox: Sandbox) -> None:
    sandbox.files.write("file.txt", "text")
    headers = {
        "Host": f"49983-{sandbox.sandbox_id}.localhost",
        "X-Access-Token": sandbox.connection_config.sandbox_headers["X-Access-Token"],
    }
    assert httpx.get(f"{server.url}/files?path=file.txt", headers=headers).text == "text"
    headers["Host"] = f"8000-{sandbox.sandbox_id}.localhost"
    answer = httpx.get(f"{server.url}/files?path=file.txt", headers=headers)
    assert (answer.status_code, "port 8000" in answer.text) == (501, True)


def test_a_body_that_is_too_long_is_not_read(server: Served) -> None:
    body = b'{"templateID": "' + b"x" * JSON_BYTES + b'"}'
    answer = httpx.post(f"{server.url}/v2/sandboxes", headers={"X-API-KEY": KEY}, content=body)
    assert answer.status_code == 413


def test_a_body_without_an_end_is_cut_off(server: Served) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    lines = [
        "POST /v2/sandboxes HTTP/1.1",
        f"Host: {host}",
        f"X-API-KEY: {KEY}",
        "Transfer-Encoding: chunked",
    ]
    head = "\r\n".join([*lines, "", ""])
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    with socket.create_connection((host, int(port))) as client:
        client.sendall(head.encode())
        try:
            for _ in range(JSON_BYTES // 0x100000 + 1):
                client.sendall(chunk)
        except OSError:
            pass  # it was cut off while this was being sent
        assert b" 413 " in client.recv(4096).split(b"\r\n")[0]


def test_a_gzip_bomb_does_not_go_off(server: Served, sandbox: Sandbox) -> None:
    bomb = gzip.compress(bytes(1 << 30), 9)
    headers = {
        "E2b-Sandbox-Id": sandbox.sandbox_id,
        "X-Access-Token": sandbox.connection_config.sandbox_headers["X-Access-Token"],
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "gzip",
    }
    answer = httpx.post(f"{server.url}/files?path=x", headers=headers, content=bomb, timeout=60)
    assert answer.status_code == 413
    assert not sandbox.files.exists("x")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "invalid_argument"),
        (b"\x00\x00\x00", 400, "invalid_argument"),
        (struct.pack(">BI", 0, 5) + b"{", 400, "invalid_argument"),
        (struct.pack(">BI", 0, 2) + b"no", 400, "invalid_argument"),
        (struct.pack(">BI", 0, 0xFFFFFFFF), 429, "resource_exhausted"),
        (struct.pack(">BI", 1, 2) + b"{}", 501, "unimplemented"),
    ],
)
def test_a_broken_message_is_refused(
    server: Served, sandbox: Sandbox, body: bytes, status: int, code: str
) -> None:
    headers = {
        "E2b-Sandbox-Id": sandbox.sandbox_id,
        "X-Access-Token": sandbox.connection_config.sandbox_headers["X-Access-Token"],
        "Content-Type": "application/connect+json",
    }
    answer = httpx.post(f"{server.url}/process.Process/Start", headers=headers, content=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"timeout": -1}', b'{"timeout": "x"}', b'{"metadata": {"a": 1}}', b"\xff"],
)
def test_a_broken_wish_is_refused(server: Served, body: bytes) -> None:
    answer = httpx.post(f"{server.url}/v2/sandboxes", headers={"X-API-KEY": KEY}, content=body)
    assert (answer.status_code, json.loads(answer.text)["code"]) == (400, 400)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])  # noqa: S104  # that is the point
def test_other_machines_are_let_in_with_a_key_only(host: str) -> None:
    with pytest.raises(ConfigurationError, match="name the keys"):
        ServerConfig(host=host)
    assert not ServerConfig(host=host, keys=("secret",)).loopback


def test_a_key_is_not_shown() -> None:
    assert "secret" not in repr(ServerConfig(keys=("secret",)))
