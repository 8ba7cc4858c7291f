"""How long things last, when some have not ended yet: Kaplan and Meier's estimate."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log, sqrt
from typing import Literal, TypeAlias

from .estimate import Estimate, confidence
from .wilson import wilson

Interval: TypeAlias = Literal["log-log", "greenwood"]
"""`log-log` stays within 0..1 and is the better one for few; `greenwood` is symmetric, cut at 0 and 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From `time` on, `survival` of all are left; `at_risk` had come that far, of which `ended` end there."""

    time: float
    at_risk: int
    ended: int
    survival: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Median:
    """The time by which half have ended, with its interval; None where the curve does not fall so far."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """The curve: one step for each time at which something ends or is last seen, from 0 on. `n` is of all."""

    steps: tuple[Step, ...]
    n: int
    level: float
    method: str

    def at(self, time: float) -> Estimate:
        """Return the share that lasts longer than `time`, which is not negative, within 0..1.

        After the last observation the share stays what it was, as far as is known.
        """
        if time < 0:
            raise ValueError(f"time={time!r} is before the start; give 0 or more")
        step = [step for step in self.steps if step.time <= time][-1]
        return Estimate(
            value=step.survival, low=step.low, high=step.high, n=self.n, level=self.level, method=self.method
        )

    @property
    def median(self) -> Median:
        """The first time at which half or fewer are left.

        Source: Brookmeyer and Crowley 1982, Biometrics 38:29-41.
        """
        half = 0.5
        return Median(
            value=next((step.time for step in self.steps if step.survival <= half), None),
            low=next((step.time for step in self.steps if step.low <= half), None),
            high=next((step.time for step in self.steps if step.high <= half), None),
        )


def kaplan_meier(
    durations: Sequence[float],
    observed: Sequence[bool],
    *,
    level: float = 0.95,
    interval: Interval = "log-log",
) -> Survival:
    """Return the share that lasts longer than each time.

    `observed[i]` is True if `durations[i]` led to the end, and False if it goes on (censored). While none, or
    when all, have ended, those formulas would give an interval of no width: there Wilson's interval of those
    at risk stands.

    Raises:
        ValueError: there are none, not one of each, or a duration is negative.

    Source: Kaplan and Meier 1958, Journal of the American Statistical Association 53:457-481; log-log:
    Kalbfleisch and Prentice 1980, The Statistical Analysis of Failure Time Data.
    """
    if not durations or len(durations) != len(observed) or min(durations) < 0:
        raise ValueError(
            f"{len(durations)} durations and {len(observed)} outcomes cannot be used; give one of each for "
            "each thing, at least one, and none negative"
        )
    confidence(level)
    method = f"Kaplan-Meier, {interval}"
    steps = [Step(time=0.0, at_risk=len(durations), ended=0, survival=1.0, low=1.0, high=1.0)]
    ends = Counter(duration for duration, end in zip(durations, observed, strict=True) if end)
    survival, spread, ordered = 1.0, 0.0, sorted(durations)
    for time in sorted(set(durations)):
        at_risk, ended = len(ordered) - bisect_left(ordered, time), ends[time]
        survival *= 1 - ended / at_risk
        spread += ended / (at_risk * (at_risk - ended)) if survival else 0.0
        step = Step(time=time, at_risk=at_risk, ended=ended, survival=survival, low=survival, high=survival)
        steps.append(_bounded(step, spread, steps[-1].high, level, interval))
    return Survival(steps=tuple(steps), n=len(durations), level=level, method=method)


def _bounded(step: Step, spread: float, before: float, level: float, interval: Interval) -> Step:
    """Return the step with its interval; `spread` is Greenwood's sum, `before` the upper end one step ago."""
    share = step.survival
    if share == 1:
        return replace(step, low=wilson(step.at_risk, step.at_risk, level=level).low)
    if share == 0:
        return replace(step, high=min(before, wilson(0, step.at_risk, level=level).high))
    reach = confidence(level) * sqrt(spread)
    if interval == "greenwood":
        return replace(step, low=max(0.0, share - share * reach), high=min(1.0, share + share * reach))
    hazard, factor = -log(share), exp(reach / -log(share))
    return replace(step, low=exp(-hazard * factor), high=exp(-hazard / factor))
