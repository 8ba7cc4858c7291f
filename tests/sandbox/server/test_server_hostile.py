"""What a slow client, an old link or a page of a guest's could do to a server and those who use it."""

from __future__ import annotations

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# The SDK has types, but no py.typed, and not everywhere.
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import httpx
import pytest
from e2b import SandboxState
from e2b_code_interpreter.code_interpreter_sync import Sandbox
from tests.sandbox.server.serving import KEY, Served, serving

from tta_dev_primitives.sandbox.server import ServerConfig, bodies, deadline

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(deadline, "HEAD_S", 0.2)
    monkeypatch.setattr(bodies, "REST_S", 0.2)
    with serving(ServerConfig(port=0, keys=(KEY,))) as served:
        yield served


def _connected(server: Served) -> socket.socket:
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


@pytest.mark.parametrize("said", [b"", b"GET /health HT", b"GET /health HTTP/1.1\r\nHost: localhost\r\n"])
def test_a_connection_that_asks_for_nothing_is_closed(hasty: Served, said: bytes) -> None:
    with _connected(hasty) as client:
        client.sendall(said)
        assert client.recv(4096) == b""


def test_half_a_request_after_a_whole_one_is_no_way_to_stay(hasty: Served) -> None:
    with _connected(hasty) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = b""
        while not answer.endswith(b"OK"):
            answer += client.recv(4096)
        client.sendall(b"GET /heal")
        assert client.recv(4096) == b""


def test_a_body_that_does_not_come_keeps_no_refusal_back(hasty: Served) -> None:
    head = b"POST /v2/sandboxes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
    with _connected(hasty) as client:
        client.sendall(head + b"{")
        assert b" 401 " in client.recv(4096)


def test_a_request_that_takes_long_is_answered(hasty: Served) -> None:
    with httpx.Client(base_url=hasty.url, headers={"X-API-KEY": KEY}, timeout=60) as client:
        made = client.post("/v2/sandboxes", json={"templateID": "base"}).json()
        headers = {"E2b-Sandbox-Id": made["sandboxID"], "X-Access-Token": made["envdAccessToken"]}
        code = "import time; time.sleep(1); print(6 * 7)"
        assert "42" in client.post("/execute", json={"code": code}, headers=headers).text


def test_an_expired_link_wakes_nobody_up(until: Until) -> None:
    sandbox = Sandbox.create(timeout=120, lifecycle={"on_timeout": "pause", "auto_resume": True})
    try:
        link = sandbox.download_url("x", use_signature_expiration=-1)
        sandbox.set_timeout(0)
        until(lambda: sandbox.get_info().state is SandboxState.PAUSED)
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(link)  # noqa: S310  # our own server
        refusal.value.close()
        assert refusal.value.code == 401
        assert sandbox.get_info().state is SandboxState.PAUSED
    finally:
        sandbox.kill()


@pytest.mark.parametrize("name", ["page.html", "picture.svg"])
def test_a_page_of_a_guest_runs_no_scripts_in_a_browser(sandbox: Sandbox, name: str) -> None:
    sandbox.files.write(name, "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    answer = httpx.get(sandbox.download_url(name, use_signature_expiration=600))
    assert answer.headers["content-security-policy"] == "sandbox"


def test_json_that_takes_much_to_read_is_left_out(sandbox: Sandbox) -> None:
    code = (
        "class Huge:\n    def _repr_json_(self): return {{'a': [[]] * {}}}\n"
        "    def __repr__(self): return 'huge'\nHuge()"
    )
    small, huge = (sandbox.run_code(code.format(count)).results[0] for count in (10, 1_000_000))
    assert small.json == {"a": [[]] * 10}
    assert (huge.json, huge.text) == (None, "huge")
