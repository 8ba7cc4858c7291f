"""Ctrl-C in a real process, with a provider on loopback and the real sandbox."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import ENVIRONMENT, LESSON, model_writing
from tests.cli.in_process_sandbox import InProcessSandbox
from tests.llm.provider_server import ProviderServer, Step, hang, openai_answer, provider_server
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import open_store
from tta_dev_primitives.cli import main
from tta_dev_primitives.cli.session import Session

_PATIENCE_S = 30.0


def writes(code: str) -> Step:
    return openai_answer({"plan": "do it", "code": code})


WHILE_THE_MODEL_WRITES = (writes("print(1 / 0)"), hang)
WHILE_THE_PROGRAM_RUNS = (writes("import time\nprint('now', flush=True)\ntime.sleep(9)"),)
WHILE_IT_REFLECTS = (writes("print(1 / 0)"), writes("print(2)"), hang)


@contextmanager
def process(server: ProviderServer, folder: Path, *options: str) -> Generator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tta_dev_primitives.cli", "run", "Divide", "--expect", "2"]
    keyed = ENVIRONMENT | {"OPENAI_BASE_URL": f"{server.url}/v1", "PLAYBOX_MODEL": "openai-chat:slow"}
    with subprocess.Popen(  # noqa: S603  # our own program
        [*command, "--playbook", "book.json", *options],
        cwd=folder, env=keyed, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as running:  # fmt: skip
        try:
            yield running
        finally:
            running.kill()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def descendants(pid: int) -> set[int]:
    """The processes below `pid`, as the kernel lists them."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    below = {int(child) for child in children.read_text().split()} if children.exists() else set[int]()
    return below.union(*(descendants(child) for child in below))


def learn(folder: Path) -> None:
    """Leave a playbook with one strategy."""
    session = Session(model=model_writing("print(1 / 0)", "print(2)"), sandbox=InProcessSandbox())
    assert main(["run", "Divide", "--expect", "2", "--playbook", str(folder / "book.json")], session) == 0


def stored(folder: Path) -> tuple[Playbook, int]:
    """The playbook and its number of episodes; opening it verifies its chain of hashes."""
    store = open_store(folder / "book.json")
    asyncio.run(store.history())
    return asyncio.run(store.load()), len(asyncio.run(store.episodes()))


@pytest.mark.parametrize(
    ("number", "steps", "asked"),
    [
        (signal.SIGINT, WHILE_THE_MODEL_WRITES, 2),
        (signal.SIGINT, WHILE_THE_PROGRAM_RUNS, 1),
        (signal.SIGINT, WHILE_IT_REFLECTS, 3),
        (signal.SIGTERM, WHILE_THE_PROGRAM_RUNS, 1),
    ],
    ids=["while the model writes", "while the program runs", "while it reflects", "terminated"],
)
def test_a_signal_keeps_what_was_learned_and_leaves_no_process(
    tmp_path: Path, number: signal.Signals, steps: tuple[Step, ...], asked: int
) -> None:
    learn(tmp_path)
    before = (tmp_path / "book.json").read_bytes()
    with provider_server(*steps) as server, process(server, tmp_path) as running:
        until(lambda: len(server.asked) >= asked)
        until(lambda: bool(descendants(running.pid)))
        time.sleep(0.3)
        jail = descendants(running.pid)
        running.send_signal(number)
        out, err = running.communicate(timeout=_PATIENCE_S)
    assert running.returncode == 128 + number
    told = err.splitlines()[-1]
    assert told.startswith(
        f"error: {'interrupted' if number == signal.SIGINT else 'terminated'}: the playbook"
    )
    assert "book.json is intact: 1 strategy of 1 run; this run was not stored" in told
    assert (out, "Traceback" in err) == ("", False)
    assert [pid for pid in jail if Path(f"/proc/{pid}").exists()] == []
    playbook, episodes = stored(tmp_path)
    assert ([bullet.content for bullet in playbook.active], episodes) == ([LESSON], 1)
    assert (tmp_path / "book.json").read_bytes() == before


def test_an_interrupted_run_still_prints_one_document(tmp_path: Path) -> None:
    steps = (hang,)
    with provider_server(*steps) as server, process(server, tmp_path, "--json") as running:
        until(lambda: len(server.asked) >= 1)
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=_PATIENCE_S)
    error = json.loads(out)["error"]
    assert (running.returncode, error["type"]) == (130, "Interrupted")
    assert "0 strategies of 0 runs" in error["message"]


def test_an_interrupted_demonstration_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tta_dev_primitives.cli", "demo", "--model", "openai-chat:slow"]
    with provider_server(hang) as server:
        keyed = ENVIRONMENT | {"OPENAI_BASE_URL": f"{server.url}/v1", "TMPDIR": str(tmp_path)}
        with subprocess.Popen(  # noqa: S603  # our own program
            command, env=keyed, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running:
            until(lambda: len(server.asked) >= 1)
            running.send_signal(signal.SIGINT)
            _, err = running.communicate(timeout=_PATIENCE_S)
    assert running.returncode == 130
    assert err.splitlines()[-1].startswith("error: interrupted: no playbook of yours was touched")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_that_nobody_hears_of_has_no_traceback(tmp_path: Path) -> None:
    with provider_server(hang) as server, process(server, tmp_path, "--json") as running:
        until(lambda: len(server.asked) >= 1)
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        running.send_signal(signal.SIGINT)
        told = running.stderr.read()
    assert (running.returncode, "Traceback" in told) == (1, False)
    assert told.splitlines()[-1].startswith("error: ")
