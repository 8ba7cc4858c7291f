"""What a journal's file is, is read as of one moment."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tta_dev_primitives.workflow.durable import schema


def test_tables_that_are_made_while_one_looks_are_not_taken_for_another_programs(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as maker:
        maker.execute("PRAGMA journal_mode = WAL").fetchone()

        def make(statement: str) -> None:
            """Make the tables after the first thing was read, and before the second is."""
            if "user_version" in statement and not maker.in_transaction:
                maker.execute("BEGIN IMMEDIATE")
                schema.migrate(maker, 0)
                maker.execute("COMMIT")

        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.set_trace_callback(make)
            assert schema.check(reader, path) in {0, schema.VERSION}
            reader.set_trace_callback(None)
            assert schema.check(reader, path) == schema.VERSION
