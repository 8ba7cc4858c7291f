"""Comparison: the same tasks with two playbooks, paired; exact McNemar test and Tango interval."""

from __future__ import annotations

from collections.abc import Sequence

from ..statistics.paired import Pairs, mcnemar_exact, tango
from ..value import Value
from .curve import Share, as_share
from .result import TaskResult


class Comparison(Value):
    """First tries of `n` tasks with a playbook against those with another.

    `difference` is this share minus the other, with its 95 % Tango interval; `p` the two-sided exact McNemar
    probability of a difference as large by chance. `gained` and `lost` are the ids that only one solved.
    """

    n: int
    both: int
    neither: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    difference: Share
    p: float


def compare(results: Sequence[TaskResult], against: Sequence[TaskResult]) -> Comparison | None:
    """Return the comparison on the tasks that have a result on both sides, or None if there are none."""
    other = {result.task_id: result for result in against}
    pairs = [(result, other[result.task_id]) for result in results if result.task_id in other]
    if not pairs:
        return None
    first = [without.first_try for _, without in pairs]
    second = [result.first_try for result, _ in pairs]
    counted = Pairs.of(first, second)
    return Comparison(
        n=counted.n,
        both=counted.both,
        neither=counted.neither,
        gained=_only([(a, b) for a, b in pairs]),
        lost=_only([(b, a) for a, b in pairs]),
        difference=as_share(tango(counted)),
        p=mcnemar_exact(counted),
    )


def _only(pairs: Sequence[tuple[TaskResult, TaskResult]]) -> tuple[str, ...]:
    return tuple(one.task_id for one, other in pairs if one.first_try and not other.first_try)
