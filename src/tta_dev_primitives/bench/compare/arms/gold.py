"""Gold: the strategies that a careful learner would have written down; the most that a playbook could do."""

from __future__ import annotations

from ....core.context import WorkflowContext
from ....core.errors import ConfigurationError
from ..site import Briefing, Site
from ..strategies import playbook_of, size, written


async def train(site: Site, _: WorkflowContext) -> Briefing:
    """Write the gold strategies down.

    Raises:
        ConfigurationError: nobody knows them.
    """
    if not site.problem.gold:
        raise ConfigurationError(
            f"nobody knows the gold strategies of {site.problem.name!r}; leave out the arm 'gold', or compare"
            " on an environment"
        )
    playbook = playbook_of(site.problem.gold, "gold")
    file = written(playbook, site.folder / "gold.json")
    return Briefing(options=site.plan.options, playbook=file, size=size(playbook))
