"""Figures for people: shares as whole percents, intervals as `low to high`, counts with separators."""

from __future__ import annotations

from typing import Final

from ..ace.statistics import Estimate

_TENTHS_TELL_NOTHING: Final = 100


def percent(share: float) -> str:
    """Return a share such as `94 %`."""
    return f"{round(100 * share)} %"


def interval(share: Estimate) -> str:
    """Return the interval of a share such as `72 to 99 %`."""
    return f"{round(100 * share.low)} to {round(100 * share.high)} %"


def points(difference: float) -> str:
    """Return a difference of shares in points such as `+38` or `-5`."""
    rounded = round(100 * difference)
    return f"{rounded:+d}" if rounded else "0"


def points_interval(difference: Estimate) -> str:
    """Return the interval of a difference such as `+5 to +66`."""
    return f"{points(difference.low)} to {points(difference.high)}"


def decimal(value: float) -> str:
    """Return a mean such as `1.7`, `12.3` or `1,240`: three digits that matter, never a power of ten."""
    return f"{value:,.0f}" if abs(value) >= _TENTHS_TELL_NOTHING else f"{value:.1f}"


def money(usd: float | None) -> str:
    """Return an amount such as `0.42 USD`; small ones with the digits that they need."""
    if usd is None:
        return "price unknown"
    return f"{usd:.2f} USD" if usd >= 1 or usd == 0 else f"{usd:.2g} USD"
