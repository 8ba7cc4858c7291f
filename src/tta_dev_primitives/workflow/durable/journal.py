"""Journal: the SQLite file in which durable runs are kept."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic_core import PydanticSerializationError, to_jsonable_python

from ...core.context import WorkflowContext
from ...core.errors import ConfigurationError, NotKeepable, RunInProgress
from ...core.primitive import WorkflowPrimitive
from . import rows
from .codec import shown
from .database import opened, write
from .faults import faults
from .record import RunRecord, StepRecord
from .resuming import resume as resume_run
from .run_lock import is_locked, locked_run
from .writer import Writer

In = TypeVar("In")
Out = TypeVar("Out")
T = TypeVar("T")


class Journal:
    """Durable runs in one SQLite file, which is made when the first run begins.

    Each run has an id that the caller chooses. `busy_s` is how many seconds a commit waits for others that
    write the same file. All methods but `run` block for some milliseconds.
    """

    def __init__(self, path: str | Path, *, busy_s: float = 30.0) -> None:
        if not busy_s > 0:
            raise ConfigurationError(f"busy_s={busy_s!r} must be above 0 seconds")
        self.path = Path(path).absolute()  # a change of the working directory shall not begin another one
        if self.path.is_dir():
            raise ConfigurationError(f"{str(path)!r} is a directory; name a file in it, such as runs.db")
        self._busy_s = busy_s

    async def run(
        self,
        primitive: WorkflowPrimitive[In, Out],
        data: In,
        context: WorkflowContext | None = None,
        *,
        resume: str,
    ) -> Out:
        """Execute `primitive` on `data` as the run `resume`, without the steps that are done already.

        Raises:
            RunHalted: the run must not go on; the leaf tells why and what to do.
            RunInProgress: somebody else is at this run now.
            NotKeepable: an input, a result or a change of the state cannot be kept.
            StoreError: the journal cannot be read or written.
        """
        _require_id(resume)
        writer = Writer(self.path, resume, self._busy_s)
        try:
            await writer.open()
            return await resume_run(primitive, data, context or WorkflowContext(), resume, writer)
        finally:
            await writer.close()

    def runs(self) -> tuple[RunRecord, ...]:
        """Return all runs, that which was changed last first.

        A run that is `interrupted` was not ended by its process, and nobody is at it now.
        """
        with faults(self.path), opened(self.path, self._busy_s) as connection:
            found = () if connection is None else rows.read_runs(connection, self.path)
            return tuple(self._seen(run) for run in found)

    def show(self, run_id: str) -> tuple[StepRecord, ...]:
        """Return what is kept of the run's steps, in the order in which they ended.

        Raises:
            ConfigurationError: the journal does not know the run.
        """
        with faults(self.path), opened(self.path, self._busy_s) as connection:
            if connection is None or rows.read_run(connection, self.path, run_id) is None:
                raise self._no_run(run_id)
            return rows.read_steps(connection, self.path, run_id)

    def settle(self, run_id: str, step: str, *, result: object) -> None:
        """Note that the effect of `step` happened, and gave `result`, which must be what the step returns.

        `step` is the name of a step whose outcome is unknown, or its path as `show` tells it. One that was
        settled may be settled again, with another result.

        Raises:
            ConfigurationError: there is not exactly one such step, or the run is over.
            NotKeepable: `result` is no JSON.
            RunInProgress: somebody is at the run now.
        """
        text = _json(result)

        def job(connection: sqlite3.Connection) -> None:
            self._refuse_if_over(connection, run_id)
            found = self._unknown(connection, run_id, step)
            update = {"status": "settled", "result": text, "at": time.time()}
            rows.write_step(connection, run_id, found.model_copy(update=update))

        self._alone(run_id, job)

    def retry(self, run_id: str, step: str) -> None:
        """Note that `step` may run (again), since its effect did not happen, or may happen once more.

        `step` is the name of a step that must not run twice, or its path as `show` tells it.

        Raises:
            ConfigurationError: there is not exactly one such step, or the run is over.
            RunInProgress: somebody is at the run now.
        """

        def job(connection: sqlite3.Connection) -> None:
            self._refuse_if_over(connection, run_id)
            found = self._one(connection, run_id, step, lambda record: record.once)
            rows.delete_step(connection, run_id, found.key, found.occurrence)

        self._alone(run_id, job)

    def forget(self, run_id: str) -> None:
        """Remove all that is kept of a run: the next run of that id does everything again.

        Raises:
            ConfigurationError: the journal does not know the run.
            RunInProgress: somebody is at the run now.
        """
        if not self._delete(run_id):
            raise self._no_run(run_id)

    def prune(self, *, older_than_s: float) -> int:
        """Remove the runs that ended well more than `older_than_s` seconds ago; return how many.

        Runs that are failed, interrupted or undone are kept: they may have to be decided.
        """
        oldest = time.time() - older_than_s
        done = [run for run in self.runs() if run.status == "done" and run.updated_at < oldest]
        return sum(self._forgotten(run.run_id) for run in done)

    def _delete(self, run_id: str) -> bool:
        return self._alone(run_id, lambda connection: rows.delete_run(connection, run_id))

    def _forgotten(self, run_id: str) -> bool:
        try:
            return self._delete(run_id)
        except RunInProgress:  # somebody asks for its result now; the next time will do
            return False

    def _alone(self, run_id: str, job: Callable[[sqlite3.Connection], T]) -> T:
        """Do `job` in a transaction while nobody is at the run."""
        with faults(self.path), opened(self.path, self._busy_s) as connection:
            if connection is None:
                raise self._no_run(run_id)
            with locked_run(self.path, run_id):
                return write(connection, self._busy_s, job)

    def _unknown(self, connection: sqlite3.Connection, run_id: str, step: str) -> StepRecord:
        return self._one(connection, run_id, step, lambda record: record.once and record.status != "done")

    def _one(
        self, connection: sqlite3.Connection, run_id: str, step: str, fits: Callable[[StepRecord], bool]
    ) -> StepRecord:
        if rows.read_run(connection, self.path, run_id) is None:
            raise self._no_run(run_id)
        kept = [record for record in rows.read_steps(connection, self.path, run_id) if fits(record)]
        named = [record for record in kept if step in {record.path or "/", record.name}]
        if len(named) != 1:
            known = ", ".join(f"{record.path or '/'} {record.name}" for record in kept) or "none"
            raise ConfigurationError(
                f"{step!r} names {len(named)} steps of run {run_id!r} that can be decided; there are: {known}"
            )
        return named[0]

    def _refuse_if_over(self, connection: sqlite3.Connection, run_id: str) -> None:
        run = rows.read_run(connection, self.path, run_id)
        if run is not None and run.status in {"done", "undone"}:
            raise ConfigurationError(
                f"run {run_id!r} is {run.status}, so none of its steps will run; take another run id, or "
                f"forget({run_id!r}) to run all of it again"
            )

    def _seen(self, run: RunRecord) -> RunRecord:
        stopped = run.status == "running" and not is_locked(self.path, run.run_id)
        return run.model_copy(update={"status": "interrupted"}) if stopped else run

    def _no_run(self, run_id: str) -> ConfigurationError:
        return ConfigurationError(
            f"the journal {str(self.path)!r} knows no run {run_id!r}; runs() tells which there are"
        )

    def __repr__(self) -> str:
        return f"Journal({str(self.path)!r})"


def _require_id(run_id: str) -> None:
    if not run_id or not run_id.isprintable():
        raise ConfigurationError(
            f"resume={run_id!r} is no id of a run; name it in printable characters, such as 'order-17'"
        )


def _json(result: object) -> str:
    try:
        return json.dumps(to_jsonable_python(result, bytes_mode="base64", inf_nan_mode="constants"))
    except (PydanticSerializationError, ValueError, RecursionError) as error:
        raise NotKeepable(f"{shown(result)} is no result that a journal can keep: {error}") from error
