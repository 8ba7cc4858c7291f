"""Placebo: true strategies of other tasks, as many tokens of them: whether having advice helps by itself."""

from __future__ import annotations

from ....core.context import WorkflowContext
from ....core.errors import ConfigurationError
from ..site import Briefing, Site
from ..strategies import playbook_of, size, up_to, written


async def train(site: Site, _: WorkflowContext) -> Briefing:
    """Write down as much as the arm `learned` learned, or as the gold strategies are where that is not there.

    Raises:
        ConfigurationError: there are no strategies of other tasks.
    """
    if not site.problem.foreign:
        raise ConfigurationError(
            f"there are no strategies of other tasks beside {site.problem.name!r}; leave out the arm"
            " 'placebo'"
        )
    learned = site.earlier.get("learned")
    most = learned.size if learned else size(playbook_of(site.problem.gold, "gold"))
    playbook = playbook_of(up_to(site.problem.foreign, most), "placebo")
    file = written(playbook, site.folder / "placebo.json")
    return Briefing(options=site.plan.options, playbook=file, size=size(playbook))
