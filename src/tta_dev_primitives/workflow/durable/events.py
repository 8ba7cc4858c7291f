"""What a durable run tells its sinks."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSkipped(Event):
    """No step was run: the run is done, and its result is what was kept."""

    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSkipped(Event):
    """A step was not run: an earlier attempt at the run has done it with the same input."""

    run_id: str
    path: str
    step: str
    input_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepInputChanged(Event):
    """A step runs again, for what was kept of it in this run was done with another input."""

    run_id: str
    path: str
    step: str
    kept_input_hash: str
    input_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowChanged(Event):
    """Steps that the journal has kept of this run have no place in its workflow any more."""

    run_id: str
    steps: tuple[str, ...]
