"""Ledger: all that stored episodes say about bullets, kept so that only new episodes need reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..bullet import Bullet
from ..episode import Episode
from ..playbook import Playbook
from .belief import OWN_VARIANCE, Belief, Beliefs
from .bets import Bets
from .estimate import Differing, Effects, Judged, estimate
from .outcomes import WINDOW, Outcome, outcome_of
from .wealth import e_value, log_e_of_pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What episodes say, as far as they were read.

    `seen` counts them all, `outcomes` are the latest `window` that were judged, oldest first. `bets` are over
    all time: a wealth that starts anew with each window would not be valid whenever one looks.
    """

    window: int = WINDOW
    seen: int = 0
    outcomes: tuple[Outcome, ...] = ()
    bets: Bets = field(default_factory=Bets)

    def extended(self, episodes: Iterable[Episode]) -> Ledger:
        """Return the ledger with `episodes`, which follow those it has seen."""
        new = tuple(episodes)
        judged = tuple(outcome for outcome in map(outcome_of, new) if outcome is not None)
        return Ledger(
            window=self.window,
            seen=self.seen + len(new),
            outcomes=(*self.outcomes, *judged)[-self.window :],
            bets=self.bets.extended(judged),
        )

    def beliefs(self, playbook: Playbook) -> Beliefs:
        """Return what is believed of the bullets of `playbook`; equal ledgers and playbooks, equal beliefs.

        A merged bullet's runs count for the one that it became part of; bets count for one wording only.
        """
        runs = _judged(self.outcomes, playbook)
        replays = tuple(map(_differing, filter(_has_differing, playbook.bullets.values())))
        if not runs and not replays:
            return Beliefs()
        effects = estimate(runs, replays)
        shares = _shares(runs)
        return Beliefs(
            bullets=MappingProxyType(
                {
                    bullet: self._belief(playbook.bullets.get(bullet), effects, index, shares)
                    for index, bullet in enumerate(effects.bullets)
                }
            ),
            newcomer=_rounded(effects.common_mean, effects.common_variance + OWN_VARIANCE),
            window=len(runs),
            contests=_contests(playbook, effects),
        )

    def _belief(
        self, bullet: Bullet | None, effects: Effects, index: int, shares: Mapping[str, float]
    ) -> Belief:
        known = _rounded(float(effects.mean[index]), float(effects.variance[index]))
        return Belief(
            mean=known.mean,
            sd=known.sd,
            uplift=effects.uplift_of(index),
            e_value=1.0 if bullet is None else round(self.e_value(bullet), 6),
            relevant=int(effects.relevant[index]),
            included=int(effects.included[index]),
            share=shares.get(effects.bullets[index], 0.0),
        )

    def e_value(self, bullet: Bullet) -> float:
        """Return the evidence that the present wording of `bullet` helps, from coins and from replays."""
        coins = self.bets.log_e(bullet.id, bullet.revision)
        return e_value(coins, log_e_of_pairs(bullet.replays_won, bullet.replays_lost))


def beliefs_of(playbook: Playbook, episodes: Iterable[Episode], *, window: int = WINDOW) -> Beliefs:
    """Return what all `episodes` of a playbook, oldest first, say about its bullets."""
    return Ledger(window=window).extended(episodes).beliefs(playbook)


def _judged(outcomes: Iterable[Outcome], playbook: Playbook) -> tuple[Judged, ...]:
    names: dict[str, str] = {}
    runs: list[Judged] = []
    for outcome in outcomes:
        included: dict[str, bool] = {}
        for choice in outcome.choices:
            if choice.bullet_id not in names:
                bullet = playbook.get(choice.bullet_id)
                names[choice.bullet_id] = bullet.id if bullet else choice.bullet_id
            name = names[choice.bullet_id]
            included[name] = included.get(name, False) or choice.included
        runs.append(Judged(family=outcome.family, included=included, success=outcome.success))
    return tuple(runs)


def _has_differing(bullet: Bullet) -> bool:
    return bool(bullet.replays and (bullet.replays_won or bullet.replays_lost))


def _differing(bullet: Bullet) -> Differing:
    return Differing(bullet=bullet.id, only_with=bullet.replays_won, only_without=bullet.replays_lost)


def _shares(runs: tuple[Judged, ...]) -> Mapping[str, float]:
    """Return for each bullet the share of runs, since it first was relevant, in which it was."""
    first: dict[str, int] = {}
    counts = Counter[str]()
    for number, run in enumerate(runs):
        counts.update(run.included.keys())
        for bullet in run.included:
            first.setdefault(bullet, number)
    return {bullet: counts[bullet] / (len(runs) - number) for bullet, number in first.items()}


def _contests(playbook: Playbook, effects: Effects) -> Mapping[str, Mapping[str, float]]:
    """Return, for live bullets that contradict each other, the probability that the first does better."""
    known = frozenset(effects.bullets)
    found: dict[str, Mapping[str, float]] = {}
    for bullet in playbook.active:
        if bullet.conflicts and bullet.id in known:
            rivals = [other for other in map(playbook.get, bullet.conflicts) if other and other.id in known]
            odds = {other.id: round(effects.better(bullet.id, other.id), 6) for other in rivals if other.live}
            found[bullet.id] = MappingProxyType(odds)
    return MappingProxyType(found)


def _rounded(mean: float, variance: float) -> Belief:
    """Return a belief without digits in which machines may differ."""
    return Belief(mean=round(mean, 6), sd=round(max(variance, 1e-6) ** 0.5, 6))
