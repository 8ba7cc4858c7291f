"""Lots: which of the relevant bullets a run gets, and with what probability each was in."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..bullet import Bullet
from ..playbook import Playbook
from .belief import Beliefs
from .inclusion import coin, favoured, wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """What was drawn for one bullet.

    `propensity` is the probability of being in, over all that could be drawn, `conditional` the same given
    all else that was drawn; see `Choice`.
    """

    included: bool
    propensity: float
    conditional: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """How lots are drawn: see the fields of the same names in `AceOptions`.

    `apart` keeps bullets that contradict each other out of one prompt.
    """

    hold_out: float
    exploration: float
    inclusion: float | None = None
    apart: bool = True

    @property
    def exploring(self) -> float:
        """The probability that coins are tossed, 0..1."""
        return self.exploration if self.inclusion is None else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """The lots of one run, by bullet id. `held_out`: all are out; `explored`: coins were tossed."""

    lots: Mapping[str, Lot]
    held_out: bool
    explored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seat:
    """A bullet of a group that contradict each other, or alone.

    `usual`: it is in where nothing is explored. `share` is its probability of being the one of its group that
    may be in, where something is, and `chance` that it is in then.
    """

    bullet: str
    usual: bool
    share: float
    chance: float

    @property
    def explored(self) -> float:
        """The probability of being in a run that explores."""
        return self.share * self.chance


def draw_lots(
    playbook: Playbook, bullets: Sequence[Bullet], beliefs: Beliefs, odds: Odds, draw: random.Random
) -> Draw:
    """Draw which of `bullets`, all of `playbook`, a run gets.

    Most runs get those that more likely help than not, and so the same ones: prompts that begin alike are
    cached by providers. With probability `odds.exploration` a run tosses a coin for each, independently, and
    with `odds.hold_out` it gets none. Of bullets that contradict each other at most one is in: the best
    usually, one drawn by merit where the run explores.
    """
    held_out = bool(bullets) and draw.random() < odds.hold_out
    explored = bool(bullets) and draw.random() < odds.exploring
    lots: dict[str, Lot] = {}
    for group in _groups(playbook, bullets) if odds.apart else ([bullet] for bullet in bullets):
        seats = _seats(group, beliefs, odds)
        taken = _tossed(seats, draw) if explored else next((s for s in seats if s.usual), None)
        for seat in seats:
            included = not held_out and seat == taken
            rival = taken is not None and seat != taken
            lots[seat.bullet] = Lot(
                included=included,
                propensity=_propensity(seat, odds),
                conditional=0.0 if held_out else _conditional(seat, seats, explored=explored, rival=rival),
            )
    tossed = any(0 < lot.conditional < 1 for lot in lots.values())
    return Draw(lots=lots, held_out=held_out, explored=tossed)


def _groups(playbook: Playbook, bullets: Sequence[Bullet]) -> list[list[Bullet]]:
    """Return the bullets in groups that contradict each other, directly or through a third, in order."""
    group_of = {bullet.id: [bullet] for bullet in bullets}
    for bullet in bullets:
        for other in filter(None, map(playbook.get, bullet.conflicts)):
            mine, theirs = group_of[bullet.id], group_of.get(other.id)
            if theirs is not None and theirs is not mine:
                mine.extend(theirs)
                group_of.update({member.id: mine for member in theirs})
    return list({id(group): group for group in (group_of[bullet.id] for bullet in bullets)}.values())


def _seats(group: Sequence[Bullet], beliefs: Beliefs, odds: Odds) -> list[_Seat]:
    merits = {bullet.id: beliefs.of(bullet.id).mean for bullet in group}
    best = max(group, key=lambda bullet: merits[bullet.id])
    if odds.inclusion is None:
        weights = {name: math.exp(merit - merits[best.id]) for name, merit in merits.items()}
    else:
        weights = {name: float(name == best.id) for name in merits}
    total = sum(weights.values())
    return [
        _seat(bullet, beliefs, odds, best=bullet is best, share=weights[bullet.id] / total)
        for bullet in group
    ]


def _seat(bullet: Bullet, beliefs: Beliefs, odds: Odds, *, best: bool, share: float) -> _Seat:
    probability = wanted(beliefs.of(bullet.id), bullet.status)
    usual = best and favoured(probability)
    if odds.inclusion is not None:
        chance = odds.inclusion
    elif odds.exploration > 0:
        chance = coin(probability, usual=usual, exploration=odds.exploration)
    else:
        chance = float(usual)
    return _Seat(bullet=bullet.id, usual=usual, share=share, chance=chance)


def _tossed(seats: Sequence[_Seat], draw: random.Random) -> _Seat | None:
    """Return the seat that is taken in a run that explores, or None."""
    if len(seats) == 1:
        return seats[0] if draw.random() < seats[0].chance else None
    (drawn,) = draw.choices(seats, weights=[seat.share for seat in seats])
    return drawn if draw.random() < drawn.chance else None


def _propensity(seat: _Seat, odds: Odds) -> float:
    either = (1 - odds.exploring) * seat.usual + odds.exploring * seat.explored
    return (1 - odds.hold_out) * either


def _conditional(seat: _Seat, seats: Sequence[_Seat], *, explored: bool, rival: bool) -> float:
    if not explored:
        return float(seat.usual)
    if rival:
        return 0.0
    nobody = 1 - sum(other.explored for other in seats)
    return seat.explored / (seat.explored + nobody) if seat.explored else 0.0
