"""Curve: how a run went, as points with intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from ..statistics.estimate import Estimate
from ..statistics.wilson import wilson
from ..value import Value
from .config import Mode
from .result import Phase, TaskResult

ROLLING: Final = 10
"""Tasks over which the rolling share of first tries is taken."""


class Share(Value):
    """A share of `n` tasks with its 95 % Wilson interval."""

    value: float
    low: float
    high: float
    n: int


class Point(Value):
    """The results of an epoch, or online of a window.

    `attempts`, `probes`, `calls` and `tokens` are means a task. `usd` is the sum, None where no price is
    known. The playbook is the one that the last task saw.
    """

    phase: Phase
    epoch: int
    window: int
    first_try: Share
    success: Share
    attempts: float
    probes: float
    calls: float
    tokens: float
    usd: float | None
    playbook_version: int
    playbook_size: int
    playbook_tokens: int


class Rolled(Value):
    """The share of first tries among the latest `ROLLING` training tasks, or among fewer at the beginning."""

    position: int
    epoch: int
    first_try: Share
    playbook_size: int


class Curve(Value):
    """Points in the order of the run, and the rolling share along the training tasks."""

    points: tuple[Point, ...]
    rolling: tuple[Rolled, ...]


def curve_of(results: Sequence[TaskResult], mode: Mode) -> Curve:
    """Return the curve of `results`, which are in the order of the run."""
    groups: defaultdict[tuple[int, int, Phase], list[TaskResult]] = defaultdict(list)
    for result in results:
        window = result.window if mode is Mode.ONLINE else 0
        groups[result.epoch, window, result.phase].append(result)
    points = tuple(_point(key, group) for key, group in groups.items())
    return Curve(points=points, rolling=tuple(_rolled([r for r in results if r.phase is Phase.TRAIN])))


def share(hits: Sequence[bool]) -> Share:
    """Return the share of True among `hits`, of which there is at least one."""
    return as_share(wilson(sum(hits), len(hits)))


def as_share(estimate: Estimate) -> Share:
    """Return an estimate as it stands in a file."""
    return Share(value=estimate.value, low=estimate.low, high=estimate.high, n=estimate.n)


def _point(key: tuple[int, int, Phase], group: Sequence[TaskResult]) -> Point:
    epoch, window, phase = key
    prices = [result.usd for result in group]
    last = group[-1]
    return Point(
        phase=phase,
        epoch=epoch,
        window=window,
        first_try=share([result.first_try for result in group]),
        success=share([result.success for result in group]),
        attempts=_mean([result.attempts for result in group]),
        probes=_mean([result.probes for result in group]),
        calls=_mean([result.calls for result in group]),
        tokens=_mean([result.tokens for result in group]),
        usd=None if None in prices else sum(filter(None, prices)),
        playbook_version=last.playbook_version,
        playbook_size=last.playbook_size,
        playbook_tokens=last.playbook_tokens,
    )


def _rolled(results: Sequence[TaskResult]) -> list[Rolled]:
    hits = [result.first_try for result in results]
    return [
        Rolled(
            position=number,
            epoch=result.epoch,
            first_try=share(hits[max(0, number + 1 - ROLLING) : number + 1]),
            playbook_size=result.playbook_size,
        )
        for number, result in enumerate(results)
    ]


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)
