"""History: earlier tasks as they were, programs and real results, latest first, up to the token budget."""

from __future__ import annotations

from collections.abc import Sequence

from ....core.context import WorkflowContext
from ..notes import keep, kept, latest, told
from ..practice import practising
from ..site import Briefing, Site


async def train(site: Site, context: WorkflowContext) -> Briefing:
    """Do the training tasks, each with the history of those before it."""
    known = kept(site)
    if known is not None:
        return known
    texts, most = list[str](), site.plan.tokens
    async with practising(site, context, at_once=site.plan.in_flight) as practice:
        for batch in practice.batches():
            done = await practice.solve(batch, _note(texts, most))
            texts += (told(solved, context.secrets.now) for solved in done)
        return keep(site, _note(texts, most))


def _note(texts: Sequence[str], most: int) -> str:
    shown = latest(texts, most)
    return (
        "\n\n".join(["# Earlier tasks, latest first", *(f"## Task\n{text}" for text in shown)])
        if shown
        else ""
    )
