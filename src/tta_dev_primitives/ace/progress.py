"""What the loop reports while it runs, for progress displays, logs and traces."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.events import Event
from .attempt import Attempt, Probe
from .delta import Outcome
from .events import Decision, Replayed
from .selection import Selection
from .verdict import VerdictKind


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategiesChosen(Event):
    """The strategies for a task were drawn."""

    task_id: str
    selection: Selection
    playbook_version: int


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
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptJudged(Event):
    """A program was run and judged."""

    task_id: str
    attempt: Attempt


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyReplayed(Event):
    """A task was run with a strategy and without it."""

    task_id: str
    replayed: Replayed


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxFailed(Event):
    """The sandbox failed and the run is repeated; the program is not to blame."""

    task_id: str
    reason: str
