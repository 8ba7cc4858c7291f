"""Do a run, or what is left of it, in its folder: train or evaluate, then say what it came to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Final

from ...core.context import WorkflowContext
from ...core.errors import PlayboxError
from ...llm.connection import kept_open
from ..content import tokens
from ..exchange import export_bullets
from ..gate import GateOptions
from ..playbook import Playbook
from ..store import SqliteStore
from .comparison import compare
from .config import Mode
from .curve import share
from .folder import RunFolder
from .gating import Gating
from .ledger import Ledger
from .lines import Lines
from .measuring import Measuring
from .open_run import Means, OpenRun, opened
from .playbooks import PLAYBOOK, Copied
from .progress import RunPlanned
from .replaying import replay_doubtful
from .result import Part, Phase
from .steps import Step, StepMark, Steps
from .summary import Best, Summary
from .tidying import tidy
from .trainer import Plan, Trained, Trainer, planned

AGAINST: Final = "against"
"""The folder of the other side of a comparison."""
LEARNED: Final = "learned.json"
"""The best version of the playbook, to be imported elsewhere."""


async def do_run(
    folder: RunFolder, means: Means, context: WorkflowContext, *, steps: Sequence[Step] = ()
) -> Summary:
    """Do what is left of the run in `folder` and return what it came to; `steps` are done after each batch.

    The budget of `context` covers the whole run: what was paid earlier is taken from it first.

    Raises:
        PlayboxError: an outage or a limit stopped it; `summary.json` says so, and the same call goes on.
    """
    async with kept_open(means.models.values()):
        return await _do(folder, means, context, steps)


async def _do(folder: RunFolder, means: Means, context: WorkflowContext, steps: Sequence[Step]) -> Summary:
    with opened(folder, means, context.budget) as run:
        context = replace(context, workflow_id=run.config.run_id)
        if run.config.mode is Mode.EVALUATE:
            return await _evaluate(run, context)
        return await _train(run, context, steps)


async def _train(run: OpenRun, context: WorkflowContext, steps: Sequence[Step]) -> Summary:
    """Train, then write down the best version of the playbook."""
    config, store = run.config, SqliteStore(run.folder.path / PLAYBOOK)
    plan = Plan(mode=config.mode, epochs=config.epochs, in_flight=config.in_flight, window=config.window)
    _tell_plan(run, planned(plan, run.tasks), len(run.ledger.results()), context)
    with closing(Lines(run.folder.path / "steps.jsonl", StepMark)) as marks:
        trainer = Trainer(
            run_id=config.run_id,
            plan=plan,
            workshop=run.workshop,
            store=store,
            ledger=run.ledger,
            steps=Steps(steps=(*_usual_steps(run, store), *steps), store=store, marks=marks),
        )
        with _stopping(lambda reason: run.conclude(stopped=reason)):
            trained = await trainer.train(run.tasks, context)
            best = _best(run.folder, trained, await store.at_version(trained.version))
    return run.conclude(best=best)


def _usual_steps(run: OpenRun, store: SqliteStore) -> tuple[Step, ...]:
    """Return the steps of this run: duplicates merge, doubts are replayed, and the gate opens."""
    steps: list[Step] = [tidy]
    if run.workshop.options.replay_share:
        steps.append(replay_doubtful)
    if run.tasks.validation is not None:
        options = GateOptions(in_flight=run.config.in_flight, seed=run.workshop.options.seed)
        steps.append(Gating(store=store, held_out=run.tasks.validation.tasks, options=options))
    return tuple(steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One side of an evaluation: its playbook, and where its results go."""

    name: str
    playbook: Playbook
    ledger: Ledger


async def _evaluate(run: OpenRun, context: WorkflowContext) -> Summary:
    """Measure with the run's playbook, and then with the other one if there is one."""
    sides = [
        _Side(name="", playbook=await _copied(run.folder, run.config.playbook_version), ledger=run.ledger)
    ]
    if run.config.against is None:
        return await _measured(run, sides, context)
    folder = RunFolder(path=run.folder.path / AGAINST)
    playbook = await _copied(folder, run.config.against_version)
    with closing(Ledger(folder)) as ledger:
        sides.append(_Side(name=f"{AGAINST}/", playbook=playbook, ledger=ledger))
        return await _measured(run, sides, context)


async def _measured(run: OpenRun, sides: Sequence[_Side], context: WorkflowContext) -> Summary:
    """Do the tasks on each side, and compare the sides."""
    done = sum(len(side.ledger.results()) for side in sides)
    _tell_plan(run, len(sides) * len(run.tasks.train), done, context)

    def conclude(stopped: str = "") -> Summary:
        results = [side.ledger.results() for side in sides]
        if len(sides) == 1:
            return run.conclude(stopped=stopped)
        compared = compare(results[0], results[1])
        return run.conclude(stopped=stopped, against=results[1], comparison=compared)

    with _stopping(conclude):
        for side in sides:
            await _measure(run, side, context)
    return conclude()


async def _measure(run: OpenRun, side: _Side, context: WorkflowContext) -> None:
    workshop = replace(run.workshop, side=side.name)
    part, options = Part(phase=Phase.TEST), workshop.certain
    loop = workshop.loop(part.scope, options)
    for task in run.tasks.train.tasks:
        await loop.prepare(task)
    measuring = Measuring(
        run_id=f"{run.config.run_id}{side.name}",
        ledger=side.ledger,
        watch=workshop.watch,
        at_once=run.config.in_flight,
    )
    await measuring.measure(
        part, run.tasks.train.tasks, side.playbook, loop=loop, options=options, context=context
    )


async def _copied(folder: RunFolder, version: int) -> Playbook:
    return await Copied(store=SqliteStore(folder.path / PLAYBOOK), version=version).load()


def _best(folder: RunFolder, trained: Trained, playbook: Playbook) -> Best:
    """Write the best version down, and return what it is."""
    folder.write(LEARNED, export_bullets(playbook, "json"))
    validated = next((one for one in trained.validations if one.version == playbook.version), None)
    hits = [] if validated is None else [number < validated.first_tries for number in range(validated.n)]
    return Best(
        version=playbook.version,
        size=playbook.size,
        tokens=sum(tokens(bullet.content) for bullet in playbook.active),
        file=LEARNED,
        validation=share(hits) if hits else None,
    )


def _tell_plan(run: OpenRun, total: int, done: int, context: WorkflowContext) -> None:
    context.emit(RunPlanned(total=total, done=done, spent=run.workshop.journal.spent))


@contextmanager
def _stopping(conclude: Callable[[str], Summary]) -> Generator[None]:
    """Write down that the run stopped, and why, where it does."""
    try:
        yield
    except PlayboxError as error:
        conclude(f"{type(error).__name__}: {error}")
        raise
    except asyncio.CancelledError:
        conclude("interrupted")
        raise
