"""resume(): begin a durable run, or go on with it, or give what it gave."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar, cast

from ...core.context import WorkflowContext
from ...core.errors import NotKeepable, RunHalted, RunUndone, StepChanged
from ...core.primitive import WorkflowPrimitive
from . import halts, rows
from .attempt import Attempt
from .codecs import Codecs
from .events import RunSkipped, WorkflowChanged
from .fingerprint import fingerprint
from .record import RunRecord, StepRecord
from .run_output import run_codec
from .state_changes import Snapshot, StateChanges, changes, snapshot
from .structure import Places
from .writer import Writer

In = TypeVar("In")
Out = TypeVar("Out")


async def resume(
    primitive: WorkflowPrimitive[In, Out], data: In, context: WorkflowContext, run_id: str, writer: Writer
) -> Out:
    """Execute `primitive` on `data` as the run `run_id`, which `writer` has locked.

    Raises:
        RunHalted: the run must not go on; one of its leaves.
        NotKeepable: something that has to be kept cannot be.
        StoreError: the journal cannot be read or written.
    """
    codecs = Codecs()
    places = Places(primitive)
    for step in places.steps.values():
        codecs.of(step)  # before anything runs
    before = await writer.write(partial(rows.read_run, path=writer.path, run_id=run_id))
    now = _begun(run_id, places, _hash(data), before)
    if before is not None:
        _refuse_undone(before)
        _refuse_other(before, now)
        if before.result is not None:
            return cast("Out", _given(before, primitive, context))
    kept = await writer.write(partial(rows.read_steps, path=writer.path, run_id=run_id))
    _refuse_other_input(before, now, kept)
    if before is not None:
        _refuse_moved(before, places, kept, context)
    if before is not None and before.status == "done":
        now = before
    else:
        await writer.write(partial(rows.write_run, run=now))
    return await _complete(primitive, data, context, Attempt(writer, now, kept, codecs))


def _begun(run_id: str, places: Places, input_hash: str, before: RunRecord | None) -> RunRecord:
    at = time.time()
    return RunRecord(
        run_id=run_id,
        input_hash=input_hash,
        steps=str(places),
        status="running",
        started_at=at if before is None else before.started_at,
        updated_at=at,
    )


def _hash(data: object) -> str:
    try:
        return fingerprint(data)
    except NotKeepable as error:
        raise NotKeepable(f"the input of the run cannot be told from another one: {error}") from error


def _refuse_undone(run: RunRecord) -> None:
    if run.status == "undone":
        raise RunUndone(halts.undone(run))


def _refuse_other(before: RunRecord, now: RunRecord) -> None:
    if before.status != "done":
        return
    if before.input_hash != now.input_hash:
        raise StepChanged(halts.given_other(before.run_id, "another input"))
    if before.steps != now.steps:
        raise StepChanged(halts.given_other(before.run_id, "other steps"))


def _given(run: RunRecord, primitive: WorkflowPrimitive[Any, Any], context: WorkflowContext) -> object:
    """Return what a run that is done gave, and change the state as it did."""
    codec = run_codec(primitive)
    try:
        if codec is None or run.result is None:
            raise StepChanged(halts.given_other(run.run_id, "another type of result"))
        result = codec.decode(run.result)
        state = StateChanges.model_validate_json(run.state or "{}")
    except ValueError as error:
        raise StepChanged(halts.given_other(run.run_id, "another type of result")) from error
    state.apply(context.state)
    context.emit(RunSkipped(run_id=run.run_id))
    return result


def _refuse_other_input(before: RunRecord | None, now: RunRecord, kept: tuple[StepRecord, ...]) -> None:
    """Notice that a run with steps that must not run twice is given something else: it might go elsewhere."""
    once = [record for record in kept if record.once]
    if before is not None and once and before.input_hash != now.input_hash:
        raise StepChanged(halts.other_run_input(before, now, once))


def _refuse_moved(
    before: RunRecord, places: Places, kept: tuple[StepRecord, ...], context: WorkflowContext
) -> None:
    """Notice steps that are kept and have no place in the workflow, before anything runs."""
    gone = [record for record in kept if not places.still_has(record.path, record.name, before.steps)]
    once = [record for record in gone if record.once]
    if once:
        raise StepChanged(halts.moved(before.run_id, once))
    if gone:
        steps = tuple(halts.named(record.key) for record in gone)
        context.emit(WorkflowChanged(run_id=before.run_id, steps=steps))


async def _complete(
    primitive: WorkflowPrimitive[In, Out],
    data: In,
    context: WorkflowContext,
    attempt: Attempt,
) -> Out:
    before = snapshot(context.state)
    try:
        out = await primitive.execute(data, replace(context, journal=attempt, path=""))
    except Exception as error:
        await attempt.failed(error)
        if attempt.halted is not None and not isinstance(error, RunHalted):
            raise attempt.halted from error
        raise
    if attempt.halted is not None:  # what raised it was caught by a step around
        await attempt.failed(attempt.halted)
        raise attempt.halted
    await attempt.end({"status": "done", **_encoded(primitive, out, before, context)})
    return out


def _encoded(
    primitive: WorkflowPrimitive[Any, Any], out: object, before: Snapshot, context: WorkflowContext
) -> Mapping[str, str | None]:
    """Return the output and the changes of the state as JSON, or nothing if one of them cannot be."""
    codec = run_codec(primitive)
    if codec is None:
        return {}
    try:
        return {"result": codec.encode(out), "state": changes(before, context.state, primitive.name)}
    except NotKeepable:
        return {}
