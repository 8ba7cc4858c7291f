"""Runs, histories and results for the tests of this folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tta_dev_primitives.ace.bullet import Provenance
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.episode import AttemptRecord, Choice, Episode
from tta_dev_primitives.ace.events import Add, PlaybookEvent, Recorded, record
from tta_dev_primitives.ace.metrics import Metric, Reading, Stored, definition
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.training.result import Phase, TaskResult

START = datetime(2031, 1, 1, tzinfo=UTC)
PASSED, FAILED = (), ("KeyError",)


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A run to be: `errors` are the names of what its programs failed with before the last one passed."""

    task: str
    family: str = "general"
    errors: Sequence[str] = PASSED
    gave_up: bool = False
    strategies: Sequence[str] = ()
    held_out: bool = False
    unchecked: bool = False
    cut_short: str = ""
    calls: int = 1
    tokens: int = 100
    seconds: float = 10
    speedup: float | None = None
    added: Sequence[str] = ()
    recorded: str | None = None

    def episode(self, number: int) -> Episode:
        """The run as the `number`-th one, a minute after the one before."""
        names = [*self.errors, *([] if self.gave_up else [""])]
        started = START + timedelta(minutes=number)
        return Episode(
            id=f"episode-{number}",
            run_id=f"run-{number}",
            task_id=self.task,
            family=self.family,
            task="Print.",
            language="python",
            playbook_version=1,
            held_out=self.held_out,
            choices=tuple(
                Choice(bullet_id=name, propensity=0.9, included=not self.held_out, core=False)
                for name in self.strategies
            ),
            attempts=tuple(self._attempt(place, name) for place, name in enumerate(names, start=1)),
            success=not self.gave_up,
            first_try=not self.errors,
            verdict="runtime_error" if self.gave_up else "passed",
            score=float(not self.gave_up),
            tokens=self.tokens,
            calls=self.calls,
            seed=1,
            model="m",
            origin="live",
            recorded=self.recorded,
            started_at=started.isoformat(),
            finished_at=(started + timedelta(seconds=self.seconds)).isoformat(),
            unchecked=self.unchecked,
            cut_short=self.cut_short,
            added=tuple(self.added),
        )

    def _attempt(self, number: int, error: str) -> AttemptRecord:
        return AttemptRecord(
            number=number,
            code="pass",
            verdict="runtime_error" if error else "passed",
            success=not error,
            score=float(not error),
            feedback="",
            stop="completed",
            isolation="namespaces",
            error_signature=error,
            speedup=None if error else self.speedup,
        )


def outcome(  # noqa: PLR0913  # one argument for each thing that counts
    *,
    phase: Phase = Phase.TEST,
    epoch: int = 1,
    window: int = 0,
    task: str = "task",
    success: bool = True,
    first_try: bool = True,
    attempts: int = 1,
    probes: int = 0,
    calls: int = 2,
    version: int = 0,
) -> TaskResult:
    """A line of a run folder's results; from version 1 on the playbook holds 3 strategies."""
    return TaskResult(
        phase=phase,
        epoch=epoch,
        window=window,
        position=0,
        task_id=task,
        family="general",
        success=success,
        first_try=first_try,
        attempts=attempts,
        probes=probes,
        calls=calls,
        input_tokens=80,
        cached_tokens=0,
        output_tokens=20,
        usd=None,
        seconds=4.0,
        verdict="passed" if success else "tests_failed",
        error_signature="",
        playbook_version=version,
        playbook_size=3 if version else 0,
        playbook_tokens=60 if version else 0,
        episode_id="",
    )


def after(number: int, event: PlaybookEvent, actor: str = "playbox", run: str | None = None) -> Recorded:
    """Return the record of an event right after the `number`-th run ended, of 10 seconds."""
    at = int((START + timedelta(minutes=number, seconds=11)).timestamp()) * 10**9
    return record(event, at=at, run_id=run or f"run-{number}", actor=actor)


def added(name: str, *, task: str = "task", origin: str = "live", supersedes: str | None = None) -> Add:
    return Add(
        bullet=name,
        kind=Kind.RULE,
        content=f"Lesson {name}.",
        provenance=Provenance(task_id=task, run_id="run", model="m", actor="curator", origin=origin),
        supersedes=supersedes,
    )


def stored(
    *runs: Ran,
    history: Sequence[Recorded] = (),
    results: Sequence[TaskResult] = (),
    since: datetime | None = None,
) -> Stored:
    return Stored.of(
        playbook=Playbook.fold(history),
        episodes=[run.episode(number) for number, run in enumerate(runs)],
        history=history,
        results=results,
        since=since,
    )


def metric(name: str, of: Stored) -> Metric:
    return definition(name).of(of)


def reading(name: str, what: str, of: Stored) -> Reading:
    """Return the reading that begins with `what`."""
    (found,) = [one for one in metric(name, of).readings if one.what.startswith(what)]
    return found
