"""Business Impact: effort, correctness, upkeep and reuse. The docstrings are the definitions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from math import exp, log
from typing import Final

from ..content import tokens as tokens_of
from ..events import Gated, Observe, Recorded, Replayed, Tag
from ..statistics import bootstrap, bootstrap_change, difference, wilson
from ..statistics.bootstrap import Sample
from .compare import by_task, first_try, halves, lacking, share_reading, success, tasks_of
from .metric import FEW, SEED, Reading, Unit, measured, missing
from .people import by_person
from .stored import Stored, Trial
from .trend import trend

_NO_CHANGE: Final = (Observe, Tag, Replayed, Gated)
"""Records that leave every strategy as it is."""
_HALF_A_TASK: Final = 0.5
"""What a resample without a solved task counts as, as nothing can be divided by none."""


def development_velocity(stored: Stored) -> tuple[Reading, ...]:
    """Return how much less a solved task costs late than early.

    model calls per solved task, tokens per solved task, seconds per solved task: each (sum over the later
    half of each family's runs / runs of it that were solved) / (the same of the earlier half). Below 1 is
    better. Runs cut short by an outage or a budget do not count; seconds are of live models only. BCa
    bootstrap over tasks, each with all its runs, of the logarithm.
    """
    finished = stored.finished
    live = [trial for trial in finished if trial.episode.recorded is None]
    return (
        _cheaper("model calls per solved task, late / early", finished, lambda t: t.episode.calls, "calls"),
        _cheaper("tokens per solved task, late / early", finished, lambda t: t.episode.tokens, "tokens"),
        _cheaper("seconds per solved task, late / early", live, lambda t: t.seconds, "seconds"),
    )


def _cheaper(what: str, trials: Sequence[Trial], cost: Callable[[Trial], float], of: str) -> Reading:
    early, late = halves(trials)
    before, after = _costs(early.trials, cost), _costs(late.trials, cost)
    if min(len(before), len(after)) < FEW:
        return lacking(what, Unit.RATIO, early, late, "")
    solved, spent = ([sum(row[place] for row in rows) for rows in (before, after)] for place in (1, 0))
    if 0 in (*solved, *spent):
        need = (
            f"solved tasks and {of} in both halves; early {solved[0]:g} solved with {spent[0]:g} {of}, "
            f"late {solved[1]:g} with {spent[1]:g}"
        )
        return missing(what, Unit.RATIO, tasks_of(early, late), "tasks", need)
    estimate = bootstrap_change(before, after, statistic=_log_cost, seed=SEED).through(exp)
    note = f"{_told(spent[1] / solved[1])} late, {_told(spent[0] / solved[0])} early"
    shown, count = trend(map(cost, trials)), tasks_of(early, late)
    return measured(what, estimate, Unit.RATIO, "tasks", n=count, note=note, trend=shown)


def _told(cost: float) -> str:
    return f"{cost:,.0f}" if cost >= 100 else f"{cost:.3g}"  # noqa: PLR2004  # no decimals from there on


def _costs(trials: Sequence[Trial], cost: Callable[[Trial], float]) -> list[tuple[float, float]]:
    """Return of each task what its runs cost and how many of them solved it."""
    tasks = by_task(trials).values()
    return [(float(sum(map(cost, runs))), sum(map(success, runs))) for runs in tasks]


def _log_cost(rows: Sample) -> float:
    return log(max(float(rows[:, 0].sum()), 1e-9) / max(float(rows[:, 1].sum()), _HALF_A_TASK))


def code_quality(stored: Stored) -> tuple[Reading, ...]:
    """Return how often programs are right.

    solved: runs that ended in a program which passes every check / runs, not counting those cut short.

    right at the first try: runs whose first program passes every check / runs.

    failing programs per solved task: programs that failed / runs that were solved.

    Shares: a task counts once, with the share of its runs; Wilson's interval. The last: BCa bootstrap over
    tasks, each with all its runs.
    """
    finished, judged = stored.finished, stored.judged
    solved = share_reading("solved", finished, success, "tasks with checks")
    first = share_reading("right at the first try", judged, first_try, "tasks with checks")
    return solved, first, _defects(finished)


def _defects(finished: Sequence[Trial]) -> Reading:
    what, rows = "failing programs per solved task", _costs(finished, _failing)
    solved = sum(row[1] for row in rows)
    if len(rows) < FEW or not solved:
        need = f"{FEW} tasks with checks, and a solved one; {len(rows)}, {solved:g} solved"
        return missing(what, Unit.PER_SOLVED, len(rows), "tasks", need)
    estimate = bootstrap(rows, statistic=_ratio, seed=SEED)
    return measured(what, estimate, Unit.PER_SOLVED, "tasks", trend=trend(map(_failing, finished)))


def _failing(trial: Trial) -> float:
    return float(trial.failures)


def _ratio(rows: Sample) -> float:
    return float(rows[:, 0].sum()) / max(float(rows[:, 1].sum()), _HALF_A_TASK)


def maintenance_reduction(stored: Stored) -> tuple[Reading, ...]:
    """Return how little a person has to do by hand.

    changes made without a person: of the acts that changed the playbook (all changes of one run, one import
    or one edit count as one act), those of the loop / all. Wilson's interval, n = acts.

    runs after which a person stepped in, late minus early: the share of runs followed by an act of a person
    before the next run, in the later half of all runs minus in the earlier half. Newcombe's interval;
    n = runs.
    """
    acts = _acts(stored.changes)
    what, count = "changes made without a person", len(acts)
    if count < FEW:
        alone = missing(what, Unit.SHARE, count, "acts", f"{FEW} acts that changed the playbook; {count}")
    else:
        manual = sum(map(by_person, acts))
        note = f"{manual} by a person"
        alone = measured(what, wilson(count - manual, count), Unit.SHARE, "acts", note=note)
    return alone, _stepped_in(stored, [item for item in acts if by_person(item)])


def _acts(changes: Iterable[Recorded]) -> list[Recorded]:
    """Return the first record of each act that changed a strategy.

    Records of one run or edit follow each other, and two edits of a file are told apart by the runs between.
    """
    groups = groupby(changes, key=lambda item: (item.run_id, by_person(item)))
    kept = ([item for item in group if not isinstance(item.event, _NO_CHANGE)] for _, group in groups)
    return [items[0] for items in kept if items]


def _stepped_in(stored: Stored, manual: Sequence[Recorded]) -> Reading:
    what, runs = "runs after which a person stepped in, late minus early", len(stored.trials)
    middle = runs // 2
    if middle < FEW:
        return missing(what, Unit.CHANGE, runs, "runs", f"{2 * FEW} runs; {runs}")
    finishes = stored.finishes
    earlier = len(finishes) - runs
    after = {bisect_right(finishes, item.at) - 1 - earlier for item in manual}
    early = wilson(sum(0 <= number < middle for number in after), middle)
    late = wilson(sum(number >= middle for number in after), runs - middle)
    note = f"{late.value:.0%} of {late.n} late, {early.value:.0%} of {early.n} early"
    return measured(what, difference(early, late), Unit.CHANGE, "runs", note=note)


def knowledge_capture(stored: Stored) -> tuple[Reading, ...]:
    """Return how much of what was learned is kept and used again.

    runs that found strategies: runs for whose task the playbook held a relevant strategy / runs; a task
    counts once, with the share of its runs.

    strategies used beyond their own task: strategies learned from runs that were given to a run of another
    task / strategies learned from runs.

    knowledge kept, in tokens: the tokens of all strategies in use; a count.

    Shares: Wilson's interval; n = tasks, and strategies.
    """
    active = stored.playbook.active
    origins = {bullet.provenance.task_id for bullet in active}
    kept = Reading(
        what="knowledge kept, in tokens",
        unit=Unit.COUNT,
        n=len(active),
        of="strategies",
        value=sum(tokens_of(bullet.content) for bullet in active),
        note=f"{len(active)} strategies in use, from {len(origins)} tasks or imports",
    )
    found = share_reading("runs that found strategies", stored.trials, lambda t: float(t.eligible))
    return found, _reused(stored), kept


def _reused(stored: Stored) -> Reading:
    what = "strategies used beyond their own task"
    own = {bullet.id: bullet.provenance.task_id for bullet in stored.playbook.bullets.values()}
    learned = set(stored.learned)
    if len(learned) < FEW:
        need = f"{FEW} learned strategies; {len(learned)}"
        return missing(what, Unit.SHARE, len(learned), "strategies", need)
    used = {
        choice.bullet_id
        for trial in stored.trials
        for choice in trial.episode.choices
        if choice.included and own.get(choice.bullet_id) != trial.episode.task_id
    }
    return measured(what, wilson(len(used & learned), len(learned)), Unit.SHARE, "strategies")
