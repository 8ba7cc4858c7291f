"""Replay: the same task with a bullet and without it, all else alike: what it does, not what it goes with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ...core.context import WorkflowContext
from ...core.errors import ModelOutputInvalid, ModelRefused, ModelUnavailable, SandboxError
from ..bullet import Bullet
from ..events import Replayed
from ..experience import Experience
from ..failures import SPENT
from ..loop import Loop
from ..options import AceOptions
from ..playbook import Playbook
from ..progress import StrategyReplayed
from ..record import Run
from ..selection import Selection, select
from ..task import Task
from ..verdict import VerdictKind
from .belief import Beliefs
from .pairs import Pair, choose

_OUTAGES = (ModelUnavailable, ModelOutputInvalid, ModelRefused, SandboxError, *SPENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replays:
    """What was replayed: events for `Commit.replays`, and the model calls that it took.

    `stopped` says what ended it early: an outage, the budget or the deadline. A pair that was under way then
    is not among the events; nothing is concluded from half of one.
    """

    events: tuple[Replayed, ...] = ()
    calls: int = 0
    stopped: str = ""


def calls_for_replays(options: AceOptions, *, made: int, replayed: int) -> int:
    """Return how many model calls replays may take now.

    Of `made` calls for other purposes they may take the share `options.replay_share`, less the `replayed`
    that they took already.
    """
    return max(0, int(options.replay_share * made) - replayed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayer:
    """Replays with a frozen `playbook` what `experience` leaves in doubt.

    All but the bullet in question is what runs usually get of the playbook.
    """

    loop: Loop
    playbook: Playbook
    experience: Experience

    async def replay(self, tasks: Iterable[Task], context: WorkflowContext, *, calls: int) -> Replays:
        """Run the pairs of `tasks` and bullets that tell most, for at most `calls` model calls.

        Nothing is learned from the runs but how each pair came out. An outage ends it.

        Raises:
            ModelRejected: the key or the model name is wrong.
            CassetteError: a recording has no answer.
        """
        experience, beliefs = self.experience, self.experience.beliefs(self.playbook)
        arms = _Arms(loop=self.loop, playbook=self.playbook, beliefs=beliefs, options=experience.options)
        events: list[Replayed] = []
        spent = 0
        for pair in choose(self.playbook, tasks, beliefs, experience.record, experience.options):
            if spent + arms.most_calls > calls:
                break
            done: dict[bool, Run] = {}
            stopped = await arms.run(pair, done, context)
            spent += sum(run.usage.calls for run in done.values())
            if stopped:
                return Replays(events=tuple(events), calls=spent, stopped=stopped)
            both = _Both(with_it=done[True], without=done[False])
            if both.judged:
                events.append(both.event(pair))
                context.emit(StrategyReplayed(task_id=pair.task.id, replayed=events[-1]))
        return Replays(events=tuple(events), calls=spent)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Both:
    """The two runs of a pair."""

    with_it: Run
    without: Run

    @property
    def judged(self) -> bool:
        verdicts = (self.with_it.attempts[0].verdict, self.without.attempts[0].verdict)
        return not any(one.unchecked or one.kind is VerdictKind.INFRASTRUCTURE for one in verdicts)

    def event(self, pair: Pair) -> Replayed:
        return Replayed(
            bullet=pair.bullet.id,
            revision=pair.bullet.revision,
            task_id=pair.task.id,
            with_success=self.with_it.first_try,
            without_success=self.without.first_try,
            with_episode=self.with_it.episode_id,
            without_episode=self.without.episode_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arms:
    """How the two runs of a pair are made."""

    loop: Loop
    playbook: Playbook
    beliefs: Beliefs
    options: AceOptions

    @property
    def most_calls(self) -> int:
        """The most model calls of a pair: a program each, and probes where they are offered."""
        return 2 * (1 + (self.loop.drafter.generator.probes > 0))

    async def run(self, pair: Pair, done: dict[bool, Run], context: WorkflowContext) -> str:
        """Run both, in an order that is drawn: what changes meanwhile shall not favour one.

        They are put into `done` as they end, as the first is paid for also if the second does not. Returns
        the outage that ended it, or "".
        """
        usual = self._without(pair)
        arms = {True: _with(usual, pair.bullet), False: usual}
        for has_it in (True, False) if _first_with(pair) else (False, True):
            run = Run(task=_one_try(pair, has_it=has_it), playbook=self.playbook, selection=arms[has_it])
            try:
                done[has_it] = await self.loop.solve(run, context)
            except _OUTAGES as error:
                return str(error) or type(error).__name__
        return ""

    def _without(self, pair: Pair) -> Selection:
        """Return what a run usually gets, without the bullet and without what contradicts it."""
        usually = replace(self.options, exploration=0.0, hold_out=0.0, inclusion=None)
        usual = select(self.playbook, pair.task, usually, self.beliefs, index=self.loop.index)
        rivals = {bullet.id for bullet in map(self.playbook.get, pair.bullet.conflicts) if bullet}
        out = rivals | {pair.bullet.id}
        return replace(
            usual,
            core=tuple(bullet for bullet in usual.core if bullet.id not in out),
            retrieved=tuple(bullet for bullet in usual.retrieved if bullet.id not in out),
            choices=(),
        )


def _with(usual: Selection, bullet: Bullet) -> Selection:
    """Return the selection with `bullet` at its place in admission order."""
    if bullet.sealed is not None:
        core = sorted((*usual.core, bullet), key=lambda one: one.sealed or 0)
        return replace(usual, core=tuple(core))
    retrieved = sorted((*usual.retrieved, bullet), key=lambda one: (len(one.alias), one.alias))
    return replace(usual, retrieved=tuple(retrieved))


def _one_try(pair: Pair, *, has_it: bool) -> Task:
    """Return the task under a name of its own, so that recordings and transcripts tell the two runs apart."""
    arm = "with" if has_it else "without"
    name = f"{pair.task.id} {arm} {pair.bullet.alias}"
    return pair.task.model_copy(update={"id": name, "max_iterations": 1})


def _first_with(pair: Pair) -> bool:
    return hashlib.sha256(f"{pair.task.id}\0{pair.bullet.id}".encode()).digest()[0] % 2 == 0
