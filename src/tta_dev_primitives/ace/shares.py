"""Shares of a prompt's places: neither one source nor what is unproven takes them all from the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from .bullet import Bullet, Status

_LOOKED_AT = 2
"""So many times the places are looked at for one of a share that is not used up; beyond, relevance is low."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The most of a prompt's places that go to one source, and to candidates, while others are relevant.

    The source of a strategy is the run, or the file, that brought it. A validated strategy has proved itself
    and counts for no source.
    """

    source: float
    candidates: float


def shared_out(ranked: Iterable[Bullet], places: int, shares: Shares) -> list[Bullet]:
    """Return the `places` most relevant of `ranked`; what exceeds a share waits until the others are in.

    So one poisoned run cannot push out what others learned, however well its words match, and where there is
    nothing else no place stays empty.
    """
    taken = _Taken(places=places, shares=shares)
    waiting = list(islice(ranked, places * _LOOKED_AT))
    chosen = list[Bullet]()
    for may_enter in (taken.both, taken.source, taken.anyone):
        left, waiting = waiting, []
        for bullet in left:
            enters = len(chosen) < places and may_enter(bullet)
            (chosen if enters else waiting).append(bullet)
    return chosen


@dataclass(slots=True, kw_only=True)
class _Taken:
    """The places that are taken: who asks and may enter takes one. The rules are from strict to none."""

    places: int
    shares: Shares
    unproven: int = 0
    by_source: Counter[str] = field(default_factory=Counter[str])

    def both(self, bullet: Bullet) -> bool:
        proven = bullet.status is Status.VALIDATED
        return proven or (self.unproven < self._most(self.shares.candidates) and self.source(bullet))

    def source(self, bullet: Bullet) -> bool:
        if bullet.status is Status.VALIDATED:
            return True
        brought_by = bullet.provenance.run_id
        return self.by_source[brought_by] < self._most(self.shares.source) and self._take(brought_by)

    def anyone(self, _: Bullet) -> bool:
        return True

    def _take(self, source: str) -> bool:
        self.unproven += 1
        self.by_source[source] += 1
        return True

    def _most(self, share: float) -> int:
        return max(1, int(share * self.places + 1e-9))
