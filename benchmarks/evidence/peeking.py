"""Peeking: how often badges come that were not earned, and how soon those that were, if one always looks.

A stream is the runs in which one strategy was relevant, of tasks that differ in difficulty. Compared with
what many do: a badge where the success rate with the strategy is above that without by Beta posteriors.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tta_dev_primitives.ace import AceOptions
from tta_dev_primitives.ace.bullet import Provenance
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import AddBullet, Delta
from tta_dev_primitives.ace.episode import Choice
from tta_dev_primitives.ace.evidence.bets import Bets
from tta_dev_primitives.ace.evidence.lifecycle import BADGE
from tta_dev_primitives.ace.evidence.outcomes import Outcome
from tta_dev_primitives.ace.evidence.wealth import log_e_of_pairs
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.selection import select
from tta_dev_primitives.ace.task import Task

SPREAD, RATE = 0.25, 0.6
EVEN, FIRST_LOOK = 0.5, 8
_ENOUGH = math.log(BADGE)
_Z95 = 1.645


@dataclass(frozen=True)
class Seen:
    """How many streams had a badge at some time, as a share, and the median number of runs until then."""

    badges: float
    runs: float | None


def seen(firsts: Sequence[int | None]) -> Seen:
    found = [first for first in firsts if first is not None]
    median = statistics.median(first if first is not None else math.inf for first in firsts)
    return Seen(badges=len(found) / len(firsts), runs=None if math.isinf(median) else median)


def naive(draw: random.Random, uplift: float, length: int) -> int | None:
    """Look at Beta posteriors after every run, from `FIRST_LOOK` on."""
    runs, successes = {True: 0, False: 0}, {True: 0, False: 0}
    for number in range(1, length + 1):
        included = draw.random() < EVEN
        runs[included] += 1
        successes[included] += _success(draw, uplift * included)
        if number >= FIRST_LOOK and _sure(runs, successes):
            return number
    return None


def coins(draw: random.Random, uplift: float, length: int) -> int | None:
    """Look at the bets on an even coin after every run."""
    bets = Bets()
    for number in range(1, length + 1):
        included = draw.random() < EVEN
        choice = Choice(bullet_id="b", propensity=EVEN, included=included, core=False, conditional=EVEN)
        success = _success(draw, uplift * included)
        bets = bets.extended([Outcome(family="f", choices=(choice,), success=success)])
        if bets.log_e("b", 1) >= _ENOUGH:
            return number
    return None


def pairs(draw: random.Random, uplift: float, length: int) -> int | None:
    """Look at replays after every pair, on tasks of different difficulty."""
    won = lost = 0
    for number in range(1, length + 1):
        chance = _chance(draw)
        with_it, without = draw.random() < min(chance + uplift, 0.99), draw.random() < chance
        won, lost = won + (with_it > without), lost + (without > with_it)
        if log_e_of_pairs(won, lost) >= _ENOUGH:
            return number
    return None


def company(draw: random.Random, length: int, *, marginal: bool) -> int | None:
    """Look at a strategy that does nothing, among seven that help and that blocks leave out together with it.

    With `marginal` the bets rest on the probability over all runs, which is wrong: a run without the strategy
    is likely a run without its company, and fails more often.
    """
    playbook, options = _playbook(), AceOptions(seed=draw.getrandbits(30))
    idle = next(iter(playbook.bullets))
    bets = Bets()
    for number in range(1, length + 1):
        task = Task(task="subject", id=f"t{number}", expected_output="")
        choices = select(playbook, task, options).choices
        helping = sum(choice.included for choice in choices if choice.bullet_id != idle)
        success = draw.random() < 0.2 + 0.1 * helping
        if marginal:
            choices = tuple(c.model_copy(update={"conditional": c.propensity}) for c in choices)
        bets = bets.extended([Outcome(family="f", choices=choices, success=success)])
        if bets.log_e(idle, 1) >= _ENOUGH:
            return number
    return None


Stream = Callable[[random.Random], int | None]


def streams(stream: Stream, count: int) -> Seen:
    return seen([stream(random.Random(seed)) for seed in range(count)])  # noqa: S311  # no secret


def _success(draw: random.Random, uplift: float) -> bool:
    return draw.random() < min(_chance(draw) + uplift, 0.99)


def _chance(draw: random.Random) -> float:
    return min(max(RATE + SPREAD * draw.gauss(0, 1), 0.02), 0.98)


def _sure(runs: dict[bool, int], successes: dict[bool, int]) -> bool:
    """Whether P(rate with > rate without) is above .95, in the normal approximation."""
    means, variance = dict[bool, float](), 0.0
    for included in (True, False):
        a, b = successes[included] + 1, runs[included] - successes[included] + 1
        means[included] = a / (a + b)
        variance += means[included] * (1 - means[included]) / (a + b + 1)
    return (means[True] - means[False]) / math.sqrt(variance) > _Z95


def _playbook() -> Playbook:
    source = Provenance(task_id="t", run_id="r", model="none", actor="simulation", origin="user")
    playbook = Playbook()
    for start in (0, 4):
        adds = [AddBullet(kind=Kind.RULE, content=f"Mind subject {n}.") for n in range(start, start + 4)]
        delta = Delta(operations=tuple(adds), provenance=source)
        playbook = playbook.apply(delta, at=0, run_id="r").playbook
    return playbook
