"""The learning curve: first-try success over the tasks that were learned from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ....ace.metrics import CurvePoint as Point
from ....ace.metrics import learning_curve
from ....ace.training.result import Phase, TaskResult
from ...numbers import decimal, interval, percent
from ..charts.curve import CurvePoint, Series, curve_chart
from ..markup import Element, el
from ..material import Group, Material, first_try
from ..tables import NOTHING, table
from ..text import folded, legend, section

WIDTH = 8
"""Most tasks that a point of the curve takes together."""
_MOST = 200
"""Points of a curve; more cannot be told apart."""
_ROWS = 12


def learning(material: Material) -> Element | None:
    """Return the section, or None if nothing was learned from."""
    results = material.training
    if not results:
        return None
    series = [*_trained(results), *_validated(material.groups)]
    if material.sides is None:
        series += _tested(material.groups)
    label = "; ".join(f"{one.name}: {one.points[-1].words}" for one in series)
    curve = curve_chart(series, tasks=len(results), label=label)
    keys = [legend(*((one.css, one.name) for one in series))] if len(series) > 1 else []
    return section(
        "learning",
        "Learning curve",
        f"The share of tasks that the first program solved, the latest {window(results)} taken together, at "
        "first fewer, over the tasks learned from. Shaded: the interval that holds the true share with 95 % "
        "confidence.",
        el("figure", *keys, curve),
        folded("The figures", _figures(results), css="data"),
    )


def window(results: Sequence[TaskResult]) -> int:
    """Return how many results a point takes together: fewer where there are few."""
    return min(WIDTH, max(1, len(results) // 2))


def points_of(results: Sequence[TaskResult]) -> tuple[Point, ...]:
    """Return the points of the curve that take at least half a window of results; of many, every few."""
    width = window(results)
    step = 1 + len(results) // _MOST
    ends = range(len(results), (width + 1) // 2 - 1, -step)
    return tuple(_point(results, end, width) for end in reversed(ends))


def _point(results: Sequence[TaskResult], end: int, width: int) -> Point:
    """Return the point of the latest `width` results before `end`."""
    latest = learning_curve(results[max(0, end - width) : end], by="step", width=width)[-1]
    return replace(latest, index=end)


def stretch(point: Point) -> str:
    """Return which tasks a point takes together."""
    first = point.index - point.n + 1
    return f"tasks {first} to {point.index}" if point.n > 1 else f"task {point.index}"


def _trained(results: Sequence[TaskResult]) -> Iterator[Series]:
    points = tuple(
        CurvePoint(x=one.index, share=one.first_try, told=stretch(one)) for one in points_of(results)
    )
    yield Series(name="tasks learned from", css="a", points=points, joined=True)


def _validated(groups: Sequence[Group]) -> Iterator[Series]:
    points = tuple(
        CurvePoint(x=group.after, share=group.first_try, told=group.title)
        for group in groups
        if group.phase is Phase.VALIDATION
    )
    if points:
        yield Series(name="validation tasks", css="c", points=points, joined=False)


def _tested(groups: Sequence[Group]) -> Iterator[Series]:
    """Yield the tests of online learning: each window with what was learned before it."""
    tests = [result for group in groups if group.phase is Phase.TEST for result in group.results]
    trained = [result for group in groups if group.phase is Phase.TRAIN for result in group.results]
    windows = sorted({result.window for result in tests})
    points = tuple(
        CurvePoint(
            x=sum(result.window < window for result in trained),
            share=first_try([result for result in tests if result.window == window]),
            told=f"window {window + 1}, before it was learned from",
        )
        for window in windows
    )
    if points:
        yield Series(name="tested before learning", css="b", points=points, joined=False)


def _figures(results: Sequence[TaskResult]) -> Element:
    """Return a table of the points, of which neighbours share most tasks, at most about a dozen."""
    points = [point for point in points_of(results) if point.n == window(results)]
    step = max(1, len(points) // _ROWS)
    chosen = points[::-1][::step][::-1]
    titles = ("Tasks", "First try", "95 %", "Attempts", "Calls / solved", "Tokens / solved", "Strategies")
    return table(titles, [_cells(point) for point in chosen])


def _cells(point: Point) -> tuple[str, ...]:
    return (
        stretch(point).removeprefix("tasks "),
        percent(point.first_try.value),
        interval(point.first_try),
        decimal(point.attempts),
        NOTHING if point.calls_per_solved is None else decimal(point.calls_per_solved),
        NOTHING if point.tokens_per_solved is None else decimal(point.tokens_per_solved),
        str(point.playbook_size),
    )
