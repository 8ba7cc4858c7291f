"""Episode, observations and result of a run: the loop's values as evidence and as an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ..core.context import WorkflowContext, new_id
from ..core.secrets import Secrets
from ..llm.types import Origin, Source, Usage
from .attempt import Attempt, Generation, Probe
from .content import clean_content, clean_line
from .delta import AddBullet, Outcome, Result
from .episode import AttemptRecord, Episode, ProbeRecord
from .events import Observe
from .hygiene import cap, clean, redact, redact_stored, redact_task
from .playbook import Playbook
from .result import LearningResult
from .selection import Selection, observations
from .task import Task
from .track_record import TrackRecord

_MAX_STORED = 20_000


def now() -> str:
    """Return the time as ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One task under way.

    `probes` were run before the first attempt, and asking for them cost `probing`. `pending` is a program
    that is written and not judged yet. `learning` is what reflection and curation cost. `cut_short` says why
    there are no more attempts, if not for success or their number; `note` why nothing, or not everything, was
    learned.
    """

    task: Task
    playbook: Playbook
    selection: Selection
    probes: tuple[Probe, ...] = ()
    probing: Usage = field(default_factory=Usage)
    attempts: tuple[Attempt, ...] = ()
    pending: Generation | None = None
    cut_short: str = ""
    learning: Usage = field(default_factory=Usage)
    reflected: bool = False
    note: str = ""
    episode_id: str = field(default_factory=new_id)
    started_at: str = field(default_factory=now)

    @property
    def last(self) -> Attempt:
        """The attempt that decided."""
        return self.attempts[-1]

    @property
    def first_try(self) -> bool:
        """True if the first program succeeded."""
        return self.attempts[0].verdict.success

    @property
    def unsolved(self) -> bool:
        """True while another attempt may be made."""
        solved = bool(self.attempts) and self.last.verdict.success
        return not (solved or self.cut_short or len(self.attempts) >= self.task.max_iterations)

    def judged(self, attempt: Attempt) -> Run:
        """Return the run with the pending program judged."""
        return replace(self, attempts=(*self.attempts, attempt), pending=None)

    def without(self, secrets: Secrets) -> Run:
        """Return the run as it may be told: to a model, in a note or in a file. Judged it was as it is."""
        task = self.task.model_copy(
            update={
                "task": redact_task(self.task.task, secrets),
                "context": redact_task(self.task.context, secrets),
                "code": redact_task(self.task.code, secrets),
            }
        )
        return replace(
            self,
            task=task,
            probes=tuple(one.without(secrets) for one in self.probes),
            attempts=tuple(one.without(secrets) for one in self.attempts),
            cut_short=redact(self.cut_short, secrets),
            note=redact(self.note, secrets),
        )

    @property
    def usage(self) -> Usage:
        """What all roles cost together."""
        pending = self.pending.usage if self.pending else Usage()
        spent = self.probing + self.learning + pending
        return sum((attempt.generation.usage for attempt in self.attempts), spent)

    @property
    def source(self) -> Source:
        """Who wrote the last program."""
        return self.last.generation.source


def episode_of(run: Run, context: WorkflowContext) -> Episode:
    """Return the run as evidence, without secrets. Which bullets it added is for the store to say."""
    run = run.without(context.secrets.now)
    last, usage, source = run.last, run.usage, run.source
    return Episode(
        id=run.episode_id,
        run_id=context.workflow_id,
        task_id=run.task.id,
        family=run.task.family,
        task=stored(run.task.task),
        language=run.task.language,
        playbook_version=run.playbook.version,
        held_out=run.selection.held_out,
        choices=run.selection.choices,
        probes=tuple(ProbeRecord(code=stored(one.code), seen=stored(one.seen)) for one in run.probes),
        attempts=tuple(map(_attempt_record, run.attempts)),
        success=last.verdict.success,
        first_try=run.first_try,
        verdict=last.verdict.kind,
        score=last.verdict.score,
        tokens=usage.tokens,
        calls=usage.calls,
        usd=usage.usd,
        seed=run.selection.seed,
        model=clean_line(source.model),
        origin=source.origin,
        recorded=source.recorded,
        started_at=run.started_at,
        finished_at=now(),
        unchecked=last.verdict.unchecked,
        cut_short=run.cut_short,
        reflected=run.reflected,
    )


def observations_of(run: Run) -> tuple[Observe, ...]:
    """Return one observation a relevant bullet: was it included, and did the first program succeed?

    The first program, because what follows it is steered by the real error as well.
    """
    first = run.attempts[0].verdict
    success = None if first.unchecked else first.success
    return observations(run.selection, run.episode_id, success=success, score=first.score)


def result_of(
    run: Run, playbook: Playbook, outcomes: Sequence[Outcome], record: TrackRecord
) -> LearningResult:
    """Return the run as the caller sees it."""
    verdict, usage = run.last.verdict, run.usage
    learned = added_contents(outcomes)
    return LearningResult(
        result=run.last.judgement.executions[0].stdout,
        code_generated=run.last.code,
        execution_success=verdict.success,
        strategies_learned=len(learned),
        playbook_size=playbook.size,
        improvement_score=record.score,
        learning_summary=_summary(run, playbook, outcomes, record),
        verdict=verdict.kind,
        unchecked=verdict.unchecked,
        score=verdict.score,
        feedback=verdict.feedback,
        attempts=len(run.attempts),
        strategies_used=tuple(bullet.alias for bullet in run.selection.bullets),
        learned=learned,
        task_id=run.task.id,
        episode_id=run.episode_id,
        model=str(run.source),
        replayed=run.source.origin is Origin.REPLAYED,
        isolation=run.last.judgement.execution.isolation,
        tokens=usage.tokens,
        calls=usage.calls,
        usd=usage.usd,
        speedup=verdict.speedup,
    )


def added_contents(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Return the contents of the bullets that were really added, as they are stored."""
    return tuple(
        clean_content(outcome.operation.kind, outcome.operation.content)
        for outcome in outcomes
        if outcome.result is Result.APPLIED and isinstance(outcome.operation, AddBullet)
    )


