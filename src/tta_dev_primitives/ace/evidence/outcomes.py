"""Outcomes: what a stored episode says about the bullets that were relevant to it."""

from __future__ import annotations

from dataclasses import dataclass

from ..episode import Choice, Episode
from ..verdict import VerdictKind

WINDOW = 600
"""How many of the latest judged runs the estimate uses: models and libraries change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One judged run: which bullets were relevant, which were in, and did the first program succeed?"""

    family: str
    choices: tuple[Choice, ...]
    success: bool


def outcome_of(episode: Episode) -> Outcome | None:
    """Return the outcome of an episode, or None where nobody could tell: no checks, or our own outage.

    A run that was held out counts, with every relevant bullet left out. Later attempts do not count: they
    are steered by the real error as well (docs/adr/0005-the-first-program-is-the-evidence.md).
    """
    if episode.unchecked:
        return None
    if any(attempt.verdict == VerdictKind.INFRASTRUCTURE for attempt in episode.attempts[:1]):
        return None
    return Outcome(family=episode.family, choices=episode.choices, success=episode.first_try)
