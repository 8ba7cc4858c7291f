"""Our own loop: probes, reflection where there is something to learn, curation by rule and model."""

from __future__ import annotations

from ....core.context import WorkflowContext
from .. import runs
from ..site import Briefing, Site


async def train(site: Site, context: WorkflowContext) -> Briefing:
    """Train as `playbox train` does."""
    options = site.plan.options
    summary = await runs.train(site, options, in_flight=site.plan.in_flight, context=context)
    size = summary.best.tokens if summary.best else 0
    return Briefing(options=options, playbook=site.training, size=size)
