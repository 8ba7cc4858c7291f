"""How much better runs with strategies are than runs without: measured on stored episodes, never assumed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .episode import Episode


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Runs, and how many succeeded at all and at the first try."""

    runs: int = 0
    successes: int = 0
    first_tries: int = 0

    def plus(self, episode: Episode) -> Tally:
        """Return the tally with one more run."""
        return Tally(
            runs=self.runs + 1,
            successes=self.successes + episode.success,
            first_tries=self.first_tries + episode.first_try,
        )

    @property
    def success_rate(self) -> float:
        """Share of runs that succeeded, 0..1; 0.0 if there are none."""
        return self.successes / self.runs if self.runs else 0.0

    @property
    def first_try_rate(self) -> float:
        """Share of runs whose first program succeeded, 0..1; 0.0 if there are none."""
        return self.first_tries / self.runs if self.runs else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """Runs that had strategies, against the baseline: runs that had none.

    `solved` are the task families with a success that was checked.
    """

    baseline: Tally = Tally()
    informed: Tally = Tally()
    solved: frozenset[str] = frozenset()

    @classmethod
    def of(cls, episodes: Iterable[Episode]) -> TrackRecord:
        """Count `episodes`."""
        result = cls()
        for episode in episodes:
            result = result.plus(episode)
        return result

    def plus(self, episode: Episode) -> TrackRecord:
        """Return the counts with one more run."""
        solved = self.solved | {episode.family} if episode.success else self.solved
        if any(choice.included for choice in episode.choices):
            return replace(self, informed=self.informed.plus(episode), solved=solved)
        return replace(self, baseline=self.baseline.plus(episode), solved=solved)

    @property
    def measured(self) -> bool:
        """True once there are runs on both sides."""
        return self.baseline.runs > 0 and self.informed.runs > 0

    @property
    def score(self) -> float:
        """First-try success rate with strategies minus without, -1..1; 0.0 until both are measured."""
        return self.informed.first_try_rate - self.baseline.first_try_rate if self.measured else 0.0

    @property
    def success_rate(self) -> float:
        """Share of all runs that succeeded."""
        both = self.baseline.runs + self.informed.runs
        return (self.baseline.successes + self.informed.successes) / both if both else 0.0

    def __str__(self) -> str:
        if not self.measured:
            return "no baseline to compare with yet"
        return (
            f"first-try success {self.informed.first_try_rate:.0%} of {self.informed.runs} runs with "
            f"strategies against {self.baseline.first_try_rate:.0%} of {self.baseline.runs} without"
        )
