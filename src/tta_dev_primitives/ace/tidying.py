"""Tidying: what came into a playbook side by side is merged, marked as contradicting, or kept apart."""

from __future__ import annotations

from ..core.context import WorkflowContext
from ..llm.types import LanguageModel, Usage
from .bullet import Provenance
from .contradictions import contradictions_of
from .delta import Delta, Operation
from .duplicates import duplicates_of
from .meaning import Meanings
from .playbook import Playbook
from .review import review
from .store import Commit, PlaybookStore

_TASK_ID = "tidy"


def by_rule(playbook: Playbook) -> tuple[Operation, ...]:
    """Return what the rules ask for: duplicates merged, contradictions marked. No model is asked."""
    return (*duplicates_of(playbook), *contradictions_of(playbook))


async def tidy(
    store: PlaybookStore,
    model: LanguageModel | None,
    context: WorkflowContext,
    *,
    meanings: Meanings | None = None,
) -> tuple[Usage, str]:
    """Tidy the playbook in `store` by rule, then ask `model`, if there is one, about what is only alike.

    With `meanings` also about what means alike in other words: that is proposed, and never merged by itself.

    Returns what the model cost, and why it did not decide on everything, or "". What was decided is stored
    step by step, so that nothing that was paid for is lost.
    """
    await _store(store, by_rule(await store.load()), context, model="")
    usage = Usage()
    while model is not None:
        before = await store.load()
        asked = _provenance(context, model=model.name)
        curated = await review(model, before, asked, context, meanings=meanings)
        usage += curated.usage
        if curated.failure or not curated.delta.operations:
            return usage, curated.failure
        await store.commit(Commit(run_id=context.workflow_id, delta=curated.delta))
        if (await store.load()).version == before.version:
            return usage, "some decisions could not be applied"
    return usage, ""


async def _store(
    store: PlaybookStore, operations: tuple[Operation, ...], context: WorkflowContext, *, model: str
) -> None:
    if operations:
        delta = Delta(operations=operations, provenance=_provenance(context, model=model))
        await store.commit(Commit(run_id=context.workflow_id, delta=delta))


def _provenance(context: WorkflowContext, *, model: str) -> Provenance:
    actor, origin = ("curator", "live") if model else ("rule", "user")
    return Provenance(task_id=_TASK_ID, run_id=context.workflow_id, model=model, actor=actor, origin=origin)
