"""Learning Effectiveness: success, strategies, errors and speed. The docstrings are the definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import exp, log

from ..bullet import Status
from ..statistics import bootstrap, bootstrap_change, wilson
from .compare import Arm, by_task, first_try, gap_reading, halves, lacking, share, task_means, tasks_of
from .metric import FEW, SEED, Reading, Unit, measured, missing
from .pairing import first_and_last, with_and_without
from .stored import Stored, Trial
from .trend import growth, trend


def success_rate_improvement(stored: Stored) -> tuple[Reading, ...]:
    """Return how much more often the first program is right with strategies than without.

    Success is a first program that passes every check; tasks without checks do not count. Four readings, the
    most convincing first:

    held-out tasks, with the playbook against none: test tasks of a run folder, else its validation tasks,
    that were run with the empty playbook and with a learned one (the latest version). (tasks right only with
    it - tasks right only without it) / tasks. Paired: Tango's interval, McNemar's exact test.

    random hold-outs: of the runs for which the playbook held relevant strategies, those that might use them
    minus those from which chance withheld the whole playbook. Randomised.

    same tasks, last run against first: as for held-out tasks, but of tasks that were run repeatedly. Not
    randomised: a strategy may hold what the task itself taught.

    late runs against early ones: the later half of each family's runs minus the earlier one. Not randomised:
    the tasks may have become easier or harder.

    The second and fourth are differences of shares within families, weighted by n1·n2/(n1+n2), where n counts
    tasks and a task counts once, with the share of its runs. Newcombe's interval, of as many tasks as the
    weights leave (Kish).
    """
    judged = stored.judged
    eligible = [trial for trial in judged if trial.eligible]
    held_out = tuple(trial for trial in eligible if trial.episode.held_out)
    given = tuple(trial for trial in eligible if not trial.episode.held_out)
    right = trend(first_try(trial) for trial in judged)
    return (
        with_and_without(stored.results),
        gap_reading(
            "random hold-outs",
            Arm(name="held out", trials=held_out),
            Arm(name="with strategies", trials=given),
            first_try,
        ),
        first_and_last(judged),
        gap_reading("late runs against early ones", *halves(judged), first_try, right),
    )


def strategy_accumulation(stored: Stored) -> tuple[Reading, ...]:
    """Return how many useful strategies were learned.

    strategies in use: candidates and validated ones that nothing supersedes; a count of the playbook as it
    is, not an estimate.

    validated by evidence: those of them that runs have proven to help (status validated); a count.

    learned strategies still in use: strategies in use that were learned from runs / all strategies that were
    ever learned from runs, merged ones left out. Wilson's interval, n = strategies.
    """
    playbook = stored.playbook
    status = Counter(bullet.status for bullet in playbook.bullets.values() if bullet.merged_into is None)
    gone = f"{status[Status.SUSPENDED]} suspended, {status[Status.RETIRED]} retired"
    ever = len(playbook.bullets)
    in_use = Reading(
        what="strategies in use",
        unit=Unit.COUNT,
        n=ever,
        of="strategies",
        value=playbook.size,
        note=f"of {ever} ever; {gone}",
        trend=growth(len(trial.episode.added) for trial in stored.trials),
    )
    validated = sum(
        bullet.status is Status.VALIDATED and bullet.evidence is not None for bullet in playbook.active
    )
    proven = Reading(
        what="validated by evidence", unit=Unit.COUNT, n=playbook.size, of="strategies", value=validated
    )
    return in_use, proven, _kept(stored)


def _kept(stored: Stored) -> Reading:
    what, playbook = "learned strategies still in use", stored.playbook
    own = [bullet for bullet in stored.learned_bullets if bullet.merged_into is None]
    if len(own) < FEW:
        return missing(what, Unit.SHARE, len(own), "strategies", f"{FEW} learned strategies; {len(own)}")
    active = {bullet.id for bullet in playbook.active}
    kept = sum(bullet.id in active for bullet in own)
    return measured(what, wilson(kept, len(own)), Unit.SHARE, "strategies")


def error_reduction(stored: Stored) -> tuple[Reading, ...]:
    """Return how much rarer failing programs have become.

    failing programs per run, late minus early: the mean number of programs that failed before one passed or
    the run gave up, in the later half of each family's runs minus in the earlier half. A task's runs in a
    half are averaged first. BCa bootstrap over tasks; below zero is better.

    late runs that repeat an earlier error: of the later half of each family's runs, the share in which a
    program failed with an error of the same name as in an earlier run of the family. Wilson's interval; a
    task counts once, with the share of its runs.
    """
    early, late = halves(stored.judged)
    return _failures(early, late, stored.judged), _repeated(stored.judged, late)


def _failures(early: Arm, late: Arm, judged: Sequence[Trial]) -> Reading:
    what = "failing programs per run, late minus early"
    before, after = (task_means(arm.trials, _failing) for arm in (early, late))
    if min(len(before), len(after)) < FEW:
        return lacking(what, Unit.PER_RUN, early, late, "")
    note = f"{sum(after) / len(after):.2f} late, {sum(before) / len(before):.2f} early{_kinds(early, late)}"
    change, shown = bootstrap_change(before, after, seed=SEED), trend(map(_failing, judged))
    return measured(what, change, Unit.PER_RUN, "tasks", n=tasks_of(early, late), note=note, trend=shown)


def _failing(trial: Trial) -> float:
    return float(trial.failures)


def _kinds(early: Arm, late: Arm) -> str:
    """Return how often each kind of failure came, early and late, most frequent first."""
    before, after = (
        Counter(
            attempt.verdict
            for trial in arm.trials
            for attempt in trial.episode.attempts
            if not attempt.success
        )
        for arm in (early, late)
    )
    kinds = (before + after).most_common(4)
    return "".join(f"; {kind} {before[kind]} to {after[kind]}" for kind, _ in kinds)


def _repeated(judged: Iterable[Trial], late: Arm) -> Reading:
    what, repeating = "late runs that repeat an earlier error", set[str]()
    seen = dict[str, set[str]]()
    for trial in judged:
        known, errors = seen.setdefault(trial.episode.family, set()), _errors(trial)
        if errors & known:
            repeating.add(trial.episode.id)
        known |= errors
    tasks = len(by_task(late.trials))
    if tasks < FEW:
        return missing(what, Unit.SHARE, tasks, "tasks", f"{FEW} tasks with a late run; {tasks}")
    estimate = share(late.trials, lambda trial: float(trial.episode.id in repeating))
    return measured(what, estimate, Unit.SHARE, "tasks")


def _errors(trial: Trial) -> set[str]:
    attempts = trial.episode.attempts
    return {attempt.error_signature or attempt.verdict for attempt in attempts if not attempt.success}


def performance_gains(stored: Stored) -> tuple[Reading, ...]:
    """Return how much faster programs became, where a task measures that (its workload).

    speed against the given code: geometric mean over tasks of reference seconds / program seconds, of the
    last run of each task that ended in a right program. 2.0 is twice as fast.

    late against early programs: that mean over the later half of each family's runs / over the earlier half.

    Both: BCa bootstrap over tasks, of the logarithms.
    """
    timed = [trial for trial in stored.judged if _speedup(trial) is not None]
    what, tasks = "speed against the given code", by_task(timed)
    if len(tasks) < FEW:
        need = f"{FEW} tasks with a workload and a right program; {len(tasks)}"
        overall = missing(what, Unit.RATIO, len(tasks), "tasks", need)
    else:
        logs = [_log_speedup(runs[-1]) for runs in tasks.values()]
        overall = measured(what, bootstrap(logs, seed=SEED).through(exp), Unit.RATIO, "tasks")
    return overall, _faster(timed)


def _faster(timed: Sequence[Trial]) -> Reading:
    what, (early, late) = "late against early programs", halves(timed)
    before, after = (task_means(arm.trials, _log_speedup) for arm in (early, late))
    if min(len(before), len(after)) < FEW:
        return lacking(what, Unit.RATIO, early, late, "with a workload")
    estimate = bootstrap_change(before, after, seed=SEED).through(exp)
    shown = trend(exp(_log_speedup(trial)) for trial in timed)
    return measured(what, estimate, Unit.RATIO, "tasks", n=tasks_of(early, late), trend=shown)


def _speedup(trial: Trial) -> float | None:
    last = trial.episode.attempts[-1] if trial.episode.attempts else None
    return last.speedup if last is not None and last.success else None


def _log_speedup(trial: Trial) -> float:
    return log(_speedup(trial) or 1.0)
