"""What the gate measured and decided, as values that can be written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ...core.attributes import Attribute
from ...core.events import Event
from ..events import GateResult
from ..evidence.wealth import e_value, log_e_of_pairs
from ..statistics import Estimate, Pairs, tango
from ..value import Value


class Pair(Value):
    """A held-out task that two versions played: did the first program of each succeed?"""

    task_id: str
    family: str
    base: bool
    new: bool


class FamilyScore(Value):
    """The pairs of one family of tasks, counted; `won` and `lost` by the new version."""

    family: str
    won: int
    lost: int
    both: int
    neither: int


class Match(Value):
    """A version against another, the base, on the same tasks."""

    pairs: tuple[Pair, ...] = ()

    @property
    def won(self) -> int:
        """Tasks that only the new version solved."""
        return sum(pair.new and not pair.base for pair in self.pairs)

    @property
    def lost(self) -> int:
        """Tasks that only the base solved."""
        return sum(pair.base and not pair.new for pair in self.pairs)

    @property
    def e_better(self) -> float:
        """The e-value that the new version is better."""
        return e_value(log_e_of_pairs(self.won, self.lost))

    @property
    def e_worse(self) -> float:
        """The e-value that the new version is worse."""
        return e_value(log_e_of_pairs(self.lost, self.won))

    @property
    def difference(self) -> Estimate | None:
        """The success rate of the new version minus that of the base, None without a pair."""
        if not self.pairs:
            return None
        return tango(Pairs.of([pair.base for pair in self.pairs], [pair.new for pair in self.pairs]))

    @property
    def families(self) -> tuple[FamilyScore, ...]:
        """The families that were played, in alphabetical order."""
        counts = Counter((pair.family, pair.base, pair.new) for pair in self.pairs)
        return tuple(
            FamilyScore(
                family=name,
                won=counts[name, False, True],
                lost=counts[name, True, False],
                both=counts[name, True, True],
                neither=counts[name, False, False],
            )
            for name in sorted({pair.family for pair in self.pairs})
        )

    def lost_families(self, by: int) -> tuple[str, ...]:
        """Return the families of which the new version lost at least `by` tasks more than it won."""
        return tuple(score.family for score in self.families if score.lost - score.won >= by)


class Culprit(Value):
    """A change that made the playbook worse: the `event` that led to `version`, on the bullet `bullet`."""

    version: int
    event: str
    bullet: str
    content: str


class Skipped(Value):
    """A play that a failing model, sandbox or store prevented; it counts for nobody."""

    task_id: str
    reason: str


class GateReport(Value):
    """What the gate did with the playbook at `version`.

    `champion` is the version of the champion, 0 for the empty playbook. The matches are of this version
    against the champion, and of both against the empty playbook. `undone` counts the changes that were rolled
    back; `culprits` are those that bisecting found, none where all had to be undone. `plays` were made, and
    `saved` were known already. `spent` says what ended the plays early, if something did.
    """

    result: GateResult
    reason: str
    version: int
    champion: int
    against_champion: Match
    against_empty: Match
    champion_against_empty: Match
    undone: int = 0
    culprits: tuple[Culprit, ...] = ()
    plays: int
    saved: int
    skipped: tuple[Skipped, ...] = ()
    spent: str = ""

    @property
    def e_value(self) -> float:
        """The e-value for the result."""
        if self.result is GateResult.ROLLED_BACK:
            return max(match.e_worse for match in (self.against_champion, self.against_empty))
        return self.against_champion.e_better


@dataclass(frozen=True, slots=True, kw_only=True)
class GateDecided(Event):
    """The gate has decided, and its decision is stored."""

    report: GateReport

    def attributes(self) -> Mapping[str, Attribute]:
        """Return the decision and what it cost."""
        return {
            "playbox.gate.result": self.report.result.value,
            "playbox.gate.reason": self.report.reason,
            "playbox.gate.e_value": self.report.e_value,
            "playbox.gate.plays": self.report.plays,
            "playbox.gate.undone": self.report.undone,
            "playbox.playbook.version": self.report.version,
        }
