"""Evidence from pairs: how much a gambler has won who bets that one version is better than another."""

from __future__ import annotations

from math import comb

MOST = 1e9
"""The largest e-value that is told; claiming less than was won is allowed."""


def e_value(won: int, lost: int) -> float:
    """Return the e-value that a version which `won` and `lost` so many pairs that differ is the better one.

    If it is not, a pair that differs is won with a probability of at most 1/2, and the wealth of a gambler
    who starts with 1 cannot be expected to grow: it reaches 5 with a probability of at most 1/5, however
    often one looks (Ville's inequality). The wealth is spread evenly over bets on all rates p from 1/2 to 1:
    2 * integral of (2p)^won (2(1-p))^lost, which is a sum of binomials.

    Source: betting and e-processes as in Ramdas et al. 2023, Statistical Science 38:576-601.
    """
    differing = won + lost
    wealth = sum(comb(differing + 1, count) for count in range(won + 1))
    parts = (differing + 1) * comb(differing, won)
    return MOST if wealth >= MOST * parts else wealth / parts
