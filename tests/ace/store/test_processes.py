# ruff: noqa: ASYNC221, ASYNC240, ASYNC251, S603  # a test has its event loop for itself, and starts only itself
"""Real processes: killed, running at the same time, out of disk, without permission."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from tests.ace.making import adding
from tta_dev_primitives.ace.store import open_store
from tta_dev_primitives.core.errors import PlaybookReadOnly, StoreUnavailable

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def start(path: Path, name: str, most: int, *limit: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.ace.store.writer", str(path), name, str(most), *map(str, limit)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)


async def lessons(path: Path) -> set[str]:
    playbook = await open_store(path).load()
    return {bullet.content for bullet in playbook.active}


@pytest.mark.parametrize("name", ["playbook.db", "playbook.json"])
@pytest.mark.parametrize("delay_s", [0.0, 0.013, 0.031, 0.047, 0.074])
async def test_a_killed_writer_loses_nothing_acknowledged(tmp_path: Path, name: str, delay_s: float) -> None:
    path = tmp_path / name
    with start(path, "a", 100_000) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(3)]
        time.sleep(delay_s)
        writer.kill()
        said.extend(writer.stdout)
    acknowledged = {line.strip() for line in said if line.endswith("\n")}
    stored = await lessons(path)
    assert acknowledged <= stored
    assert len(stored) <= len(acknowledged) + 1
    await open_store(path).commit(adding("written after the crash"))
    assert await lessons(path) == stored | {"written after the crash"}


async def test_two_processes_share_a_playbook(tmp_path: Path) -> None:
    path = tmp_path / "playbook.json"
    with start(path, "a", 25) as one, start(path, "b", 25) as two:
        assert (one.wait(60), two.wait(60)) == (0, 0)
    assert await lessons(path) == {f"lesson {name} {number}" for name in "ab" for number in range(25)}
    history = await open_store(path).history()
    assert [item.seq for item in history] == list(range(1, 51))
    assert [item.recorded.at for item in history] == sorted({item.recorded.at for item in history})
    assert await open_store(tmp_path / "playbook.db").load() == await open_store(path).load()


@pytest.mark.parametrize("name", ["playbook.db", "playbook.json"])
async def test_a_full_disk_loses_nothing_acknowledged(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with start(path, "a", 10_000, 96 * 1024) as writer:
        output, _ = writer.communicate(timeout=60)
    said = output.splitlines()
    acknowledged = set(takewhile(lambda line: line.startswith("lesson"), said))
    assert acknowledged
    assert said[-1].startswith("StoreUnavailable: the playbook")
    assert str(tmp_path) in said[-1]
    assert "try again" in said[-1]
    assert await lessons(path) == acknowledged
    await open_store(path).commit(adding("written when there was room"))


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that another user may enter; pytest's own are for this one alone."""
    folder = Path(tempfile.mkdtemp(prefix="playbox-test-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


READ_ONLY = """
import asyncio, encodings.utf_8_sig, os, sys  # the codec, before the interpreter is out of reach
from pathlib import Path
from tests.ace.making import adding
from tta_dev_primitives.ace.store import open_store
from tta_dev_primitives.core.errors import PlaybookReadOnly
async def main():
    warm = open_store(Path(sys.argv[2]))  # imports all, as the interpreter may be out of reach below
    await warm.commit(adding("new"))
    if os.getuid() == 0:
        os.setgroups([]), os.setgid(65534), os.setuid(65534)
    store = open_store(Path(sys.argv[1]))
    print((await store.load()).size)
    print(len(await store.history()))
    try:
        await store.commit(adding("new"))
    except PlaybookReadOnly as error:
        print("read-only", error)
asyncio.run(main())
"""


@pytest.mark.parametrize("name", ["playbook.db", "playbook.json"])
@pytest.mark.parametrize("locked", ["file", "folder"])
async def test_what_cannot_be_written_can_be_read(
    shared: Path, tmp_path: Path, name: str, locked: str
) -> None:
    path = shared / name
    await open_store(path).commit(adding("first", "second"))
    if locked == "folder":
        shared.chmod(0o555)
    else:
        shared.chmod(0o777)
        for file in shared.iterdir():
            file.chmod(0o444)
    command = [sys.executable, "-c", READ_ONLY, str(path), str(tmp_path / name)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[:2] == ["2", "2"], done.stderr
    assert "read-only the playbook" in done.stdout
    assert "change its permissions" in done.stdout


def test_the_errors_are_those_a_caller_would_catch() -> None:
    assert issubclass(PlaybookReadOnly, PermissionError)
    assert issubclass(StoreUnavailable, OSError)


async def test_a_json_alone_can_be_read_where_nothing_can_be_written(shared: Path, tmp_path: Path) -> None:
    path = shared / "playbook.json"
    await open_store(tmp_path / "playbook.json").commit(adding("first", "second"))
    shutil.copy(tmp_path / "playbook.json", path)
    shared.chmod(0o555)
    command = [sys.executable, "-c", READ_ONLY, str(path), str(tmp_path / "playbook.json")]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[:2] == ["2", "0"], done.stderr
    assert "read-only the playbook" in done.stdout
