"""The control plane: how sandboxes are found, how long they live, and how many there may be."""

from __future__ import annotations

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# The SDK has types, but no py.typed, and not everywhere.
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from e2b import RateLimitException, SandboxException, SandboxNotFoundException, SandboxState
from e2b.sandbox.sandbox_api import SandboxQuery
from e2b_code_interpreter.code_interpreter_sync import Sandbox
from tests.sandbox.server.serving import KEY, Served, serving

from tta_dev_primitives.sandbox.server import ServerConfig

Until = Callable[[Callable[[], bool]], None]


def test_a_sandbox_whose_time_is_up_is_gone(sandbox: Sandbox, until: Until) -> None:
    sandbox.set_timeout(0)
    until(lambda: not sandbox.is_running())
    until(lambda: sandbox.sandbox_id not in [one.sandbox_id for one in Sandbox.list().next_items()])
    with pytest.raises(SandboxNotFoundException):
        sandbox.get_info()


def test_a_sandbox_may_be_paused_when_its_time_is_up(until: Until) -> None:
    sandbox = Sandbox.create(timeout=120, lifecycle={"on_timeout": "pause"})
    try:
        sandbox.run_code("kept = 1")
        sandbox.set_timeout(0)
        until(lambda: sandbox.get_info().state is SandboxState.PAUSED)
        assert not sandbox.is_running()
        sandbox.connect(timeout=120)
        assert sandbox.run_code("kept").text == "1"
    finally:
        sandbox.kill()


def test_a_paused_sandbox_may_wake_up_for_a_request(until: Until) -> None:
    sandbox = Sandbox.create(timeout=120, lifecycle={"on_timeout": "pause", "auto_resume": True})
    try:
        sandbox.set_timeout(0)
        until(lambda: sandbox.get_info().state is SandboxState.PAUSED)
        assert sandbox.run_code("1 + 1").text == "2"
        assert sandbox.get_info().state is SandboxState.RUNNING
    finally:
        sandbox.kill()


def test_pausing_keeps_everything(sandbox: Sandbox) -> None:
    handle = sandbox.commands.run("read line; echo got $line", background=True, stdin=True)
    sandbox.run_code("kept = 1")
    assert sandbox.pause()
    assert not sandbox.pause()
    assert not sandbox.is_running()
    assert sandbox.get_info().state is SandboxState.PAUSED
    Sandbox.connect(sandbox.sandbox_id)
    assert sandbox.run_code("kept").text == "1"
    sandbox.commands.send_stdin(handle.pid, "it\n")
    assert handle.wait().stdout == "got it\n"


def test_a_life_is_set_and_only_lengthened_by_connecting(sandbox: Sandbox) -> None:
    before = sandbox.get_info().end_at
    Sandbox.connect(sandbox.sandbox_id, timeout=10)
    assert sandbox.get_info().end_at == before
    Sandbox.connect(sandbox.sandbox_id, timeout=600)
    longer = sandbox.get_info().end_at
    assert longer > before
    sandbox.set_timeout(60)
    assert sandbox.get_info().end_at < longer
    with pytest.raises(SandboxException, match="400"):
        sandbox.set_timeout(48 * 3600)


@pytest.mark.usefixtures("sandbox")
def test_sandboxes_are_found_by_what_they_are() -> None:
    tagged = Sandbox.create(timeout=120, metadata={"a key": "a & b=c"})
    try:
        found = Sandbox.list(query=SandboxQuery(metadata={"a key": "a & b=c"})).next_items()
        assert [(one.sandbox_id, one.metadata) for one in found] == [
            (tagged.sandbox_id, {"a key": "a & b=c"})
        ]
        started = tagged.get_info().started_at
        for query, there in (
            (SandboxQuery(state=[SandboxState.RUNNING]), True),
            (SandboxQuery(state=[SandboxState.PAUSED]), False),
            (SandboxQuery(template="code-interpreter-v1"), True),
            (SandboxQuery(template="base"), False),
            (SandboxQuery(started_after=started), True),
            (SandboxQuery(started_after=started + timedelta(seconds=1)), False),
        ):
            listed = [one.sandbox_id for one in Sandbox.list(query=query).next_items()]
            assert (tagged.sandbox_id in listed) is there
    finally:
        tagged.kill()


def test_sandboxes_are_listed_in_pages_newest_first() -> None:
    mine = [Sandbox.create(timeout=120, metadata={"test": "pages"}) for _ in range(3)]
    try:
        paginator = Sandbox.list(query=SandboxQuery(metadata={"test": "pages"}), limit=2)
        pages: list[list[str]] = []
        while paginator.has_next:
            pages.append([one.sandbox_id for one in paginator.next_items()])
        ids = [one.sandbox_id for one in mine]
        assert pages == [[ids[2], ids[1]], [ids[0]]]
        upwards = Sandbox.list(query=SandboxQuery(metadata={"test": "pages"}), order="asc").next_items()
        assert [one.sandbox_id for one in upwards] == ids
    finally:
        for one in mine:
            one.kill()


def test_the_sandboxes_of_another_key_are_invisible(sandbox: Sandbox) -> None:
    other = KEY[::-1]
    assert sandbox.sandbox_id not in [one.sandbox_id for one in Sandbox.list(api_key=other).next_items()]
    with pytest.raises(SandboxNotFoundException):
        Sandbox.connect(sandbox.sandbox_id, api_key=other)
    assert not Sandbox.kill(sandbox.sandbox_id, api_key=other)
    assert sandbox.is_running()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    with serving(ServerConfig(port=0, max_sandboxes=2)) as served:
        monkeypatch.setenv("E2B_API_URL", served.url)
        monkeypatch.setenv("E2B_SANDBOX_URL", served.url)
        yield served


@pytest.mark.usefixtures("small")
def test_there_are_no_more_than_may_be() -> None:
    first, second = Sandbox.create(), Sandbox.create()
    first.pause()  # which does not make room: it keeps its memory
    with pytest.raises(RateLimitException, match="2 sandboxes already"):
        Sandbox.create()
    second.kill()
    Sandbox.create()


@pytest.mark.usefixtures("small")
def test_the_same_wish_makes_one_sandbox() -> None:
    first, again = (Sandbox.create(idempotency_key="a-wish") for _ in range(2))
    assert first.sandbox_id == again.sandbox_id
    assert Sandbox.create().sandbox_id != first.sandbox_id
