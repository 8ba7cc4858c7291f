"""How fast a program is, and how its time grows: measured again and again until that is decided."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

from ...ace.timing import Lap
from ...core.errors import MeasurementUndecided
from ...sandbox.types import Execution
from .deciding import MOST_ROUNDS, Side, side_of
from .laps import MEASURABLE_S, FailedLapError, Laps
from .slope import slope
from .task import Growth

_LARGEST_SCALE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Medians in seconds, whether the program is as much faster as was asked, and its last run."""

    candidate_s: float
    reference_s: float
    rounds: int
    enough: bool
    execution: Execution


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """The power by which the time grows, None if it is too short to tell, and whether it is low enough."""

    exponent: float | None
    enough: bool


async def measure_speed(laps: Laps, code: str, size: int | None, at_least: float) -> Speed:
    """Compare `code` with the task's own, in turn, until it is decided whether it is `at_least` as fast.

    Raises:
        FailedLapError: `code` does not get to the end of the workload.
        MeasurementUndecided: after many rounds it is still not clear.
        SandboxError: the sandbox failed.
    """
    runs, candidates, references = list[Lap](), list[float](), list[float]()

    async def round_of() -> float:
        idle = await laps.idle()
        runs.append(await laps.run(code, size))
        candidates.append(laps.beyond(idle, runs[-1]))
        references.append(await laps.seconds(laps.task.code, size, idle))
        return references[-1] / candidates[-1]

    side, _ = await _decide(round_of, at_least, f"whether it is {at_least:g} times as fast")
    return Speed(
        candidate_s=median(candidates),
        reference_s=median(references),
        rounds=len(candidates),
        enough=side is Side.ABOVE,
        execution=runs[-1].execution,
    )


async def measure_growth(laps: Laps, code: str, growth: Growth) -> Grown:
    """Return how the time of `code` grows over the sizes, or over larger ones if it is too short there.

    Time that is too short to be measured even with 64 times the sizes is taken not to grow too fast: it is
    then shorter than a constant factor would explain.

    Raises:
        FailedLapError, MeasurementUndecided, SandboxError: as `measure_speed`.
    """
    scale = await _scale(laps, code, growth)
    if scale is None:
        return Grown(exponent=None, enough=True)
    sizes = [size * scale for size in growth.sizes]

    async def round_of() -> float:
        idle = await laps.idle()
        return slope(sizes, [await laps.seconds(code, size, idle) for size in sizes])

    side, exponent = await _decide(round_of, growth.at_most, f"whether it grows below n^{growth.at_most:g}")
    return Grown(exponent=exponent, enough=side is Side.BELOW)


async def _scale(laps: Laps, code: str, growth: Growth) -> int | None:
    """Return by how much to enlarge the sizes so that the smallest of them can be measured."""
    scale = 1
    while scale <= _LARGEST_SCALE:
        try:
            seconds = median(await laps.tries(code, growth.sizes[0] * scale))
        except FailedLapError as failed:
            if scale == 1:
                raise
            why = failed.finding.reason or failed.finding.error_name
            raise MeasurementUndecided(
                f"the program is too fast to be measured with n={growth.sizes[0] * scale // 2}, and with "
                f"twice that it fails ({why}); ask for other sizes"
            ) from None
        if seconds >= MEASURABLE_S:
            return scale
        scale *= 2
    return None


async def _decide(measure: Callable[[], Awaitable[float]], bound: float, what: str) -> tuple[Side, float]:
    """Measure until the median is on one side of `bound`; return the side and the median."""
    values: list[float] = []
    while len(values) < MOST_ROUNDS:
        values.append(await measure())
        side = side_of(values, bound)
        if side is not Side.UNCLEAR:
            return side, median(values)
    raise MeasurementUndecided(
        f"after {MOST_ROUNDS} rounds it is not clear {what} ({median(values):.3g} against "
        f"{bound:.3g}); run it on a machine with less to do, or ask for a larger difference"
    )
