"""A journal's file that is damaged, foreign, newer, full or not writable."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.full_disk import room_for
from tta_dev_primitives import LambdaPrimitive, WorkflowContext
from tta_dev_primitives.core.errors import (
    JournalCorrupt,
    JournalTooNew,
    StepOutcomeUnknown,
    StoreUnavailable,
)
from tta_dev_primitives.workflow import Journal

from .steps import Counted


def change(journal: Journal, *statements: str) -> None:
    with closing(sqlite3.connect(journal.path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
async def kept(journal: Journal) -> Journal:
    """Return a journal with a run that failed in its second step."""
    counted = Counted()
    counted.fail("b", LookupError())
    with pytest.raises(LookupError):
        await journal.run(counted.step("a") >> counted.step("b", idempotent=False), 1, resume="run")
    return journal


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough for a header", b"x", b"x" * 600, b"x" * 9000]
)
async def test_it_is_no_database(journal: Journal, content: bytes) -> None:
    journal.path.write_bytes(content)
    for use in (journal.runs, lambda: journal.forget("run")):
        with pytest.raises(JournalCorrupt, match=r"runs\.db"):
            use()
    with pytest.raises(JournalCorrupt, match=r"runs\.db"):
        await journal.run(Counted().step("a"), 1, resume="run")
    assert journal.path.read_bytes() == content


async def test_it_is_of_another_program(journal: Journal) -> None:
    change(journal, "CREATE TABLE notes (x)")
    with pytest.raises(JournalCorrupt, match="another program"):
        await journal.run(Counted().step("a"), 1, resume="run")


async def test_it_is_newer(kept: Journal) -> None:
    change(kept, "PRAGMA user_version = 99")
    with pytest.raises(JournalTooNew, match="schema version 99, this package knows up to 2"):
        await kept.run(Counted().step("a"), 1, resume="run")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE steps SET result = '3' WHERE name = 'a'",
        "UPDATE steps SET result = NULL WHERE name = 'a'",
        "UPDATE steps SET status = 'done', result = '7' WHERE name = 'b'",
        "UPDATE steps SET status = 'nonsense'",
        "UPDATE steps SET input_hash = 'x' WHERE name = 'a'",
        "UPDATE steps SET name = CAST(x'ff' AS TEXT) WHERE name = 'a'",
        "UPDATE runs SET status = 'done'",
        "UPDATE runs SET status = ''",
        "UPDATE runs SET started_at = 1e999",
    ],
)
async def test_a_row_was_changed(kept: Journal, statement: str) -> None:
    change(kept, statement)
    counted = Counted()
    with pytest.raises(JournalCorrupt, match="the row of"):
        await kept.run(counted.step("a") >> counted.step("b", idempotent=False), 1, resume="run")
    assert counted.calls == []


async def test_pages_were_overwritten(kept: Journal) -> None:
    content = bytearray(kept.path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    kept.path.write_bytes(content)
    with pytest.raises(JournalCorrupt, match="SQLite reports"):
        await kept.run(Counted().step("a"), 1, resume="run")


@pytest.mark.parametrize("table", ["runs", "steps"])
async def test_an_index_lost_its_rows(kept: Journal, table: str) -> None:
    index = f"sqlite_autoindex_{table}_1"
    with closing(sqlite3.connect(kept.path)) as connection, connection:
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", [index])
        [[number]] = root.fetchall()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(kept.path.read_bytes())
    content[(number - 1) * 4096 + 3 : (number - 1) * 4096 + 5] = b"\0\0"  # the count of entries in the page
    kept.path.write_bytes(content)
    counted = Counted()
    with pytest.raises(JournalCorrupt, match=r"is not found|are found one way"):
        await kept.run(counted.step("a") >> counted.step("b", idempotent=False), 1, resume="run")
    assert counted.calls == []


@pytest.mark.parametrize(
    ("found", "damaged"), [(b"input_hash TEXT", b"input_hasi TEXT"), (b"NULL", b"N\xceLL")]
)
async def test_the_definition_of_a_table_is_damaged(kept: Journal, found: bytes, damaged: bytes) -> None:
    content = kept.path.read_bytes()
    assert found in content
    kept.path.write_bytes(content.replace(found, damaged))
    with pytest.raises(JournalCorrupt, match="SQLite reports"):
        await kept.run(Counted().step("a"), 1, resume="run")


async def test_an_error_comes_out_also_if_the_journal_cannot_note_it(journal: Journal) -> None:
    def work(data: int) -> int:
        change(journal, "DROP TABLE runs")
        raise LookupError(data)

    with pytest.raises(LookupError) as raised:
        await journal.run(LambdaPrimitive(work), 1, resume="run")
    [note] = raised.value.__notes__
    assert note.startswith("and the journal could not note it: the journal ")


async def test_a_step_that_outlives_its_run_is_not_run(journal: Journal) -> None:
    counted, late = Counted(), list[asyncio.Task[int]]()

    async def end_first(data: int, context: WorkflowContext) -> int:
        late.append(asyncio.create_task(after(data, context)))
        return data

    async def after(data: int, context: WorkflowContext) -> int:
        await over.wait()
        return await counted.step("pay", idempotent=False).execute(data, context)

    over = asyncio.Event()
    await journal.run(LambdaPrimitive(end_first), 1, resume="run")
    over.set()
    with pytest.raises(StoreUnavailable, match="the attempt at run 'run' is over"):
        await late[0]
    assert counted.calls == []


async def test_the_disk_is_full_before_a_step(journal: Journal) -> None:
    counted = Counted()
    await journal.run(counted.step("a"), 1, resume="small")
    with room_for(0, journal.path), pytest.raises(StoreUnavailable, match="free disk space"):
        await journal.run(counted.step("pay", idempotent=False), 1, resume="run")
    assert counted.calls == ["a(1)"]
    assert await journal.run(counted.step("pay", idempotent=False), 1, resume="run") == 2


async def test_the_disk_is_full_after_an_effect(journal: Journal) -> None:
    calls: list[str] = []
    with ExitStack() as full:

        def work(data: int) -> int:
            calls.append("paid")
            full.enter_context(room_for(0, journal.path.with_name("runs.db-wal")))
            return data

        paying = LambdaPrimitive(work, name="pay", idempotent=False)
        with pytest.raises(StoreUnavailable, match="free disk space"):
            await journal.run(paying, 1, resume="run")
    with pytest.raises(StepOutcomeUnknown, match="'pay'"):
        await journal.run(paying, 1, resume="run")
    assert calls == ["paid"]


async def test_it_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="in a folder that can be written"):
        await Journal(tmp_path / "file" / "runs.db").run(Counted().step("a"), 1, resume="run")
