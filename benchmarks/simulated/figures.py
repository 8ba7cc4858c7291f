"""What a system's training cost, from the records of the server and the judgements of its first programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from .meter import CHARACTERS_PER_TOKEN, Record
from .world import Order


@dataclass(frozen=True)
class Figures:
    """Per training task, unless it says otherwise. Shares are 0..1; tokens are characters / 4.

    `calls_by_role` adds up to `calls`. `reusable` is the share of a generator's prompt that is equal, from
    its beginning, to the generator's request before: the mean from the second task on; `reusable_least` the
    least of them. `cached` is the same beside any earlier request. `first_try` is the share of first programs
    that were right, `first_try_late` of the last third of the orders.
    """

    calls: float
    calls_by_role: Mapping[str, float]
    seconds: float
    input_tokens: float
    output_tokens: float
    reusable: float
    reusable_least: float
    cached: float
    first_try: float
    first_try_late: float


def figures(
    orders: Sequence[Order], records: Sequence[Record], first_tries: Mapping[str, bool], seconds: float
) -> Figures:
    """Return the figures of one system; `seconds` is its whole training."""
    count = len(orders)
    roles = sorted({record.role for record in records})
    first = next(record.order for record in records if record.role == "generator")
    later = [record for record in records if record.role == "generator" and record.order != first]
    late = orders[-(count // 3) :]
    return Figures(
        calls=len(records) / count,
        calls_by_role={role: sum(record.role == role for record in records) / count for role in roles},
        seconds=seconds,
        input_tokens=sum(one.prompt + one.tools for one in records) / CHARACTERS_PER_TOKEN / count,
        output_tokens=sum(record.output for record in records) / CHARACTERS_PER_TOKEN / count,
        reusable=fmean(record.reusable for record in later),
        reusable_least=min(record.reusable for record in later),
        cached=fmean(record.cached for record in later),
        first_try=fmean(first_tries[order.id] for order in orders),
        first_try_late=fmean(first_tries[order.id] for order in late),
    )
