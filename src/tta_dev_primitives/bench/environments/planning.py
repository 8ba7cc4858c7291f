"""Which combinations of quirks train and which test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from .library.draw import Draw

Combination: TypeAlias = frozenset[str]
"""Names of families."""

_SPLITS: Final = 60
"""So many are looked at, and the best is taken."""
_TWICE: Final = 2
"""A quirk is well learned when so many tasks need it."""
_RARITY: Final = 3
_OFTEN: Final = 4
"""A quirk counts `_RARITY` times less with every task that needs it, until that many do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What each task should need, in the order of the tasks."""

    train: tuple[Combination, ...]
    test: tuple[Combination, ...]


def plan(possible: Sequence[Combination], draw: Draw, *, train: int, test: int) -> Plan | None:
    """Return the plan in which most quirks are learned twice and tested, or None if not all can be learned.

    No combination is on both sides; on one it comes again only when all others of that side were taken.
    """
    plans = [one for _ in range(_SPLITS) if (one := _split(possible, draw, train, test)) is not None]
    families = frozenset[str]().union(*possible)
    learnable = [one for one in plans if frozenset[str]().union(*one.train) == families]
    return max(learnable, key=_worth, default=None)


def _split(possible: Sequence[Combination], draw: Draw, train: int, test: int) -> Plan | None:
    shuffled = draw.shuffled(sorted(possible, key=sorted))
    border = round(len(shuffled) * train / (train + test))
    ours, theirs = shuffled[:border], shuffled[border:]
    if not ours or not theirs:
        return None
    learned, held_out = _picked(ours, train), _picked(theirs, test)
    return Plan(train=tuple(draw.shuffled(learned)), test=tuple(draw.shuffled(held_out)))


def _picked(offered: Sequence[Combination], count: int) -> list[Combination]:
    picked: list[Combination] = []
    for _ in range(count):
        seen, taken = _seen(picked), Counter(picked)
        picked.append(min(offered, key=lambda one: (taken[one], -_wanted(one, seen))))
    return picked


def _wanted(combination: Combination, seen: Counter[str]) -> int:
    """Return how much a combination adds: the more the rarer its quirks were so far."""
    return sum(_RARITY ** max(0, _OFTEN - seen[family]) for family in combination)


def _seen(combinations: Iterable[Combination]) -> Counter[str]:
    return Counter(family for combination in combinations for family in combination)


def _worth(one: Plan) -> tuple[int, int]:
    learned, tested = _seen(one.train), _seen(one.test)
    return sum(min(count, _TWICE) for count in learned.values()), sum(count > 0 for count in tested.values())
