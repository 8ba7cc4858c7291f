"""PerformanceTask: slow code, how to tell that a faster one is right, and what is to be faster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from ...ace.task import CaseInput
from ...ace.value import Value
from ...core.errors import InvalidTask

FEWEST_SIZES = 3
_SPREAD = 4
"""The largest size is at least so many times the smallest, or noise would pass for growth."""


class Growth(Value):
    """How the time may grow with the input: at most like `n ** at_most`, by the slope in log-log.

    `sizes` are values of `n`, which the workload uses; the given code must finish with each. Between n log n,
    whose slope there is about 1.1, and n², 1.5 tells surely.
    """

    sizes: Annotated[tuple[int, ...], Field(min_length=FEWEST_SIZES)]
    at_most: float = Field(gt=0)

    @model_validator(mode="after")
    def _sizes_are_spread(self) -> Self:
        if self.sizes[0] < 1 or not all(one < other for one, other in pairwise(self.sizes)):
            raise ValueError(f"sizes={self.sizes!r} must increase, from at least 1")
        if self.sizes[-1] < _SPREAD * self.sizes[0]:
            raise ValueError(f"sizes={self.sizes!r} must spread: the last at least {_SPREAD} times the first")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceTask:
    """What to make faster. `workload` are statements that use the code; with `growth` they use `n` as well.

    A program must first be right, by `cases` of `entry_point`, `tests` or both. A workload may assert, too,
    so that wrong results for large inputs are not taken for speed. `min_speedup` is how many times as fast as
    `code` it must be, with the largest `n` if there is `growth`.
    """

    code: str
    workload: str
    task: str = "Optimize this slow code; what it returns must stay the same."
    context: str = ""
    entry_point: str | None = None
    cases: Sequence[CaseInput] = ()
    tests: str | None = None
    min_speedup: float = 1.1
    growth: Growth | None = None
    files: Mapping[str, bytes | str] = field(default_factory=dict[str, bytes | str])
    max_iterations: int = 3
    family: str = "performance"
    id: str = ""

    def __post_init__(self) -> None:
        if not self.code.strip() or not self.workload.strip():
            raise InvalidTask("code and workload must not be blank: there is nothing to measure")
        if not self.cases and self.tests is None:
            raise InvalidTask("give cases or tests: without them a wrong program could be the fastest")
        if not self.min_speedup > 0:
            raise InvalidTask(f"min_speedup={self.min_speedup!r} must be above 0")
