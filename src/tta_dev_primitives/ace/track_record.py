"""How much better runs with strategies are than runs without: measured on stored episodes, never assumed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .episode import Episode


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Checked runs; how many the first program solved, were carried to their end, and were solved at all."""

    runs: int = 0
    first_tries: int = 0
    finished: int = 0
    successes: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            runs=self.runs + other.runs,
            first_tries=self.first_tries + other.first_tries,
            finished=self.finished + other.finished,
            successes=self.successes + other.successes,
        )

    @property
    def first_try_rate(self) -> float:
        """Share of runs whose first program succeeded, 0..1; 0.0 if there are none."""
        return self.first_tries / self.runs if self.runs else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Runs of one task family: `informed` had strategies, the `baseline` had none."""

    baseline: Tally = Tally()
    informed: Tally = Tally()

    @property
    def both(self) -> Tally:
        """All runs."""
        return self.baseline + self.informed

    @property
    def comparable(self) -> bool:
        """True once there are runs with strategies and runs without."""
        return self.baseline.runs > 0 and self.informed.runs > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """What stored runs show. `seen` counts episodes; those of unchecked tasks count for nothing else.

    Runs are compared within their task family only: an easy family with strategies says nothing about a hard
    one without.
    """

    families: Mapping[str, Family] = field(default_factory=lambda: MappingProxyType(dict[str, Family]()))
    seen: int = 0

    def extended(self, episodes: Iterable[Episode]) -> TrackRecord:
        """Return the record with `episodes`, which follow those it has seen."""
        families, seen = dict(self.families), self.seen
        for episode in episodes:
            seen += 1
            if not episode.unchecked:
                families[episode.family] = _with(families.get(episode.family, Family()), episode)
        return TrackRecord(families=MappingProxyType(families), seen=seen)

    @property
    def solved(self) -> frozenset[str]:
        """The families with a success that was checked."""
        return frozenset(name for name, family in self.families.items() if family.both.successes)

    @property
    def success_rate(self) -> float:
        """Share of the checked runs carried to their end that succeeded, 0..1; 0.0 if there are none."""
        total = sum((family.both for family in self.families.values()), Tally())
        return total.successes / total.finished if total.finished else 0.0

    @property
    def measured(self) -> bool:
        """True once a family has runs on both sides."""
        return any(family.comparable for family in self.families.values())

    @property
    def score(self) -> float:
        """First-try success rate with strategies minus without, -1..1; 0.0 until that is measured.

        The mean over families that have both, weighted by their runs with strategies.
        """
        pairs = [
            (family.informed.runs, family.informed.first_try_rate - family.baseline.first_try_rate)
            for family in self.families.values()
            if family.comparable
        ]
        weight = sum(runs for runs, _ in pairs)
        return sum(runs * gain for runs, gain in pairs) / weight if weight else 0.0

    def __str__(self) -> str:
        if not self.measured:
            return "no baseline to compare with yet"
        compared = [family for family in self.families.values() if family.comparable]
        informed = sum((family.informed for family in compared), Tally())
        baseline = sum((family.baseline for family in compared), Tally())
        return (
            f"first-try success {informed.first_try_rate:.0%} of {informed.runs} runs with strategies "
            f"against {baseline.first_try_rate:.0%} of {baseline.runs} without"
        )


def _with(family: Family, episode: Episode) -> Family:
    one = Tally(
        runs=1,
        first_tries=episode.first_try,
        finished=not episode.cut_short,
        successes=episode.success,
    )
    if any(choice.included for choice in episode.choices):
        return Family(baseline=family.baseline, informed=family.informed + one)
    return Family(baseline=family.baseline + one, informed=family.informed)
