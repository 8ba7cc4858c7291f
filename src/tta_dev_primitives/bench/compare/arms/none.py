"""No playbook: what the model knows by itself."""

from __future__ import annotations

from ....core.context import WorkflowContext
from ..site import Briefing, Site


async def train(site: Site, _: WorkflowContext) -> Briefing:
    """Learn nothing."""
    return Briefing(options=site.plan.options)
