"""Runs and steps as rows: written as they are, checked when they are read."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final, TypeAlias

from pydantic import ValidationError

from .faults import corrupt
from .record import RunRecord, StepKey, StepRecord

_Row: TypeAlias = tuple[object, ...]

_RUN: Final = tuple(RunRecord.model_fields)
_STEP: Final = tuple(StepRecord.model_fields)
_SELECT_RUN: Final = f"SELECT {', '.join(_RUN)}, digest FROM runs"  # noqa: S608  # names of our own fields
_SELECT_STEP: Final = f"SELECT {', '.join(_STEP)}, digest FROM steps"  # noqa: S608

_BY_RUN: Final = "steps_of_run"
_BY_KEY: Final = "sqlite_autoindex_steps_1"  # of the primary key


def read_run(connection: sqlite3.Connection, path: Path, run_id: str) -> RunRecord | None:
    """Return the run, or None if the journal does not know it."""
    row = connection.execute(f"{_SELECT_RUN} WHERE run_id = ?", [run_id]).fetchone()
    if row is not None:
        return _run(path, row)
    if _count_steps(connection, _BY_RUN, run_id):
        raise corrupt(path, f"steps of run {run_id!r} are there, and the run is not found")
    return None


def read_runs(connection: sqlite3.Connection, path: Path) -> tuple[RunRecord, ...]:
    """Return all runs, that which was changed last first."""
    rows = connection.execute(f"{_SELECT_RUN} ORDER BY updated_at DESC, run_id")
    return tuple(_run(path, row) for row in rows)


def write_run(connection: sqlite3.Connection, run: RunRecord) -> None:
    """Keep `run`, in place of what was kept of it."""
    names = (*_RUN, "digest")
    changed = ", ".join(f"{name} = excluded.{name}" for name in names)
    connection.execute(
        f"INSERT INTO runs ({', '.join(names)}) VALUES ({_marks(names)}) "  # noqa: S608
        f"ON CONFLICT DO UPDATE SET {changed}",
        [*run.model_dump().values(), run.digest()],
    )


def delete_run(connection: sqlite3.Connection, run_id: str) -> bool:
    """Remove a run and all its steps; return whether there was one."""
    return connection.execute("DELETE FROM runs WHERE run_id = ?", [run_id]).rowcount > 0


def read_steps(connection: sqlite3.Connection, path: Path, run_id: str) -> tuple[StepRecord, ...]:
    """Return the steps of a run, in the order in which they ended."""
    rows = connection.execute(
        f"{_SELECT_STEP} INDEXED BY {_BY_RUN} WHERE run_id = ? ORDER BY at, rowid", [run_id]
    )
    steps = tuple(_step(path, run_id, row) for row in rows)
    counted = _count_steps(connection, _BY_KEY, run_id)
    if counted != len(steps):
        raise corrupt(path, f"{counted} steps of run {run_id!r} are found one way, and {len(steps)} another")
    return steps


def write_step(connection: sqlite3.Connection, run_id: str, step: StepRecord) -> None:
    """Keep `step`, in place of what was kept of the same execution."""
    names = ("run_id", *_STEP, "digest")
    connection.execute(
        f"INSERT OR REPLACE INTO steps ({', '.join(names)}) VALUES ({_marks(names)})",  # noqa: S608
        [run_id, *step.model_dump().values(), step.digest(run_id)],
    )


def delete_step(connection: sqlite3.Connection, run_id: str, key: StepKey, occurrence: int) -> None:
    """Remove what was kept of one execution."""
    connection.execute(
        "DELETE FROM steps WHERE run_id = ? AND path = ? AND name = ? AND input_hash = ? AND occurrence = ?",
        [run_id, *key, occurrence],
    )


def _count_steps(connection: sqlite3.Connection, index: str, run_id: str) -> int:
    """Count the steps of a run as one of the indexes tells it."""
    counting = f"SELECT count(*) FROM steps INDEXED BY {index} WHERE run_id = ?"  # noqa: S608
    return int(connection.execute(counting, [run_id]).fetchone()[0])


def _marks(names: tuple[str, ...]) -> str:
    return ", ".join("?" * len(names))


def _run(path: Path, row: _Row) -> RunRecord:
    where = f"the row of run {row[0]!r}"
    try:
        run = RunRecord.model_validate(dict(zip(_RUN, row, strict=False)))
    except ValidationError as error:
        raise corrupt(path, f"{where}: {error}") from error
    if row[-1] != run.digest():
        raise corrupt(path, f"{where} does not have the hash that was noted")
    return run


def _step(path: Path, run_id: str, row: _Row) -> StepRecord:
    values = dict(zip(_STEP, row, strict=False))
    where = f"the row of step {values['name']!r} at {values['path']!r} of run {run_id!r}"
    try:
        step = StepRecord.model_validate(values | {"once": bool(values["once"])})
    except ValidationError as error:
        raise corrupt(path, f"{where}: {error}") from error
    if row[-1] != step.digest(run_id):
        raise corrupt(path, f"{where} does not have the hash that was noted")
    return step
