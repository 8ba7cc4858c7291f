"""Attempt: one process's try at a durable run; it stands between each step and its work."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final, TypeVar, cast

from ...core.context import WorkflowContext
from ...core.errors import (
    NotKeepable,
    RunHalted,
    StepChanged,
    StepNotDone,
    StepOutcomeUnknown,
    StoreError,
)
from ...core.known_secrets import KnownSecrets
from ...core.primitive import WorkflowPrimitive
from ...core.redaction import redact_stored
from ...core.secrets import Secrets
from . import halts, rows
from .codec import Codec
from .codecs import Codecs
from .events import StepInputChanged, StepSkipped
from .fingerprint import fingerprint
from .ledger import Claim, Ledger
from .record import RunRecord, StepKey, StepRecord
from .state_changes import StateChanges, changes, snapshot
from .structure import INSIDE
from .writer import Writer

In = TypeVar("In")
Out = TypeVar("Out")

MOST_OF_AN_ERROR: Final = 500
"""Characters that are kept of an exception's text."""


class Attempt:
    """The `StepJournal` of one try at the run of `writer`, of which the steps in `kept` are known.

    `halted` is why no further step starts. Of a run that `is_over` what is kept is given, and no step is run.
    """

    def __init__(self, writer: Writer, run: RunRecord, kept: Iterable[StepRecord], codecs: Codecs) -> None:
        self.halted: RunHalted | None = None
        self.run = run
        self._run_id = run.run_id
        self._writer = writer
        self._ledger = Ledger(kept)
        self.is_over = run.status == "done"
        self._codecs = codecs
        self._not_done: StepNotDone | None = None
        self._known = KnownSecrets()
        self._told: set[StepRecord] = set()

    async def perform(
        self,
        step: WorkflowPrimitive[Any, Any],
        data: In,
        context: WorkflowContext,
        work: Callable[[In, WorkflowContext], Awaitable[Out]],
    ) -> Out:
        """Return what is kept of this step with this input, or do `work(data, context)` and keep its result.

        Raises:
            RunHalted: the run must not go on; one of its leaves.
            NotKeepable: the input cannot be told from another one, or the result cannot be kept.
            StoreError: the journal cannot be written.
        """
        self._known = context.secrets  # of the whole run, which all its contexts share
        self._refuse_if_halted()
        codec = self._codecs.of(step)
        claim = self._ledger.claim(StepKey(context.path, step.name, _input_hash(step, data)))
        if claim.kept is not None:
            return cast("Out", self._kept(claim.kept, codec, context))
        self._refuse_if_changed(claim.key, context)

        async def working() -> Out:
            return await work(data, context.at(INSIDE))

        if step.idempotent is False:
            return await self._once(claim, codec, context, working)
        return await self._executed(_begun(claim, once=False), codec, context, working)

    async def undoing(self, context: WorkflowContext, error: BaseException) -> None:
        """Note that the effects of the run are undone from now on, because of `error`."""
        self._refuse_if_halted()
        why = f"{told(error, self._known.now)} at {context.path or '/'}"
        self.run = self.run.model_copy(update={"status": "undone", "error": why, "updated_at": time.time()})
        await self._writer.write(partial(rows.write_run, run=self.run))

    async def end(self, how: Mapping[str, str | None]) -> None:
        """Note how the attempt ended: fields of the run with their values."""
        if not self.is_over and (self.run.status != "undone" or how["status"] == "done"):
            ended = self.run.model_copy(update={"error": None, **how, "updated_at": time.time()})
            await self._writer.write(partial(rows.write_run, run=ended))

    async def failed(self, error: Exception) -> None:
        """Note that the attempt ended with `error`; if that fails, say so on it."""
        try:
            await self.end({"status": "failed", "error": told(error, self._known.now)})
        except StoreError as unwritten:
            error.add_note(f"and the journal could not note it: {unwritten}")

    def _kept(self, kept: StepRecord, codec: Codec, context: WorkflowContext) -> object:
        if not kept.is_done or kept.result is None:
            self._ledger.put_back(kept)
            raise self._halt(StepOutcomeUnknown(halts.unknown(self._run_id, kept)))
        try:
            result = codec.decode(kept.result)
            state = StateChanges.model_validate_json(kept.state or "{}")
        except ValueError as error:
            raise self._halt(StepChanged(halts.other_type(self._run_id, kept, error))) from error
        state.apply(context.state)
        context.emit(
            StepSkipped(run_id=self._run_id, path=kept.path, step=kept.name, input_hash=kept.input_hash)
        )
        return result

    def _refuse_if_changed(self, key: StepKey, context: WorkflowContext) -> None:
        """Notice that a step is about to run which was done before with another input."""
        if self.is_over:
            raise self._halt(StepChanged(halts.over(self._run_id, key)))
        before = self._ledger.unclaimed(key.place)
        for record in before:
            if record.once:
                raise self._halt(StepChanged(halts.other_input(self._run_id, record, key)))
        for record in (found for found in before if found not in self._told):
            self._told.add(record)
            context.emit(
                StepInputChanged(
                    run_id=self._run_id,
                    path=key.path,
                    step=key.name,
                    kept_input_hash=record.input_hash,
                    input_hash=key.input_hash,
                )
            )

    async def _once(
        self, claim: Claim, codec: Codec, context: WorkflowContext, working: Callable[[], Awaitable[Out]]
    ) -> Out:
        """Run a step that must not run twice, with a note on the disk before it begins."""
        intent = _begun(claim, once=True)
        try:
            await self._writer.write(partial(rows.write_step, run_id=self._run_id, step=intent))
        except asyncio.CancelledError:
            self._writer.write_later(self._deleting(claim))  # it has not begun
            raise
        try:
            return await self._executed(intent, codec, context, working)
        except Exception as error:
            if isinstance(error, StepNotDone) and error is not self._not_done:
                self._not_done = error  # of this step, not of one around it
                await self._noted(self._deleting(claim), error)
                raise
            failed = intent.model_copy(
                update={"status": "failed", "error": told(error, self._known.now), "at": time.time()}
            )
            self._ledger.put_back(failed)
            await self._noted(partial(rows.write_step, run_id=self._run_id, step=failed), error)
            raise
        except BaseException:  # cancelled: the note of its beginning says all that is known
            self._ledger.put_back(intent)
            raise

    async def _executed(
        self,
        begun: StepRecord,
        codec: Codec,
        context: WorkflowContext,
        working: Callable[[], Awaitable[Out]],
    ) -> Out:
        """Do the work, and return its result once that is on the disk."""
        before = snapshot(context.state)
        out = await working()
        try:
            kept = {"result": codec.encode(out), "state": changes(before, context.state, begun.name)}
        except NotKeepable as error:
            error.add_note(f"the step stands at {begun.path or '/'} of run {self._run_id!r}")
            raise
        done = begun.model_copy(update={"status": "done", "at": time.time(), **kept})
        await self._writer.write(partial(rows.write_step, run_id=self._run_id, step=done))
        return out

    async def _noted(self, job: Callable[[sqlite3.Connection], None], error: Exception) -> None:
        """Do `job`; if that fails, say so on `error`, which is what the caller shall see."""
        try:
            await self._writer.write(job)
        except StoreError as unwritten:
            error.add_note(f"and the journal could not note it: {unwritten}")

    def _deleting(self, claim: Claim) -> Callable[[sqlite3.Connection], None]:
        return partial(rows.delete_step, run_id=self._run_id, key=claim.key, occurrence=claim.occurrence)

    def _halt(self, error: RunHalted) -> RunHalted:
        self.halted = self.halted or error
        return error

    def _refuse_if_halted(self) -> None:
        if self.halted is not None:  # a copy, for each raising adds to a traceback
            raise type(self.halted)(*self.halted.args)


def _begun(claim: Claim, *, once: bool) -> StepRecord:
    return StepRecord(
        **claim.key._asdict(), occurrence=claim.occurrence, once=once, status="started", at=time.time()
    )


def _input_hash(step: WorkflowPrimitive[Any, Any], data: object) -> str:
    try:
        return fingerprint(data)
    except NotKeepable as error:
        raise NotKeepable(
            f"the input of step {step.name!r} cannot be told from another one: {error}"
        ) from error


def told(error: BaseException, secrets: Secrets) -> str:
    """Return an exception in a line, as a journal keeps it: without secrets, then cut."""
    text = redact_stored(f"{type(error).__name__}: {error}", secrets)[:MOST_OF_AN_ERROR]
    return text.encode("utf-8", "backslashreplace").decode("utf-8")  # it may hold half a character
