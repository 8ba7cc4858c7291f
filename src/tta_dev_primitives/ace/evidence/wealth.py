"""Wealth: anytime-valid evidence that a bullet helps, as what a gambler would have won who bets that it does.

Nobody can expect to win from a bullet that does not help, however long one plays and whenever one looks: the
wealth of one that starts with 1 reaches 20 with a probability of at most 1/20 (Ville's inequality). Such a
wealth is an e-value.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

EFFECTS = (0.5, 1.0, 2.0, 4.0)
"""Effects on the log odds that are bet on, an equal part of the wealth on each."""
MOST = 1e9
"""The largest e-value that is told; less is claimed than was won, which is allowed."""
_START = (0.0,) * len(EFFECTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """A bullet that was put into a run by the toss of a coin with probability `chance`, 0 < chance < 1."""

    chance: float
    included: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wealth:
    """What bets on one bullet, in its wording `revision`, have become; `logs` has one entry an effect."""

    revision: int = 1
    logs: tuple[float, ...] = _START

    def after(self, coin: Coin, *, success: bool, expected: float) -> Wealth:
        """Return the wealth after one more run; see `winnings` for `expected`."""
        won = winnings(coin, success=success, expected=expected)
        return Wealth(revision=self.revision, logs=tuple(map(math.fsum, zip(self.logs, won, strict=True))))

    @property
    def log_e(self) -> float:
        """The logarithm of the e-value."""
        most = max(self.logs)
        return most + math.log(sum(math.exp(log - most) for log in self.logs) / len(self.logs))


def winnings(coin: Coin, *, success: bool, expected: float) -> Iterator[float]:
    """Yield, for each effect, the logarithm of what a bet of 1 on the coin pays, given the outcome.

    If the bullet does nothing, the outcome tells nothing of the coin. If it helps, a success makes it
    likelier that the bullet was in. The bet pays the ratio of both probabilities of what the coin showed; its
    expectation is 1 if the bullet does nothing, and below if it harms. `expected` is the success rate without
    the bullet, guessed from earlier runs alone, 0 < expected < 1: a bad guess wins less, but stays valid.

    Source: testing by betting (Shafer 2021); likelihood ratio of the assignment, as in randomisation tests.
    """
    for effect in EFFECTS:
        helped = 1 / (1 + math.exp(-effect) * (1 - expected) / expected)
        with_it = coin.chance * (helped if success else 1 - helped)
        without = (1 - coin.chance) * (expected if success else 1 - expected)
        posterior = with_it / (with_it + without)
        yield math.log(posterior / coin.chance if coin.included else (1 - posterior) / (1 - coin.chance))


def log_e_of_pairs(only_with: int, only_without: int) -> float:
    """Return the logarithm of the e-value of paired runs that came out differently.

    If the bullet does not help, one with it is the only success at most every second time. The wealth is
    spread evenly over all rates p from 1/2 to 1: 2 * integral of (2p)^a (2(1-p))^b, which is a sum of
    binomials.
    """
    pairs = only_with + only_without
    won = sum(math.comb(pairs + 1, k) for k in range(only_with + 1))
    return math.log(won) - math.log((pairs + 1) * math.comb(pairs, only_with))


def e_value(*logs: float) -> float:
    """Return the product of e-values, given as logarithms, at most `MOST`.

    The product is an e-value as well, since each bet was made when all that came before was known: whichever
    bet comes next, it multiplies what is there by 1 at most, in expectation.
    """
    return math.exp(min(math.fsum(logs), math.log(MOST)))
