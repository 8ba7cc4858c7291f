"""Learning curves: how success and effort change from epoch to epoch, window to window or task to task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..statistics import Estimate, wilson
from ..training.result import TaskResult

Axis: TypeAlias = Literal["epoch", "window", "step"]
"""What a point stands for: all results of an epoch, of a window of online learning, or the latest few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """Some results that follow each other in one phase.

    `index` is the epoch or the window, or of steps the 1-based number of the last result. `n` counts results.
    `first_try` and `success` are shares with Wilson's interval; `so_far` is the first-try share of the phase
    up to here. `probes` and `attempts` are means per task. `calls_per_solved`, `tokens_per_solved` (input and
    output) and `seconds_per_solved` are sums over all results / solved tasks, None where none was solved. The
    playbook is the one that the last of them was run with.
    """

    phase: str
    index: int
    n: int
    first_try: Estimate
    success: Estimate
    so_far: Estimate
    probes: float
    attempts: float
    calls_per_solved: float | None
    tokens_per_solved: float | None
    seconds_per_solved: float | None
    playbook_size: int
    playbook_tokens: int


def learning_curve(
    results: Iterable[TaskResult], *, by: Axis = "epoch", width: int = 8
) -> tuple[CurvePoint, ...]:
    """Return the points of each phase in the order in which its results stand.

    By epoch or window, a point takes all results of that epoch or window; by step, there is a point for each
    result, which takes the latest `width` of its phase.

    Raises:
        ValueError: `width` is less than 1.
    """
    if width < 1:
        raise ValueError(f"width={width} takes no result; give at least 1")
    phases: dict[str, list[TaskResult]] = {}
    for result in results:
        phases.setdefault(result.phase, []).append(result)
    return tuple(point for rows in phases.values() for point in _points(rows, by, width))


def _points(rows: Sequence[TaskResult], by: Axis, width: int) -> Iterable[CurvePoint]:
    if by == "step":
        for end in range(1, len(rows) + 1):
            yield _point(end, rows[max(0, end - width) : end], rows[:end])
        return
    groups: dict[int, list[TaskResult]] = {}
    for row in rows:
        groups.setdefault(row.epoch if by == "epoch" else row.window, []).append(row)
    so_far: list[TaskResult] = []
    for index in sorted(groups):
        so_far += groups[index]
        yield _point(index, groups[index], so_far)


def _point(index: int, rows: Sequence[TaskResult], so_far: Sequence[TaskResult]) -> CurvePoint:
    count = len(rows)
    solved = sum(row.success for row in rows)
    return CurvePoint(
        phase=rows[-1].phase,
        index=index,
        n=count,
        first_try=wilson(sum(row.first_try for row in rows), count),
        success=wilson(solved, count),
        so_far=wilson(sum(row.first_try for row in so_far), len(so_far)),
        probes=sum(row.probes for row in rows) / count,
        attempts=sum(row.attempts for row in rows) / count,
        calls_per_solved=_per(solved, sum(row.calls for row in rows)),
        tokens_per_solved=_per(solved, sum(row.tokens for row in rows)),
        seconds_per_solved=_per(solved, sum(row.seconds for row in rows)),
        playbook_size=rows[-1].playbook_size,
        playbook_tokens=rows[-1].playbook_tokens,
    )


def _per(solved: int, total: float) -> float | None:
    return total / solved if solved else None