def _summary(run: Run, playbook: Playbook, outcomes: Sequence[Outcome], record: TrackRecord) -> str:
    """Return in a line what became of the run, what was learned, and how runs compare so far."""
    verdict = run.last.verdict
    tries = f"{len(run.attempts)} attempt{'s' if len(run.attempts) > 1 else ''}"
    did = "succeeded" if verdict.success else f"failed ({verdict.kind})"
    parts = [
        f"{did} after {tries}{', unchecked' if verdict.unchecked else ''}",
        f"stopped early: {run.cut_short}" if run.cut_short else "",
        f"learned {len(added_contents(outcomes))} new, playbook holds {playbook.size}",
        _rejections(outcomes),
        str(record),
        run.note,
        str(run.source) if run.source.origin is Origin.REPLAYED else "",
    ]
    return "; ".join(filter(None, parts))


def _rejections(outcomes: Sequence[Outcome]) -> str:
    told = [_told(outcomes, Result.REJECTED, "rejected"), _told(outcomes, Result.PROPOSED, "proposed")]
    return "; ".join(filter(None, told))


def _told(outcomes: Sequence[Outcome], result: Result, word: str) -> str:
    """Return how many came to this end, with the reasons; what is proposed waits for a person."""
    reasons = [outcome.reason for outcome in outcomes if outcome.result is result]
    return f"{len(reasons)} {word} ({'; '.join(dict.fromkeys(reasons))})" if reasons else ""


def _attempt_record(attempt: Attempt) -> AttemptRecord:
    verdict, generation = attempt.verdict, attempt.generation
    return AttemptRecord(
        number=attempt.number,
        code=stored(attempt.code),
        verdict=verdict.kind,
        success=verdict.success,
        score=verdict.score,
        feedback=redact_stored(verdict.feedback),
        stop=attempt.judgement.execution.stop,
        isolation=attempt.judgement.execution.isolation,
        cited=generation.cited,
        tokens=generation.usage.tokens,
        usd=generation.usage.usd,
        wall_s=sum(execution.usage.wall_s for execution in attempt.judgement.executions),
        error_signature=stored(verdict.error_signature),
        speedup=verdict.speedup,
    )


def stored(text: str) -> str:
    """Return text of a guest, a model or a user as it is kept."""
    return cap(redact_stored(clean(text)), _MAX_STORED)
