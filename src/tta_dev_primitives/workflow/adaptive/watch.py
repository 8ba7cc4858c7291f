"""Watch: notices that a mean has fallen, however long one looks, for values that are bounded above."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

_STAKES: Final = (0.03, 0.06, 0.12, 0.25, 0.5, 0.9)
"""Shares of the largest stake that cannot lose everything; their mean is the bet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bets:
    """Wealth of bets that values lie below `mean`, each at most `most`: the evidence that they do.

    While the mean is not below `mean`, it exceeds 1/a at any time with probability a at most.

    Source: Waudby-Smith and Ramdas 2024, Journal of the Royal Statistical Society B 86:1-27.
    """

    mean: float
    most: float
    wealth: tuple[float, ...] = (1.0,) * len(_STAKES)

    def seen(self, value: float) -> Bets:
        """Return the bets after one more value."""
        room = max(self.most - self.mean, 1e-9)
        factors = (1 + stake / room * (self.mean - value) for stake in _STAKES)
        return replace(
            self,
            wealth=tuple(min(w * max(f, 0.0), 1e100) for w, f in zip(self.wealth, factors, strict=True)),
        )

    def started_again(self) -> Bets:
        """Return the bets with each wealth at 1 or more, as if a new gambler joined: for later changes."""
        return replace(self, wealth=tuple(max(one, 1.0) for one in self.wealth))

    @property
    def evidence(self) -> float:
        """The mean wealth."""
        return math.fsum(self.wealth) / len(self.wealth)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Waits for the mean utility to fall below `mean`, at an unknown time.

    `fell` comes up without a fall once in `patience` requests on average at most.

    Source: Shin, Ramdas and Rinaldo 2023, E-detectors, arXiv 2203.03532 (the CUSUM form).
    """

    bets: Bets
    patience: float
    n: int = 0

    def seen(self, value: float) -> Watch:
        """Return the watch after one more request of this utility."""
        return replace(self, bets=self.bets.started_again().seen(value), n=self.n + 1)

    @property
    def fell(self) -> bool:
        """Whether the mean must have fallen."""
        return self.bets.evidence >= self.patience
