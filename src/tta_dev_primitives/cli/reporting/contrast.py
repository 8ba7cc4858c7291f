"""Before and after: the results that a report sets against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...ace.statistics import Pairs
from ...ace.training.result import Phase, TaskResult
from .material import Material

_FEWEST = 4
"""Tasks that are too few to be halved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Results to compare, and what they are called."""

    before: tuple[TaskResult, ...]
    after: tuple[TaskResult, ...]
    before_name: str
    after_name: str


def contrast_of(material: Material) -> Contrast | None:
    """Return the two sides of a comparison, else the earlier and the later half of what was done in turn.

    Online that is what was tested before it was learned from; None where there are too few tasks.
    """
    sides = material.sides
    if sides is not None:
        return Contrast(
            before=sides.reference.results,
            after=sides.chosen.results,
            before_name=sides.reference.title,
            after_name=sides.chosen.title,
        )
    tested = tuple(one.result for one in material.done if one.result.phase is Phase.TEST)
    results = tested if tested and material.training else material.training
    half = len(results) // 2
    if len(results) < _FEWEST:
        return None
    return Contrast(
        before=results[:half],
        after=results[-half:],
        before_name="the first half",
        after_name="the second half",
    )


def pairs_of(reference: Sequence[TaskResult], other: Sequence[TaskResult]) -> Pairs:
    """Return the tasks that both did, solved at the first try by one, by both or by neither."""
    first = {result.task_id: result.first_try for result in reference}
    both = [result for result in other if result.task_id in first]
    return Pairs.of([first[result.task_id] for result in both], [result.first_try for result in both])
