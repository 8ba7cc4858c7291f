"""A step that merges what was learned twice, side by side, and marks contradictions, both by rule."""

from __future__ import annotations

from ...core.context import WorkflowContext
from ..bullet import Provenance
from ..contradictions import contradictions_of
from ..delta import Delta, Operation
from ..duplicates import duplicates_of
from ..store import Commit
from .steps import BatchDone, StepDone


async def tidy(batch: BatchDone, _made: int, context: WorkflowContext) -> StepDone:
    """Return the delta that the rules make to the playbook after `batch`; no model is asked."""
    operations: list[Operation] = [*duplicates_of(batch.playbook), *contradictions_of(batch.playbook)]
    if not operations:
        return StepDone()
    provenance = Provenance(
        task_id=batch.part.scope, run_id=context.workflow_id, model="", actor="rule", origin="live"
    )
    delta = Delta(operations=tuple(operations), provenance=provenance)
    return StepDone(commit=Commit(run_id=context.workflow_id, delta=delta))
