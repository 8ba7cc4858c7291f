from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tta_dev_primitives.ace.statistics import Estimate, wilson
from tta_dev_primitives.cli.reporting.charts.bars import pair_of_bars
from tta_dev_primitives.cli.reporting.charts.curve import CurvePoint, Series, curve_chart
from tta_dev_primitives.cli.reporting.charts.forest import (
    forest_axis,
    forest_empty,
    forest_row,
    forest_ticks,
)
from tta_dev_primitives.cli.reporting.charts.frame import TOP
from tta_dev_primitives.cli.reporting.charts.scale import Scale, from_zero
from tta_dev_primitives.cli.reporting.charts.series import Level, series_chart
from tta_dev_primitives.cli.reporting.charts.shares import share_row, share_ticks
from tta_dev_primitives.cli.reporting.charts.stack import Stack, stack_chart
from tta_dev_primitives.cli.reporting.charts.steps import steps_chart
from tta_dev_primitives.cli.reporting.charts.strip import Mark, strip
from tta_dev_primitives.cli.reporting.markup import Element, Node, render

quick = settings(max_examples=50, deadline=None)
figures = st.floats(-1e6, 1e6, allow_nan=False)


def found(node: Node, tag: str, css: str = "") -> list[Element]:
    """Return the elements of a tag and a class, in order."""
    return [one for one in everything(node) if one.tag == tag and css in str(one.attributes.get("class", ""))]


def everything(node: Node) -> Iterator[Element]:
    if isinstance(node, Element):
        yield node
        for child in node.children:
            yield from everything(child)


def number(element: Element, name: str) -> float:
    return float(str(element.attributes[name]).removesuffix("%"))


def words(node: Node) -> list[str]:
    return [str(text.children[0]) for text in found(node, "text")]


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=9, method="made up")


@quick
@given(figures, st.floats(1e-3, 1e6), st.integers(2, 9))
def test_ticks_are_round_evenly_spaced_and_on_the_axis(low: float, length: float, spaces: int) -> None:
    scale = Scale(low=low, high=low + length)
    ticks = scale.ticks(spaces)
    assert len(ticks) <= spaces + 1
    assert all(low - 1e-6 * length <= tick <= low + (1 + 1e-6) * length for tick in ticks)
    gaps = [after - before for before, after in pairwise(ticks)]
    assert gaps == pytest.approx([gaps[0]] * len(gaps) if gaps else [])


@quick
@given(st.lists(st.floats(0, 1e7), max_size=5))
def test_an_axis_from_zero_holds_all_figures_and_ends_at_a_tick(values: list[float]) -> None:
    scale = from_zero(values)
    assert scale.low == 0
    assert scale.high >= max(values, default=0) * (1 - 1e-9)
    assert scale.ticks(3)[-1] == pytest.approx(scale.high)


@quick
@given(figures, figures)
def test_places_are_within_the_axis_and_in_order(one: float, other: float) -> None:
    scale = Scale(low=-10, high=1000)
    assert 0 <= scale.place(min(one, other)) <= scale.place(max(one, other)) <= 1


def test_an_axis_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="has no length"):
        Scale(low=2, high=2)


def test_a_learning_curve_is_where_its_figures_are() -> None:
    points = tuple(CurvePoint(x=x, share=wilson(hits, 4), told=f"task {x}") for x, hits in ((5, 1), (10, 2)))
    learned = Series(name="learned", css="a", points=points, joined=True)
    held = Series(name="held out", css="b", points=points[1:], joined=False)
    chart = curve_chart([learned, held], tasks=10, label="it rises")
    first, second, other = found(chart, "circle")
    assert [number(first, "cx"), number(second, "cx")] == [50, 100]
    assert (number(first, "cy"), number(second, "cy")) == (TOP + 165, TOP + 110)
    assert number(other, "cy") == number(second, "cy")
    (whisker,) = found(chart, "line", "whisker")
    share = wilson(2, 4)
    assert number(whisker, "y1") == pytest.approx(TOP + 220 * (1 - share.low))
    assert number(whisker, "y2") == pytest.approx(TOP + 220 * (1 - share.high))
    band, curve = found(chart, "path")
    assert curve.attributes["d"] == "M500.0 750.0L1000.0 500.0"
    assert str(band.attributes["d"]).count("L") == 3
    assert "task 10: 50 % (15 to 85 %, n = 4)" in render(chart)
    assert words(chart) == ["0 %", "25 %", "50 %", "75 %", "100 %", "0 tasks", "2", "4", "6", "8", "10"]


def test_a_single_point_gets_a_whisker_and_no_line() -> None:
    point = CurvePoint(x=1, share=wilson(1, 1), told="task 1")
    chart = curve_chart([Series(name="a", css="a", points=(point,), joined=True)], tasks=1, label="")
    assert len(found(chart, "line", "whisker")) == 1
    assert not found(chart, "path")


