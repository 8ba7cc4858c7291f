"""Differences as a page shows them: with a minus sign in place of a hyphen."""

from __future__ import annotations

from ...ace.statistics import Estimate
from .. import numbers

_MINUS = "\N{MINUS SIGN}"


def points(difference: float) -> str:
    """Return a difference of shares in points."""
    return numbers.points(difference).replace("-", _MINUS)


def points_interval(difference: Estimate) -> str:
    """Return the interval of a difference of shares, in points."""
    return numbers.points_interval(difference).replace("-", _MINUS)
