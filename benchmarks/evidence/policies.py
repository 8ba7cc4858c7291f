"""The real selection, estimate, bets and lifecycle, run by run in a world whose outcomes a coin decides."""

from __future__ import annotations

import asyncio
import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from evidence.worlds import COUNT, Flags, Tasks, World, filled_store

from tta_dev_primitives.ace import AceOptions, Playbook
from tta_dev_primitives.ace.bullet import Bullet, Status
from tta_dev_primitives.ace.episode import Episode
from tta_dev_primitives.ace.events import Replayed
from tta_dev_primitives.ace.evidence.belief import NO_BELIEFS, Beliefs
from tta_dev_primitives.ace.evidence.inclusion import favoured, wanted
from tta_dev_primitives.ace.evidence.pairs import choose
from tta_dev_primitives.ace.evidence.replay import calls_for_replays
from tta_dev_primitives.ace.experience import Experience
from tta_dev_primitives.ace.selection import Selection, select
from tta_dev_primitives.ace.store import Commit
from tta_dev_primitives.ace.task import Task
from tta_dev_primitives.testing import MemoryStore

POLICIES: Mapping[str, AceOptions] = {
    "include all": AceOptions(inclusion=1.0, hold_out=0.0, decide_every=0),
    "independent": AceOptions(exploration=1.0),
    "blocks (default)": AceOptions(),
    "blocks, 20 % of calls replays": AceOptions(replay_share=0.2),
}
FRESH = 4000


@dataclass(frozen=True)
class Figures:
    """What came of one world, as shares.

    `final` is the success on new tasks of what runs usually show at the end, `online` that of all runs,
    `last` that of the last quarter. `untouched` are the runs that showed what runs usually do, so that a
    prompt's beginning stays. `badges` and `false_badges` are of strategies that help and of others.
    """

    final: float
    online: float
    last: float
    untouched: float
    badges: float
    false_badges: float
    helpful_shown: float
    harmful_shown: float


@dataclass
class Simulation:
    """One world under one policy."""

    tasks: Tasks
    options: AceOptions
    store: MemoryStore
    draw: random.Random
    experience: Experience
    successes: list[bool] = field(default_factory=list[bool])
    untouched: list[bool] = field(default_factory=list[bool])
    replayed: int = 0

    async def run(self, number: int, beliefs: Beliefs) -> None:
        """Run one task and commit it, with what it decides."""
        playbook, task = await self.store.load(), self.tasks.task(number)
        selection = select(playbook, task, self.options, beliefs)
        shown = _flags(playbook, selection.bullets)
        success = self.outcome(number, shown)
        episode = _episode(task, selection, success=success)
        commit = Commit(run_id="r", episode=episode)
        if self.experience.due:
            decided = self.experience.decided(episode, playbook)
            commit = replace(commit, decisions=decided.decisions, seals=decided.seals)
        await self.store.commit(commit)
        self.experience = self.experience.extended([episode])
        self.successes.append(success)
        usually = usual(playbook, beliefs, self.options) & self.tasks.relevant[number]
        self.untouched.append(bool((shown == usually).all()))

    async def replay(self, numbers: range, beliefs: Beliefs) -> None:
        """Replay what tells most on some tasks, as far as the share of calls allows."""
        made = len(self.successes)
        left = calls_for_replays(self.options, made=made, replayed=self.replayed)
        playbook = await self.store.load()
        tasks = [self.tasks.task(number) for number in numbers] if left else []
        pairs = choose(playbook, tasks, beliefs, self.experience.record, self.options)[: left // 2]
        shows = usual(playbook, beliefs, self.options)
        events: list[Replayed] = []
        for pair in pairs:
            number, without = int(pair.task.id[1:]), shows & ~_flags(playbook, [pair.bullet])
            outcomes = {True: self.outcome(number, without | _flags(playbook, [pair.bullet]))}
            outcomes[False] = self.outcome(number, without)
            events.append(_replayed(pair.bullet, pair.task, outcomes))
        self.replayed += 2 * len(events)
        await self.store.commit(Commit(run_id="r", replays=tuple(events)))

    def outcome(self, number: int, shown: Flags) -> bool:
        return self.draw.random() < float(self.tasks.chances(shown)[number])


def usual(playbook: Playbook, beliefs: Beliefs, options: AceOptions) -> Flags:
    """Return which strategies a run shows where they are relevant and nothing is explored."""
    bullets = playbook.bullets.values()
    if options.inclusion is not None:
        return np.array([bullet.live for bullet in bullets])
    return np.array([b.live and favoured(wanted(beliefs.of(b.id), b.status)) for b in bullets])


def figures(seed: int, mix: Sequence[int], length: int, options: AceOptions) -> Figures:
    """Return what comes of `length` tasks of a world."""
    return asyncio.run(_figures(seed, mix, length, options))


async def _figures(seed: int, mix: Sequence[int], length: int, options: AceOptions) -> Figures:
    world = World.of(seed, mix)
    simulation = Simulation(
        tasks=Tasks.of(seed + 5, world, length),
        options=replace(options, seed=seed),
        store=await filled_store(),
        draw=random.Random(seed + 999),  # noqa: S311  # no secret
        experience=Experience.of(options),
    )
    badges, beliefs = np.zeros(COUNT, bool), NO_BELIEFS
    for number in range(length):
        if options.decide_every and number % options.decide_every == 0:
            beliefs = simulation.experience.beliefs(await simulation.store.load())
            await simulation.replay(range(max(0, number - options.decide_every), number), beliefs)
        await simulation.run(number, beliefs)
        bullets = (await simulation.store.load()).bullets.values()
        badges |= np.array([bullet.status is Status.VALIDATED for bullet in bullets])
    playbook = await simulation.store.load()
    shown = usual(playbook, simulation.experience.beliefs(playbook), options)
    helps, harms = world.effects > 0, world.effects < 0
    return Figures(
        final=float(Tasks.of(seed + 77, world, FRESH).chances(shown).mean()),
        online=statistics.mean(simulation.successes),
        last=statistics.mean(simulation.successes[-length // 4 :]),
        untouched=statistics.mean(simulation.untouched),
        badges=float(badges[helps].mean()),
        false_badges=float(badges[~helps].mean()),
        helpful_shown=float(shown[helps].mean()),
        harmful_shown=float(shown[harms].mean()),
    )


def _flags(playbook: Playbook, bullets: Sequence[Bullet]) -> Flags:
    ids = {bullet.id for bullet in bullets}
    return np.array([reference in ids for reference in playbook.bullets])


def _replayed(bullet: Bullet, task: Task, outcomes: Mapping[bool, bool]) -> Replayed:
    return Replayed(
        bullet=bullet.id,
        task_id=task.id,
        with_success=outcomes[True],
        without_success=outcomes[False],
        with_episode="",
        without_episode="",
    )


def _episode(task: Task, selection: Selection, *, success: bool) -> Episode:
    return Episode(
        id=task.id,
        run_id="r",
        task_id=task.id,
        family=task.family,
        task=task.task,
        language="python",
        playbook_version=0,
        held_out=selection.held_out,
        choices=selection.choices,
        success=success,
        first_try=success,
        verdict="passed",
        score=float(success),
        seed=selection.seed,
        model="none",
        origin="scripted",
        started_at="",
        finished_at="",
    )
