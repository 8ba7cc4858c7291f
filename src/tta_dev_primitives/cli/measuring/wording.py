"""Figures of metrics as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ...ace.metrics import Reading, Unit

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_NUMBERS: Final[Mapping[Unit, Callable[[float], str]]] = {
    Unit.SHARE: lambda value: f"{round(100 * value)}",
    Unit.CHANGE: lambda value: f"{round(100 * value):+d}",
    Unit.COUNT: lambda value: f"{value:,.0f}",
    Unit.PER_RUN: lambda value: f"{value:.2f}",
    Unit.PER_SOLVED: lambda value: f"{value:.2f}",
    Unit.RATIO: lambda value: f"{value:.2f}",
    Unit.RUNS: lambda value: f"{value:,.0f}",
}
_NAMES: Final[Mapping[Unit, str]] = {
    Unit.SHARE: " %",
    Unit.CHANGE: " points",
    Unit.COUNT: "",
    Unit.PER_RUN: "",
    Unit.PER_SOLVED: "",
    Unit.RATIO: "x",
    Unit.RUNS: " runs",
}


def value(reading: Reading) -> str:
    """Return the figure with its unit, or a dash."""
    if reading.value is None:
        return "-"
    return f"{_NUMBERS[reading.unit](reading.value)}{_NAMES[reading.unit]}"


def interval(reading: Reading) -> str:
    """Return both ends of the interval, in the same unit; empty where there is none."""
    estimate, number = reading.estimate, _NUMBERS[reading.unit]
    return f"{number(estimate.low)} to {number(estimate.high)}" if estimate else ""


def basis(reading: Reading) -> str:
    """Return what the figure rests on, such as `38 tasks`."""
    of = reading.of if reading.n != 1 else _singular(reading.of)
    return f"{reading.n} {of}"


def curve(values: Sequence[float], unit: Unit) -> str:
    """Return the values as a line of blocks, from 0 up to 1 for shares and else up to the largest."""
    most = 1.0 if unit in {Unit.SHARE, Unit.CHANGE} else max(values, default=0.0)
    if len(values) < 2 or most <= 0:  # noqa: PLR2004  # one block is no curve
        return ""
    return "".join(_BLOCKS[round(min(1.0, value / most) * (len(_BLOCKS) - 1))] for value in values)


def _singular(of: str) -> str:
    return f"{of.removesuffix('ies')}y" if of.endswith("ies") else of.removesuffix("s")