def test_a_series_reaches_the_top_at_its_highest() -> None:
    levels = [Level(x=1, value=0, told="none"), Level(x=2, value=3, told="three")]
    chart = series_chart(levels, tasks=4, word=str, label="")
    low, high = found(chart, "circle")
    assert (number(low, "cy"), number(high, "cy")) == (TOP + 96, TOP)
    assert number(high, "cx") == 50
    half = series_chart(levels, tasks=4, word=str, label="", top=6)
    assert number(found(half, "circle")[1], "cy") == TOP + 48


def test_a_forest_holds_zero_and_all_intervals() -> None:
    estimates = [estimate(0.5, 0.2, 0.8), estimate(-0.3, -0.6, 0.1), estimate(-0.5, -0.7, -0.3)]
    axis = forest_axis(estimates)
    assert (axis.low, axis.high) == pytest.approx((-0.72, 0.82))
    rows = [forest_row(one, axis, "str-00001") for one in estimates]
    assert [str(row.attributes["class"]) for row in rows] == ["forest help", "forest open", "forest harm"]
    for row, one in zip(rows, estimates, strict=True):
        zero, whisker = found(row, "line")
        assert number(zero, "x1") == pytest.approx(100 * 0.72 / 1.54, abs=0.01)
        assert number(whisker, "x1") == pytest.approx(100 * axis.place(one.low), abs=0.01)
        assert number(whisker, "x2") == pytest.approx(100 * axis.place(one.high), abs=0.01)
        assert number(found(row, "circle")[0], "cx") == pytest.approx(100 * axis.place(one.value), abs=0.01)
    assert "\N{MINUS SIGN}30 points (\N{MINUS SIGN}60 to +10, n = 9)" in render(rows[1])
    assert {"0", "+50"} <= set(words(forest_ticks(axis)))
    assert not found(forest_empty(axis), "circle")


def test_an_axis_of_differences_is_never_longer_than_they_can_be() -> None:
    axis = forest_axis([estimate(0, -1, 1)])
    assert (axis.low, axis.high) == (-1, 1)
    assert forest_axis([]).place(0) == 0.5


def test_a_share_is_where_it_is() -> None:
    row = share_row(wilson(3, 4), "b", "with it")
    assert number(found(row, "circle")[0], "cx") == 75
    assert words(share_ticks()) == ["0 %", "25 %", "50 %", "75 %", "100 %"]


def test_bars_are_as_long_as_their_shares() -> None:
    before, after = found(pair_of_bars(0.5, 0.125, Scale(low=0, high=0.5), "told"), "rect")
    assert (number(before, "width"), number(after, "width")) == (100, 25)
    assert number(after, "y") > number(before, "y")
    nothing = found(pair_of_bars(0.5, 0, Scale(low=0, high=0.5), "told"), "rect")[1]
    assert nothing.attributes["width"] == "1"


def test_a_strip_has_a_mark_a_task_in_order() -> None:
    marks = [Mark(outcome=name, told=name) for name in ("first", "later", "never")]
    drawn = strip(marks, columns=10, label="")
    bars = found(drawn, "rect")
    assert [bar.attributes["class"] for bar in bars] == ["first", "later", "never"]
    places = [number(bar, "x") for bar in bars]
    assert places[1] - places[0] == pytest.approx(10)
    assert number(bars[1], "height") < number(bars[0], "height") / 2 + 1
    assert not found(drawn, "a")
    (link,) = found(strip([Mark(outcome="first", told="", link="task-1")], columns=1, label=""), "a")
    assert link.attributes["href"] == "#task-1"


def test_more_marks_than_columns_still_fit() -> None:
    bars = found(strip([Mark(outcome="first", told="")] * 200, columns=24, label=""), "rect")
    assert number(bars[-1], "x") + number(bars[-1], "width") <= 100


def test_the_parts_of_a_column_stand_on_each_other() -> None:
    stack = Stack(parts=(("cached", 50), ("fresh", 30), ("out", 20)), told="100")
    half = Stack(parts=(("cached", 0), ("fresh", 50), ("out", 0)), told="50")
    chart = stack_chart([stack, half], word=str, label="")
    low, middle, high = found(found(chart, "g")[0], "rect")
    assert [number(one, "height") for one in (low, middle, high)] == pytest.approx([60, 36, 24])
    assert number(high, "y") == TOP
    assert number(low, "y") + number(low, "height") == TOP + 120
    assert number(found(found(chart, "g")[1], "rect")[1], "x") > 50


def test_steps_go_up_where_the_count_changes() -> None:
    chart = steps_chart([(0, 0), (1, 0), (2, 10)], tasks=4, word=str, label="")
    (path,) = found(chart, "path")
    assert path.attributes["d"] == ("M0.0 1000.0L250.0 1000.0L250.0 1000.0L500.0 1000.0L500.0 0.0L1000.0 0.0")
    assert found(steps_chart([], tasks=4, word=str, label=""), "path")
