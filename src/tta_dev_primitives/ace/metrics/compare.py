"""Shares and comparisons in which a task counts once, however often it was run, and families do not mix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from ..statistics import Estimate, difference, wilson
from .metric import FEW, Reading, Unit, measured, missing
from .stored import Trial

Figure: TypeAlias = Callable[[Trial], float]
"""What is measured of a run; for a share, whether something held: 0 or 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """Runs to compare and what they are called."""

    name: str
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Share of the second arm minus that of the first, and both, with the same weights of the families."""

    change: Estimate
    first: Estimate
    second: Estimate


def first_try(trial: Trial) -> float:
    """Return 1 if the first program was right."""
    return float(trial.episode.first_try)


def success(trial: Trial) -> float:
    """Return 1 if a program was right in the end."""
    return float(trial.episode.success)


def by_task(trials: Iterable[Trial]) -> Mapping[str, tuple[Trial, ...]]:
    """Return the runs of each task, in order."""
    return _grouped(trials, lambda trial: trial.episode.task_id)


def task_means(trials: Iterable[Trial], figure: Figure) -> list[float]:
    """Return the mean of `figure` over the runs of each task."""
    return [_mean([figure(trial) for trial in runs]) for runs in by_task(trials).values()]


def share(trials: Iterable[Trial], outcome: Figure) -> Estimate:
    """Return the mean over tasks of the share of their runs with the outcome; n counts tasks.

    Runs of one task are alike, so they are no independent observations.
    """
    means = task_means(trials, outcome)
    return wilson(min(sum(means), len(means)), len(means))


def gap(first: Sequence[Trial], second: Sequence[Trial], outcome: Figure) -> Gap | None:
    """Return the difference of shares within the families that both have, or None if there is none.

    A family weighs n1·n2/(n1+n2) on both sides, n being its tasks on each: the weights of least variance
    (Mantel and Haenszel). Each side is a weighted share of that many tasks as its weights leave (Kish), which
    is too wide rather than too narrow, as is to take the sides for independent where they share tasks.
    """
    before, after = _by_family(first), _by_family(second)
    shared = [name for name in before if name in after]
    if not shared:
        return None
    olds = [task_means(before[name], outcome) for name in shared]
    news = [task_means(after[name], outcome) for name in shared]
    masses = [len(old) * len(new) / (len(old) + len(new)) for old, new in zip(olds, news, strict=True)]
    weights = [mass / sum(masses) for mass in masses]
    early, late = _weighted(olds, weights), _weighted(news, weights)
    return Gap(change=difference(early, late), first=early, second=late)


def _weighted(means: Sequence[Sequence[float]], weights: Sequence[float]) -> Estimate:
    """Return the weighted mean of the families' shares; its n is that of the tasks it is worth.

    Source: Kish 1965, Survey Sampling, section 11.2.
    """
    pairs = list(zip(means, weights, strict=True))
    worth = 1 / sum(weight * weight / len(tasks) for tasks, weight in pairs)
    n = max(1, int(worth + 1e-9))
    return wilson(min(1.0, sum(weight * _mean(tasks) for tasks, weight in pairs)) * n, n)


def halves(trials: Iterable[Trial]) -> tuple[Arm, Arm]:
    """Return the earlier and the later half of each family's runs; a middle one counts as late."""
    early, late = list[Trial](), list[Trial]()
    for runs in _by_family(trials).values():
        middle = len(runs) // 2
        early += runs[:middle]
        late += runs[middle:] if middle else ()
    return Arm(name="early", trials=tuple(early)), Arm(name="late", trials=tuple(late))


def gap_reading(
    what: str, first: Arm, second: Arm, outcome: Figure, trend: tuple[float, ...] = ()
) -> Reading:
    """Return the reading of a difference of shares between two arms."""
    shared = _by_family(first.trials).keys() & _by_family(second.trials).keys()
    first, second = _within(first, shared), _within(second, shared)
    found = gap(first.trials, second.trials, outcome)
    if found is None or min(tasks_of(first), tasks_of(second)) < FEW:
        return lacking(what, Unit.CHANGE, first, second, "in families that have both")
    note = (
        f"{found.second.value:.0%} of {tasks_of(second)} {second.name}, "
        f"{found.first.value:.0%} of {tasks_of(first)} {first.name}"
    )
    return measured(
        what, found.change, Unit.CHANGE, "tasks", n=tasks_of(first, second), note=note, trend=trend
    )


def share_reading(what: str, trials: Sequence[Trial], outcome: Figure, of: str = "tasks") -> Reading:
    """Return the reading of a share over tasks."""
    count = len(by_task(trials))
    if count < FEW:
        return missing(what, Unit.SHARE, count, "tasks", f"{FEW} {of}; {count}")
    return measured(what, share(trials, outcome), Unit.SHARE, "tasks")


def lacking(what: str, unit: Unit, first: Arm, second: Arm, where: str) -> Reading:
    """Return the reading of a comparison that has too few tasks on one side."""
    need = f"{FEW} tasks on each side{f', {where}' if where else ''}"
    have = f"{tasks_of(first)} {first.name}, {tasks_of(second)} {second.name}"
    return missing(what, unit, tasks_of(first, second), "tasks", f"{need}; {have}")


def tasks_of(*arms: Arm) -> int:
    """Return how many tasks the arms have, each counted once."""
    return len({trial.episode.task_id for arm in arms for trial in arm.trials})


def _within(arm: Arm, families: AbstractSet[str]) -> Arm:
    return Arm(name=arm.name, trials=tuple(t for t in arm.trials if t.episode.family in families))


def _by_family(trials: Iterable[Trial]) -> Mapping[str, tuple[Trial, ...]]:
    return _grouped(trials, lambda trial: trial.episode.family)


def _grouped(trials: Iterable[Trial], key: Callable[[Trial], str]) -> Mapping[str, tuple[Trial, ...]]:
    groups: dict[str, list[Trial]] = {}
    for trial in trials:
        groups.setdefault(key(trial), []).append(trial)
    return {name: tuple(members) for name, members in groups.items()}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
