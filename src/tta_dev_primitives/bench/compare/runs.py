"""The runs of an arm: each begun once, and gone on with however often the comparison is started again."""

from __future__ import annotations

import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from ...ace.options import AceOptions
from ...ace.training.begin import NewRun, begin_run
from ...ace.training.config import Mode
from ...ace.training.folder import RunFolder
from ...ace.training.run import do_run
from ...ace.training.split import Split
from ...ace.training.summary import Summary
from ...ace.training.task_set import TaskSet
from ...ace.training.trainer import Plan as TrainingPlan
from ...core.context import WorkflowContext
from .problem import noted, only
from .site import Briefing, Site

_WALL: Final = "wall_seconds.txt"


async def train(site: Site, options: AceOptions, *, in_flight: int, context: WorkflowContext) -> Summary:
    """Train on the problem's tasks as `playbox train` does, and return what it came to."""
    known = finished(site.training)
    if known is not None:
        return known
    plan = TrainingPlan(mode=Mode.OFFLINE, epochs=site.plan.epochs, in_flight=in_flight)
    with timed(site.training):
        folder = await begun(site, site.training, site.problem.train, plan, Briefing(options=options))
        return await do_run(folder, site.means, context)


async def test(site: Site, briefing: Briefing, context: WorkflowContext) -> Summary:
    """Do the held-out tasks with `briefing`, which stays as it is, and return what it came to."""
    known = finished(site.testing)
    if known is not None:
        return known
    options = replace(briefing.options, probes=site.plan.probes, playbook_tokens=site.plan.tokens)
    tasks = only(noted(site.problem.test, briefing.note), site.plan.attempts)
    plan = TrainingPlan(mode=Mode.EVALUATE, in_flight=site.plan.in_flight)
    with timed(site.testing):
        folder = await begun(site, site.testing, tasks, plan, replace(briefing, options=options))
        return await do_run(folder, site.means, context)


async def begun(site: Site, path: Path, tasks: TaskSet, plan: TrainingPlan, briefing: Briefing) -> RunFolder:
    """Return the run at `path`, begun if it is not there yet.

    What a kill left of a run that was not begun is removed: no answer was paid for before it is.
    """
    folder = RunFolder(path=path)
    if _begun(path):
        return folder
    _clear(path)
    new = NewRun(
        source=tasks.name,
        tasks=Split(train=tasks),
        plan=plan,
        models=site.means.models,
        sandbox=str(site.means.settings.sandbox),
        options=briefing.options,
        playbook=briefing.playbook,
    )
    return await begin_run(path, new)


@contextmanager
def timed(path: Path) -> Generator[None]:
    """Write down how long the run at `path` takes, if it is begun in here and done without interruption."""
    whole, since = not _begun(path), time.monotonic()
    yield
    if whole:
        (path / _WALL).write_text(f"{time.monotonic() - since:.3f}\n", encoding="utf-8")


def wall_seconds(path: Path) -> float | None:
    """Return how long the run at `path` took, or None if it was interrupted or is not done."""
    file = path / _WALL
    return float(file.read_text(encoding="utf-8")) if file.exists() else None


def _begun(path: Path) -> bool:
    return (path / "config.json").exists()


def _clear(path: Path) -> None:
    if path.exists():
        shutil.rmtree(path)


def finished(path: Path) -> Summary | None:
    """Return what the run at `path` came to, or None if it is not finished."""
    try:
        summary = Summary.model_validate_json((path / "summary.json").read_bytes())
    except (OSError, ValidationError):
        return None
    return summary if summary.finished else None
