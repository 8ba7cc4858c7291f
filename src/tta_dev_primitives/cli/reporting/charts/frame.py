"""The frame of a chart: grid, axes and the places of marks in it.

Places from left to right are percents and those from top to bottom pixels, so a chart fills any width while
its text keeps its size. Paths, which cannot have percents, lie in a drawing of their own that is stretched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from ..markup import Attributes, Element, Node, el
from .scale import Scale

Point: TypeAlias = tuple[float, float]
"""A figure on each axis, x first."""
TOP: Final = 10
BOTTOM: Final = 24
_SIDE: Final = 48
_UNITS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Two axes and their words. `height` is that of the plot in pixels, without what stands below it."""

    x: Scale
    y: Scale
    height: int
    y_word: Callable[[float], str]
    x_word: Callable[[float], str]
    x_ticks: Sequence[float]
    y_ticks: Sequence[float]

    def left(self, value: float) -> str:
        """Return the place of a figure of the x axis, in percent."""
        return self.x.percent(value)

    def top(self, value: float) -> float:
        """Return the place of a figure of the y axis, in pixels from the top of the chart."""
        return TOP + self.height * (1 - self.y.place(value))

    def line(self, points: Sequence[Point], css: str) -> Element:
        """Return a line through `points`."""
        return self._stretched(el("path", css=css, at={"d": _path(self._units(points)), **_THIN}))

    def band(self, low: Sequence[Point], high: Sequence[Point], css: str) -> Element:
        """Return the area between two lines."""
        outline = [*self._units(high), *reversed(self._units(low))]
        return self._stretched(el("path", css=css, at={"d": _path(outline) + "Z"}))

    def whisker(self, x: float, low: float, high: float, css: str) -> Element:
        """Return an upright line at `x` from `low` to `high`."""
        at: Attributes = {"x1": self.left(x), "x2": self.left(x), "y1": self.top(low), "y2": self.top(high)}
        return el("line", css=css, at=at)

    def dot(self, x: float, y: float, css: str, told: str, radius: float = 3.5) -> Element:
        """Return a dot that says `told` when it is pointed at."""
        at: Attributes = {"cx": self.left(x), "cy": self.top(y), "r": radius}
        return el("circle", el("title", told), css=css, at=at)

    def drawn(self, *marks: Node, label: str) -> Element:
        """Return the chart with `marks` upon its grid; `label` says what it shows, for who cannot see it."""
        total = TOP + self.height + BOTTOM
        names = el(
            "svg", *self._names(), css="names", at={"width": _SIDE, "height": total, "aria-hidden": "true"}
        )
        plot: Attributes = {"width": "100%", "height": total, "role": "img", "aria-label": label}
        return el("div", names, el("svg", *self._grid(), *marks, css="plot", at=plot), css="chart")

    def _names(self) -> list[Element]:
        return [
            el("text", self.y_word(tick), at={"x": _SIDE - 8, "y": self.top(tick), "dy": "0.32em"})
            for tick in self.y_ticks
        ]

    def _grid(self) -> list[Element]:
        rows = [
            el("line", css="grid", at={"x1": 0, "x2": "100%", "y1": self.top(tick), "y2": self.top(tick)})
            for tick in self.y_ticks
        ]
        return [*rows, *map(self._below, self.x_ticks)]

    def _below(self, tick: float) -> Element:
        place = self.x.place(tick)
        anchor = "start" if place == 0 else "end" if place == 1 else "middle"
        at: Attributes = {"x": self.left(tick), "y": TOP + self.height + BOTTOM - 7, "text-anchor": anchor}
        return el("text", self.x_word(tick), css="tick", at=at)

    def _units(self, points: Sequence[Point]) -> list[Point]:
        return [(_UNITS * self.x.place(x), _UNITS * (1 - self.y.place(y))) for x, y in points]

    def _stretched(self, mark: Element) -> Element:
        view = f"0 0 {_UNITS} {_UNITS}"
        size: Attributes = {"x": 0, "y": TOP, "width": "100%", "height": self.height}
        return el("svg", mark, at={"viewBox": view, "preserveAspectRatio": "none", **size})


_THIN = {"vector-effect": "non-scaling-stroke"}


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
