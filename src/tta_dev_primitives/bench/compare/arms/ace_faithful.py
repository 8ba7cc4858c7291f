"""ACE as published: every sample reflected on, a model as curator at each step, all of it in context.

One task at a time, as each step of the published algorithm sees the playbook of the one before.
Source: arXiv 2510.04618, section 3.
"""

from __future__ import annotations

from dataclasses import replace

from ....ace.options import ace_faithful
from ....core.context import WorkflowContext
from .. import runs
from ..site import Briefing, Site


async def train(site: Site, context: WorkflowContext) -> Briefing:
    """Train as the paper does."""
    options = replace(ace_faithful(), domain=site.plan.options.domain, seed=site.plan.options.seed)
    summary = await runs.train(site, options, in_flight=1, context=context)
    size = summary.best.tokens if summary.best else 0
    return Briefing(options=options, playbook=site.training, size=size)
