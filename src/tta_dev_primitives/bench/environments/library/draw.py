"""Seeded choices that are the same on every platform and Python version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

_MASK = (1 << 64) - 1
_Choice = TypeVar("_Choice")


class Draw:
    """A stream of choices, told by its seeds alone. Source: splitmix64, Steele et al. 2014."""

    def __init__(self, *seeds: int | str) -> None:
        self._state = 0x9E3779B97F4A7C15
        for seed in seeds:
            for part in (seed,) if isinstance(seed, int) else map(ord, seed):
                self._state = (self._state ^ self._mixed(part & _MASK)) * 0x100000001B3 & _MASK

    @staticmethod
    def _mixed(value: int) -> int:
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB & _MASK
        return value ^ (value >> 31)

    def below(self, bound: int) -> int:
        """Return an integer from 0 up to and without `bound`."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        return self._mixed(self._state) % bound

    def between(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def pick(self, choices: Sequence[_Choice]) -> _Choice:
        """Return one of `choices`."""
        return choices[self.below(len(choices))]

    def some(self, choices: Sequence[_Choice], count: int) -> list[_Choice]:
        """Return `count` different places of `choices`, in random order."""
        left = list(choices)
        return [left.pop(self.below(len(left))) for _ in range(count)]

    def shuffled(self, choices: Sequence[_Choice]) -> list[_Choice]:
        """Return all of `choices` in random order."""
        return self.some(choices, len(choices))
