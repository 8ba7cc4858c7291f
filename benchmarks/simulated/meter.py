"""What every request cost, and how much of its prompt a provider could reuse from earlier ones."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import Final

from .question import Answer, Question
from .world import last_order

CHARACTERS_PER_TOKEN: Final = 4
_CACHE_LEAST, _CACHE_STEP = 1024, 128
"""Tokens from which, and in whose steps, a prompt is cached. Source: OpenAI's guide to prompt caching."""


@dataclass(frozen=True)
class Record:
    """One answered request; sizes are characters, shares 0..1 of the prompt's system and user messages.

    `reusable` is the prefix in common with the previous request of the same role, `cached` with the best of
    all earlier requests. Both are 0 for the first.
    """

    role: str
    order: int
    prompt: int
    tools: int
    output: int
    reusable: float
    cached: float
    cached_tokens: int


@dataclass
class Meter:
    """Keeps a record of every request, in the order of arrival."""

    records: list[Record] = field(default_factory=list[Record])
    _sorted: list[str] = field(default_factory=list[str])
    _last: dict[str, str] = field(default_factory=dict[str, str])

    def arrive(self, question: Question) -> tuple[int, int]:
        """Return with how many characters the prompt begins like any earlier one, and remember it."""
        at = bisect_left(self._sorted, question.told)
        neighbours = self._sorted[max(0, at - 1) : at + 1]
        best = max((_common(question.told, other) for other in neighbours), default=0)
        insort(self._sorted, question.told)
        return best, len(question.told)

    def answered(self, question: Question, role: str, answer: Answer, best: int) -> Record:
        """Keep and return the record of an answered request."""
        order, size = last_order(question.prompt), max(1, len(question.told))
        record = Record(
            role=role,
            order=order.number if order else 0,
            prompt=size,
            tools=question.tools_size,
            output=len(answer.text) + sum(len(str(arguments)) for _, arguments in answer.calls),
            reusable=_common(question.told, self._last.get(role, "")) / size,
            cached=best / size,
            cached_tokens=_cacheable(best // CHARACTERS_PER_TOKEN),
        )
        self._last[role] = question.told
        self.records.append(record)
        return record


def _common(one: str, other: str) -> int:
    """Return with how many characters both begin."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


def _cacheable(tokens: int) -> int:
    return tokens // _CACHE_STEP * _CACHE_STEP if tokens >= _CACHE_LEAST else 0
