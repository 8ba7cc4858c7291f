"""System Health: pace, quality, transfer and life of strategies. The docstrings are the definitions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..bullet import Status
from ..events import Recorded, Tag, TagKind
from ..statistics import bootstrap, bootstrap_change, kaplan_meier, wilson
from ..statistics.bootstrap import Sample
from .compare import (
    Arm,
    by_task,
    first_try,
    gap_reading,
    halves,
    lacking,
    share_reading,
    tasks_of,
)
from .lives import lives_of
from .metric import FEW, SEED, Reading, Unit, measured, missing
from .pairing import held_out_first_try
from .people import by_person
from .stored import Stored, Trial
from .trend import trend

HORIZON: Final = 20
"""Runs after which persistence is told: enough for most strategies to have been relevant several times."""
_DECIDED: Final = frozenset({Status.VALIDATED, Status.SUSPENDED, Status.RETIRED})


def learning_velocity(stored: Stored) -> tuple[Reading, ...]:
    """Return how quickly new strategies are acquired.

    new strategies per run: strategies added / runs.

    late minus early: that figure of the later half of each family's runs minus that of the earlier half. It
    falls when there is less left to learn, which is no fault.

    Both: BCa bootstrap over tasks, each with all its runs and strategies.
    """
    trials = stored.trials
    what, tasks = "new strategies per run", _added(trials)
    if len(tasks) < FEW:
        pace = missing(what, Unit.PER_RUN, len(tasks), "tasks", f"runs of {FEW} tasks; {len(tasks)}")
    else:
        estimate = bootstrap(tasks, statistic=_per_run, seed=SEED)
        added = sum(len(trial.episode.added) for trial in trials)
        note = f"{added} new in {len(trials)} runs"
        pace = measured(what, estimate, Unit.PER_RUN, "tasks", note=note, trend=trend(map(_new, trials)))
    early, late = halves(trials)
    before, after = _added(early.trials), _added(late.trials)
    if min(len(before), len(after)) < FEW:
        return pace, lacking("late minus early", Unit.PER_RUN, early, late, "")
    change = bootstrap_change(before, after, statistic=_per_run, seed=SEED)
    count = tasks_of(early, late)
    return pace, measured("late minus early", change, Unit.PER_RUN, "tasks", n=count)


def _added(trials: Sequence[Trial]) -> list[tuple[float, float]]:
    """Return of each task how many strategies came of it, and its runs."""
    return [(sum(map(_new, runs)), float(len(runs))) for runs in by_task(trials).values()]


def _new(trial: Trial) -> float:
    return float(len(trial.episode.added))


def _per_run(rows: Sample) -> float:
    return float(rows[:, 0].sum() / rows[:, 1].sum())


def strategy_quality(stored: Stored) -> tuple[Reading, ...]:
    """Return how good the learned strategies are.

    validated, of those that evidence decided: validated / (validated + suspended + retired), of the
    strategies learned from runs whose status rests on measured runs, and not on a person, a model or a merge.

    mean uplift of strategies in use: the mean over strategies of the difference that each makes to first-try
    success, as estimated from the runs in which chance decided on it; of those that at least 5 runs had and
    at least 5 for which they were relevant had not. BCa bootstrap over strategies.

    rated good by people: strategies whose latest rating by a person is good / strategies that a person rated
    (`playbox playbook rate`).

    called helpful by the model: helpful tags / (helpful + harmful tags). A model's opinion, no evidence.

    Shares: Wilson's interval; n = strategies, of the last one tags.
    """
    return _decided(stored), _uplift(stored), _rated(stored.history), _tagged(stored.history)


def _decided(stored: Stored) -> Reading:
    what = "validated, of those that evidence decided"
    tested = [bullet for bullet in stored.learned_bullets if bullet.evidence and not bullet.merged_into]
    decided = [bullet for bullet in tested if bullet.status in _DECIDED]
    if len(decided) < FEW:
        need = f"{FEW} strategies that evidence validated, suspended or retired; {len(decided)}"
        return missing(what, Unit.SHARE, len(decided), "strategies", need)
    proven = sum(bullet.status is Status.VALIDATED for bullet in decided)
    return measured(what, wilson(proven, len(decided)), Unit.SHARE, "strategies")


def _uplift(stored: Stored) -> Reading:
    what = "mean uplift of strategies in use"
    beliefs = [stored.beliefs.of(bullet.id) for bullet in stored.playbook.active]
    tested = [one for one in beliefs if one.included >= FEW and one.relevant - one.included >= FEW]
    uplifts = [one.uplift.value for one in tested if one.uplift is not None]
    if len(uplifts) < FEW:
        need = f"{FEW} strategies with {FEW} runs that had them and {FEW} that had not; {len(uplifts)}"
        return missing(what, Unit.CHANGE, len(uplifts), "strategies", need)
    note = f"{sum(uplift > 0 for uplift in uplifts)} help, {sum(uplift < 0 for uplift in uplifts)} harm"
    return measured(what, bootstrap(uplifts, seed=SEED), Unit.CHANGE, "strategies", note=note)


def _rated(history: Sequence[Recorded]) -> Reading:
    what, latest = "rated good by people", dict[str, TagKind]()
    for item in history:
        if isinstance(item.event, Tag) and by_person(item) and item.event.tag is not TagKind.NEUTRAL:
            latest[item.event.bullet] = item.event.tag
    if len(latest) < FEW:
        stored = f"{len(latest)} stored" if latest else "none stored"
        need = f"human ratings of {FEW} strategies (`playbox playbook rate`); {stored}"
        return missing(what, Unit.SHARE, len(latest), "strategies", need)
    good = sum(tag is TagKind.HELPFUL for tag in latest.values())
    return measured(what, wilson(good, len(latest)), Unit.SHARE, "strategies")


def _tagged(history: Sequence[Recorded]) -> Reading:
    what = "called helpful by the model"
    tags = [item.event.tag for item in history if isinstance(item.event, Tag) and not by_person(item)]
    helpful, harmful = tags.count(TagKind.HELPFUL), tags.count(TagKind.HARMFUL)
    if helpful + harmful < FEW:
        need = f"{FEW} tags that are not neutral; {helpful + harmful}"
        return missing(what, Unit.SHARE, helpful + harmful, "tags", need)
    estimate = wilson(helpful, helpful + harmful)
    return measured(what, estimate, Unit.SHARE, "tags", note="a model's opinion, no evidence")


def generalization(stored: Stored) -> tuple[Reading, ...]:
    """Return whether strategies work on tasks that they were not learned from.

    held-out tasks, first try with the playbook: test tasks of a run folder, else its validation tasks, with
    the latest version of the playbook; tasks whose first program was right / tasks.

    new tasks, first try with strategies: the first run of each task that had strategies, which so came from
    other tasks; tasks right / tasks.

    new tasks, with strategies against held out: of the first runs for which there were strategies, those that
    might use them minus those from which chance withheld the whole playbook. Randomised.

    new tasks against repeated ones: with strategies, share of first runs right minus share of later runs. Far
    below zero means that the playbook remembers tasks rather than lessons.

    Shares: Wilson's interval; differences as for Success Rate Improvement. n = tasks.
    """
    judged = stored.judged
    new = [trial for trial in judged if trial.new]
    held_out = tuple(trial for trial in new if trial.eligible and trial.episode.held_out)
    eligible = tuple(trial for trial in new if trial.eligible and not trial.episode.held_out)
    informed = tuple(trial for trial in new if trial.informed)
    repeated = tuple(trial for trial in judged if trial.informed and not trial.new)
    with_strategies = Arm(name="with strategies", trials=eligible)
    return (
        held_out_first_try(stored.results),
        share_reading(
            "new tasks, first try with strategies", informed, first_try, "new tasks with strategies"
        ),
        gap_reading(
            "new tasks, with strategies against held out",
            Arm(name="held out", trials=held_out),
            with_strategies,
            first_try,
        ),
        gap_reading(
            "new tasks against repeated ones",
            Arm(name="repeated", trials=repeated),
            Arm(name="new", trials=informed),
            first_try,
        ),
    )


def persistence(stored: Stored) -> tuple[Reading, ...]:
    """Return whether learned strategies remain in use over time.

    in use after 20 runs: the share of strategies learned from runs that are not suspended, retired or
    corrected within 20 runs after their admission. Those still in use, merged into another or erased for
    privacy count as long as they were seen (censored). Kaplan and Meier's estimate, log-log interval.

    runs until half are out of use: its median, with Brookmeyer and Crowley's interval.
    """
    lives = lives_of(stored)
    told = sum(life.ended or life.runs >= HORIZON for life in lives)
    what, median = f"in use after {HORIZON} runs", "runs until half are out of use"
    if told < FEW:
        need = f"{FEW} strategies learned at least {HORIZON} runs ago, or out of use since; {told}"
        lacking_it = missing(what, Unit.SHARE, told, "strategies", need)
        return lacking_it, missing(median, Unit.RUNS, told, "strategies", need)
    curve = kaplan_meier([life.runs for life in lives], [life.ended for life in lives])
    ended = sum(life.ended for life in lives)
    note = f"{ended} of {len(lives)} are out of use"
    share = measured(what, curve.at(HORIZON), Unit.SHARE, "strategies", note=note)
    half = curve.median
    longest = max(life.runs for life in lives)
    if half.value is None:
        kept = f"{curve.at(longest).value:.0%} are still in use after {longest} runs"
        reached = f"that half of them are out of use; {kept}"
        return share, missing(median, Unit.RUNS, len(lives), "strategies", reached)
    bounds = f"95 % interval {_told(half.low)} to {_told(half.high)}"
    reading = Reading(
        what=median, unit=Unit.RUNS, n=len(lives), of="strategies", value=half.value, note=bounds
    )
    return share, reading


def _told(end: float | None) -> str:
    return "more than were seen" if end is None else f"{end:g}"
