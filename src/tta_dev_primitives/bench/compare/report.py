"""Report: what each arm came to on the held-out tasks, and how it compares with the others, paired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Final

from ...ace.training.comparison import Comparison, compare
from ...ace.training.curve import Share, share
from ...ace.training.folder import RunFolder
from ...ace.training.ledger import Ledger
from ...ace.training.result import Phase, TaskResult
from ...ace.value import Value
from .answers import Cost, answers_in, cost_of
from .reuse import Reuse, reuse_of
from .runs import wall_seconds
from .site import Briefing, Site

REFERENCES: Final = ("none", "learned")
"""Arms that all others are compared with, where they are among them."""


class ArmReport(Value):
    """One arm. Shares are of the held-out tasks; `attempts`, `probes` are means a task.

    `context_tokens` is what stands in the generator's context beside the task: all of the playbook, or the
    note. `training` is None where nothing was asked for it. `against` has, by the name of a reference, this
    arm's first tries beside those of the reference.
    """

    name: str
    first_try: Share
    success: Share
    attempts: float
    probes: float
    context_tokens: int
    test: Cost
    training: Cost | None
    reuse: Reuse | None
    against: Mapping[str, Comparison]


class Report(Value):
    """The whole comparison; `models` are the model strings by role."""

    problem: str
    train_tasks: int
    test_tasks: int
    models: Mapping[str, str]
    arms: tuple[ArmReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """An arm that is done: its name, where it worked, what its generator got, and its results in order."""

    name: str
    site: Site
    briefing: Briefing
    results: tuple[TaskResult, ...]


def tested(name: str, site: Site, briefing: Briefing) -> Tested:
    """Return the arm whose test run is finished."""
    with closing(Ledger(RunFolder(path=site.testing))) as ledger:
        results = ledger.results(Phase.TEST)
    return Tested(name=name, site=site, briefing=briefing, results=results)


def report_of(arms: Sequence[Tested]) -> Report:
    """Return the report on `arms`, of which there is at least one."""
    site = arms[0].site
    references = {arm.name: arm.results for arm in arms if arm.name in REFERENCES}
    return Report(
        problem=site.problem.name,
        train_tasks=len(site.problem.train),
        test_tasks=len(site.problem.test),
        models={role.value: model.name for role, model in site.means.models.items()},
        arms=tuple(_arm(arm, references) for arm in arms),
    )


def _arm(arm: Tested, references: Mapping[str, Sequence[TaskResult]]) -> ArmReport:
    others = (
        (name, compare(arm.results, results)) for name, results in references.items() if name != arm.name
    )
    answers = answers_in(arm.site.testing)
    return ArmReport(
        name=arm.name,
        first_try=share([result.first_try for result in arm.results]),
        success=share([result.success for result in arm.results]),
        attempts=fmean(result.attempts for result in arm.results),
        probes=fmean(result.probes for result in arm.results),
        context_tokens=arm.briefing.size,
        test=cost_of(answers, wall_seconds(arm.site.testing)),
        training=_training(arm.site.training),
        reuse=reuse_of(answers, [task.id for task in arm.site.problem.test.tasks]),
        against={name: compared for name, compared in others if compared is not None},
    )


def _training(folder: Path) -> Cost | None:
    answers = answers_in(folder)
    return cost_of(answers, wall_seconds(folder)) if answers else None
