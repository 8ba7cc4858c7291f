"""Metric: what one of the success metrics says, in one or several readings, or what it lacks to say it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..statistics import Estimate

FEW: Final = 5
"""Below so many independent observations (on each side, of a comparison) a reading gives no figure.

Wilson's interval of 4 of 4 still reaches down to .51: less says hardly more than a coin.
"""
SEED: Final = 1
"""Of every bootstrap, so that the same evidence gives the same figures."""


class Group(StrEnum):
    """The headings under which the metrics are listed."""

    LEARNING = "Learning Effectiveness"
    HEALTH = "System Health"
    BUSINESS = "Business Impact"


class Unit(StrEnum):
    """What a figure counts."""

    SHARE = "share"
    """0..1."""
    CHANGE = "change of share"
    """-1..1."""
    COUNT = "count"
    PER_RUN = "per run"
    PER_SOLVED = "per solved task"
    RATIO = "ratio"
    """1.0 is no change."""
    RUNS = "runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read a metric off the evidence.

    `what` says what is counted or compared. `value` is None if there is not enough data, and `note` then says
    what is missing. `estimate` is None for plain counts. `n` counts `of`, such as tasks or strategies.
    `trend` are figures over time, oldest first, for a small curve.
    """

    what: str
    unit: Unit
    n: int
    of: str
    value: float | None = None
    estimate: Estimate | None = None
    note: str = ""
    trend: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A success metric; its own figure is that of the first reading that has one, else there is none."""

    name: str
    group: Group
    meaning: str
    readings: tuple[Reading, ...]

    @property
    def best(self) -> Reading:
        """The first reading with a figure, or the first."""
        return next((reading for reading in self.readings if reading.value is not None), self.readings[0])

    @property
    def value(self) -> float | None:
        """The figure, or None if there is not enough data."""
        return self.best.value

    @property
    def estimate(self) -> Estimate | None:
        """The figure with its interval, or None if it is a count or missing."""
        return self.best.estimate

    @property
    def unit(self) -> Unit:
        """What the figure counts."""
        return self.best.unit

    @property
    def n(self) -> int:
        """How many independent observations the figure rests on."""
        return self.best.n

    @property
    def note(self) -> str:
        """What goes with the figure, or what is missing."""
        return self.best.note


def measured(  # noqa: PLR0913  # the fields of a reading
    what: str,
    estimate: Estimate,
    unit: Unit,
    of: str,
    *,
    n: int | None = None,
    note: str = "",
    trend: tuple[float, ...] = (),
) -> Reading:
    """Return the reading of an estimate; `n` is given where it counts a task on both sides twice."""
    return Reading(
        what=what,
        unit=unit,
        n=estimate.n if n is None else n,
        of=of,
        value=estimate.value,
        estimate=estimate,
        note=note,
        trend=trend,
    )


def missing(what: str, unit: Unit, n: int, of: str, need: str) -> Reading:
    """Return the reading that lacks data; `need` says what it needs and what there is."""
    return Reading(what=what, unit=unit, n=n, of=of, note=f"not enough data: needs {need}")
