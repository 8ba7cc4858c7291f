"""The thread that writes a run, and its lock."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from tta_dev_primitives.workflow.durable.run_lock import is_locked
from tta_dev_primitives.workflow.durable.writer import Writer


async def test_a_cancellation_comes_out_when_the_run_is_free_again(tmp_path: Path) -> None:
    path, go_on = tmp_path / "runs.db", threading.Event()

    def wait(connection: sqlite3.Connection) -> None:
        del connection
        assert go_on.wait(60)

    writer = Writer(path, "run", 1.0)
    await writer.open()
    writing = writer.write_later(wait)
    closing = asyncio.create_task(writer.close())
    for _ in range(2):
        await asyncio.sleep(0)
        closing.cancel()
    await asyncio.sleep(0)
    assert not closing.done()
    assert is_locked(path, "run")
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert writing.done()
    assert not is_locked(path, "run")
