"""A step that merges what was learned twice, side by side, and marks contradictions, both by rule."""

from __future__ import annotations

from ...core.context import WorkflowContext
from ..bullet import Provenance
from ..delta import Delta
from ..store import Commit
from ..tidying import by_rule
from .steps import BatchDone, StepDone


async def tidy(batch: BatchDone, _made: int, context: WorkflowContext) -> StepDone:
    """Return the delta that the rules make to the playbook after `batch`; no model is asked."""
    operations = by_rule(batch.playbook)
    if not operations:
        return StepDone()
    provenance = Provenance(
        task_id=batch.part.scope, run_id=context.workflow_id, model="", actor="rule", origin="live"
    )
    delta = Delta(operations=operations, provenance=provenance)
    return StepDone(commit=Commit(run_id=context.workflow_id, delta=delta))
