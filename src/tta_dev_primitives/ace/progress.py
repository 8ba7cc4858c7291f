"""What the loop reports while it runs, for progress displays, logs and traces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..core.attributes import CONTENT, Attribute
from ..core.events import Event
from .attempt import Attempt, Probe
from .delta import AddBullet, Outcome, Result
from .events import Decision, Replayed
from .selection import Selection
from .verdict import VerdictKind

_NAME: Final = re.compile(r"[\w.]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategiesChosen(Event):
    """The strategies for a task were drawn."""

    task_id: str
    selection: Selection
    playbook_version: int

    def attributes(self) -> Mapping[str, Attribute]:
        """Return which strategies the run got, by the names that prompts show."""
        return {
            "playbox.task_id": self.task_id,
            "playbox.playbook.version": self.playbook_version,
            "playbox.strategies.selected": tuple(bullet.alias for bullet in self.selection.bullets),
            "playbox.strategies.held_out": self.selection.held_out,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStarted(Event):
    """A program is being written; `number` counts from 1 to at most `most`."""

    task_id: str
    number: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbesRun(Event):
    """Small programs were run to see what really comes back; the first attempt is written next."""

    task_id: str
    probes: tuple[Probe, ...]

    def attributes(self) -> Mapping[str, Attribute]:
        """Return how many there were."""
        return {"playbox.task_id": self.task_id, "playbox.probes": len(self.probes)}

    def contents(self) -> Mapping[str, str]:
        """Return the programs and what they showed."""
        texts = (f"{probe.code}\n{probe.seen}" for probe in self.probes)
        return {f"playbox.probe.{number}": text for number, text in enumerate(texts)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatesTried(Event):
    """Several fixes were tried; the best goes on to be judged. `scores` are 0..1, in the order written.

    The first `shared_statements` of all of them ran once, and each went on from a checkpoint of that.
    """

    task_id: str
    number: int
    scores: tuple[float, ...]
    shared_statements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramWritten(Event):
    """The program is there and is being run."""

    task_id: str
    number: int
    code: str = field(metadata=CONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptJudged(Event):
    """A program was run and judged."""

    task_id: str
    attempt: Attempt

    def attributes(self) -> Mapping[str, Attribute]:
        """Return the verdict."""
        verdict = self.attempt.verdict
        speed: dict[str, Attribute] = (
            {} if verdict.speedup is None else {"playbox.verdict.speedup": verdict.speedup}
        )
        return {
            "playbox.task_id": self.task_id,
            "playbox.attempt": self.attempt.number,
            "playbox.verdict.kind": verdict.kind.value,
            "playbox.verdict.success": verdict.success,
            "playbox.verdict.score": verdict.score,
            "playbox.verdict.unchecked": verdict.unchecked,
            "playbox.verdict.error": _as_name(verdict.error_signature),
            **speed,
        }

    def contents(self) -> Mapping[str, str]:
        """Return what the next attempt is told, which holds guest output."""
        return {"playbox.verdict.feedback": self.attempt.verdict.feedback}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReflectionStarted(Event):
    """The results are being reflected on."""

    task_id: str
    verdict: VerdictKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningSkipped(Event):
    """Nothing was learned from a run because a step of learning failed; the run's result stands."""

    task_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookChanged(Event):
    """The run was stored; `outcomes` say what became of operations, `decisions` what the evidence decided."""

    task_id: str
    outcomes: tuple[Outcome, ...]
    playbook_version: int
    playbook_size: int
    decisions: tuple[Decision, ...] = ()

    def attributes(self) -> Mapping[str, Attribute]:
        """Return the ids of the strategies that were added, and what is there now."""
        added = tuple(outcome.bullet_id for outcome in self._added() if outcome.bullet_id is not None)
        return {
            "playbox.task_id": self.task_id,
            "playbox.playbook.version": self.playbook_version,
            "playbox.playbook.size": self.playbook_size,
            "playbox.strategies.added": added,
            **self._kept_out(),
            "playbox.strategies.decided": tuple(decision.type for decision in self.decisions),
        }

    def contents(self) -> Mapping[str, str]:
        """Return the wording of what was added, which a model wrote."""
        added = (outcome.operation for outcome in self._added())
        texts = "\n".join(operation.content for operation in added if isinstance(operation, AddBullet))
        return {"playbox.strategies.content": texts} if texts else {}

    def _kept_out(self) -> Mapping[str, Attribute]:
        """Return how many operations were rejected, and how many wait for a person, where there are any."""
        results = [outcome.result for outcome in self.outcomes]
        names = {
            "playbox.strategies.rejected": Result.REJECTED,
            "playbox.strategies.proposed": Result.PROPOSED,
        }
        return {name: results.count(result) for name, result in names.items() if result in results}

    def _added(self) -> tuple[Outcome, ...]:
        return tuple(
            outcome
            for outcome in self.outcomes
            if outcome.result is Result.APPLIED and isinstance(outcome.operation, AddBullet)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyReplayed(Event):
    """A task was run with a strategy and without it."""

    task_id: str
    replayed: Replayed

    def attributes(self) -> Mapping[str, Attribute]:
        """Return the strategy and both outcomes."""
        return {
            "playbox.task_id": self.task_id,
            "playbox.replay.strategy": self.replayed.bullet,
            "playbox.replay.with_success": self.replayed.with_success,
            "playbox.replay.without_success": self.replayed.without_success,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxFailed(Event):
    """The sandbox failed and the run is repeated; the program is not to blame."""

    task_id: str
    reason: str


def _as_name(signature: str) -> str:
    """Return the name of an error, if it is one: the program chooses it, and could put any text there."""
    return signature if not signature or _NAME.fullmatch(signature) else "(no name)"
