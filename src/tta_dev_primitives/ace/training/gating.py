"""A step that lets the playbook through the gate, with the validation tasks as those that are held out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...core.context import WorkflowContext
from ..gate import Gate, GateDecided, GateOptions, at_the_gate, shown_by
from ..playbook import Playbook
from ..record import Run
from ..selection import select
from ..store import PlaybookStore
from ..task import Task
from .result import Part, Phase, TaskResult
from .solving import only_once, solve
from .steps import BatchDone, StepDone


@dataclass(frozen=True, slots=True, kw_only=True)
class Gating:
    """Opens the gate for the playbook in `store` after as many changes as `options` say.

    What two versions show a task is played once for both, and not at all where a validation or the gate has
    asked the model the same before.
    """

    store: PlaybookStore
    held_out: tuple[Task, ...]
    options: GateOptions
    results: dict[str, bool] = field(default_factory=dict[str, bool])

    async def __call__(self, batch: BatchDone, _made: int, context: WorkflowContext) -> StepDone:
        """Return what the gate decides after `batch`.

        Raises:
            PlayboxError: an outage or a limit ended it, and nothing is stored.
        """
        plays = _Plays(batch, context)
        shown = shown_by(batch.workshop.certain)
        gate = Gate(plays.play, options=self.options, shown=shown, results=self.results)
        decided = await at_the_gate(gate, self.store, tuple(map(only_once, self.held_out)))
        batch.workshop.watch.check()
        if decided is None:
            return StepDone()
        context.emit(GateDecided(report=decided.report))
        return StepDone(commit=decided.commit(context.workflow_id), calls=plays.calls)


class _Plays:
    """Plays tasks as a validation does, and counts the model calls."""

    def __init__(self, batch: BatchDone, context: WorkflowContext) -> None:
        workshop = batch.workshop
        self.calls = 0
        self._watch, self._options, self._context = workshop.watch, workshop.certain, context
        self._loop = workshop.loop(
            _scope(batch.part), self._options, after=played_in(batch.results, before=batch.part)
        )

    async def play(self, playbook: Playbook, task: Task) -> bool:
        selection = select(playbook, task, self._options, index=self._loop.index)
        run = Run(task=task, playbook=playbook, selection=selection)
        solved = await solve(self._loop, run, self._watch, self._context)
        self.calls += solved.run.usage.calls if solved.run is not None else 1
        return solved.run is not None and solved.run.first_try


def played_in(results: Iterable[TaskResult], *, before: Part) -> list[str]:
    """Return the scopes in which held-out tasks were played before a part of the run, the latest first."""
    parts = dict.fromkeys(result.part for result in reversed(tuple(results)))
    return [
        part.scope if part.phase is Phase.VALIDATION else _scope(part) for part in parts if part != before
    ]


def _scope(part: Part) -> str:
    return f"gate-{part.scope}"
