"""Which combinations of quirks train and which test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from .library.draw import Draw

Combination: TypeAlias = frozenset[str]
"""Names of families."""

_SPLITS: Final = 20
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
    offered = draw.shuffled(sorted(possible, key=sorted))
    share = round(len(offered) * train / (train + test))
    if not 0 < share < len(offered):
        return None
    learned = _improved(_picked(offered, train, different=share), offered)
    held_out = _picked([one for one in offered if one not in learned], test, different=len(offered))
    return Plan(train=tuple(draw.shuffled(learned)), test=tuple(draw.shuffled(held_out)))


def _picked(offered: Sequence[Combination], count: int, *, different: int) -> list[Combination]:
    """Return so many, of at most so many different ones; one comes again when all of these were taken."""
    picked: list[Combination] = []
    for _ in range(count):
        seen, taken = _seen(picked), Counter(picked)
        allowed = offered if len(taken) < different else list(taken)
        picked.append(min(allowed, key=lambda one: (taken[one], -_wanted(one, seen))))
    return picked


def _improved(picked: Sequence[Combination], offered: Sequence[Combination]) -> list[Combination]:
    """Return the same with combinations exchanged where that makes more quirks well learned."""
    best = list(picked)
    for place in range(len(best)):
        for other in offered:
            changed = [*best[:place], other, *best[place + 1 :]]
            if other not in best and _learned(changed) > _learned(best):
                best = changed
    return best


def _learned(combinations: Sequence[Combination]) -> int:
    return sum(min(count, _TWICE) for count in _seen(combinations).values())


def _wanted(combination: Combination, seen: Counter[str]) -> int:
    """Return how much a combination adds: the more the rarer its quirks were so far."""
    return sum(_RARITY ** max(0, _OFTEN - seen[family]) for family in combination)


def _seen(combinations: Iterable[Combination]) -> Counter[str]:
    return Counter(family for combination in combinations for family in combination)


def _worth(one: Plan) -> tuple[int, int]:
    return _learned(one.train), len(_seen(one.test))
