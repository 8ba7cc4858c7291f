"""The curve as a picture, with matplotlib (extra `plots`)."""

# Matplotlib leaves its keyword arguments untyped.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .curve import ROLLING, Curve, Point
from .folder import RunFolder
from .result import Phase

if TYPE_CHECKING:  # an optional dependency
    from matplotlib.axes import Axes

NO_PLOTS: Final = "no curve.png, as matplotlib is not installed: pip install 'tta-dev-primitives[plots]'"
_TRAIN, _MEASURED, _SIZE = "#1f77b4", "#d62728", "#7f7f7f"


def draw_curve(folder: RunFolder) -> Path | None:
    """Draw `curve.json` as `curve.png`, and return that; None without matplotlib, or without a curve."""
    source = folder.path / "curve.json"
    if find_spec("matplotlib") is None or not source.is_file():
        return None
    return plot(
        Curve.model_validate_json(source.read_bytes()), folder.path / "curve.png", folder.config().name
    )


def plot(curve: Curve, file: Path, title: str) -> Path:
    """Draw first-try success with its intervals, and the size of the playbook, into the PNG `file`."""
    from matplotlib.figure import Figure  # noqa: PLC0415  # an optional dependency

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    _draw_training(axes, curve)
    _draw_measured(axes, curve)
    axes.set(title=title, ylabel="solved at the first try", ylim=(-0.02, 1.02))
    axes.set_xlabel("tasks learned from")
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower right")
    figure.savefig(file, format="png", dpi=120)
    return file


def _draw_training(axes: Axes, curve: Curve) -> None:
    rolling = curve.rolling
    if not rolling:
        return
    places = [one.position + 1 for one in rolling]
    shares = [one.first_try for one in rolling]
    axes.plot(places, [one.value for one in shares], color=_TRAIN, label=f"training, latest {ROLLING}")
    axes.fill_between(
        places, [one.low for one in shares], [one.high for one in shares], color=_TRAIN, alpha=0.15
    )
    beside = axes.twinx()
    beside.step(places, [one.playbook_size for one in rolling], color=_SIZE, where="post", linestyle=":")
    beside.set_ylabel("strategies in use", color=_SIZE)
    beside.set_ylim(bottom=0)


def _draw_measured(axes: Axes, curve: Curve) -> None:
    """Draw validation and test points after as many training tasks as came before them."""
    before, learned = dict[int, int](), 0
    measured: list[Point] = []
    for number, point in enumerate(curve.points):
        if point.phase is Phase.TRAIN:
            learned += point.first_try.n
        else:
            before[len(measured)] = learned if number else 0
            measured.append(point)
    if not measured:
        return
    values = [point.first_try.value for point in measured]
    below = [point.first_try.value - point.first_try.low for point in measured]
    above = [point.first_try.high - point.first_try.value for point in measured]
    label = f"{measured[0].phase}, with 95 % interval"
    axes.errorbar(
        list(before.values()), values, yerr=[below, above], fmt="o", color=_MEASURED, capsize=3, label=label
    )
