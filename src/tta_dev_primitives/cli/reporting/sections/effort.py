"""Effort: attempts, calls, tokens and probes that a solved task takes, over the tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ....ace.metrics import CurvePoint as Point
from ...numbers import decimal
from ..charts.series import Level, series_chart
from ..markup import Element, el
from ..material import Material
from ..text import section
from .learning import points_of, stretch, window


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    title: str
    of: Callable[[Point], float | None]


_FIGURES = (
    _Figure(title="Attempts per task", of=lambda point: point.attempts),
    _Figure(title="Model calls per solved task", of=lambda point: point.calls_per_solved),
    _Figure(title="Tokens per solved task", of=lambda point: point.tokens_per_solved),
    _Figure(title="Probes per task", of=lambda point: point.probes),
)


def effort(material: Material) -> Element | None:
    """Return the section, or None if nothing was learned from."""
    points = points_of(material.training)
    if not points:
        return None
    tasks = len(material.training)
    known = (figure for figure in _FIGURES if any(figure.of(point) for point in points))
    charts = [_chart(figure, points, tasks) for figure in known]
    return section(
        "effort",
        "Effort",
        f"What a task takes, the latest {window(material.training)} tasks taken together; reflecting and "
        "curating count as well.",
        el("div", *charts, css="multiples"),
    )


def _chart(figure: _Figure, points: Sequence[Point], tasks: int) -> Element:
    levels = [
        Level(x=point.index, value=value, told=f"{stretch(point)}: {decimal(value)}")
        for point in points
        if (value := figure.of(point)) is not None
    ]
    ends = el("span", f"{decimal(levels[0].value)} → {decimal(levels[-1].value)}", css="ends")
    label = f"{figure.title}: {levels[0].told}; {levels[-1].told}"
    return el(
        "figure", el("h3", figure.title, ends), series_chart(levels, tasks=tasks, word=short, label=label)
    )


def short(value: float) -> str:
    """Return a figure for an axis, such as 12k."""
    if value >= 1000:  # noqa: PLR2004  # a thousand
        return f"{value / 1000:g}k"
    return f"{value:g}"
