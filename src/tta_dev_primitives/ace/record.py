"""Episode, observations and result of a run: the loop's values as evidence and as an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ..core.context import WorkflowContext, new_id
from ..llm.types import Origin, Source, Usage
from .attempt import Attempt
from .bullet import bullet_id
from .content import clean_content
from .delta import AddBullet, Delta, Outcome, Result
from .episode import AttemptRecord, Episode
from .events import Observe
from .hygiene import cap, clean, redact
from .playbook import Playbook
from .result import LearningResult
from .selection import Selection
from .task import Task
from .track_record import TrackRecord

_MAX_STORED = 20_000


def now() -> str:
    """Return the time as ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One task under way. `learning` is what reflection and curation cost; `note`: why it was cut short."""

    task: Task
    playbook: Playbook
    selection: Selection
    attempts: tuple[Attempt, ...] = ()
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
    def usage(self) -> Usage:
        """What all roles cost together."""
        return sum((attempt.generation.usage for attempt in self.attempts), self.learning)

    @property
    def source(self) -> Source:
        """Who wrote the last program."""
        return self.last.generation.source


def episode_of(run: Run, context: WorkflowContext, added: Sequence[str] = ()) -> Episode:
    """Return the run as evidence."""
    last, usage, source = run.last, run.usage, run.source
    return Episode(
        id=run.episode_id,
        run_id=context.workflow_id,
        task_id=run.task.id,
        family=run.task.family,
        task=_stored(run.task.task),
        language=run.task.language,
        playbook_version=run.playbook.version,
        held_out=run.selection.held_out,
        choices=run.selection.choices,
        attempts=tuple(map(_attempt_record, run.attempts)),
        success=last.verdict.success,
        first_try=run.first_try,
        verdict=last.verdict.kind,
        score=last.verdict.score,
        tokens=usage.tokens,
        calls=usage.calls,
        usd=usage.usd,
        seed=run.selection.seed,
        model=source.model,
        origin=source.origin,
        recorded=source.recorded,
        started_at=run.started_at,
        finished_at=now(),
        reflected=run.reflected,
        added=tuple(added),
    )


def observations_of(run: Run) -> tuple[Observe, ...]:
    """Return one observation a relevant bullet: was it included, and did the first program succeed?

    The first program, because what follows it is steered by the real error as well.
    """
    first = run.attempts[0].verdict
    return tuple(
        Observe(
            bullet=choice.bullet_id,
            episode_id=run.episode_id,
            included=choice.included,
            propensity=choice.propensity,
            success=None if first.unchecked else first.success,
            score=first.score,
        )
        for choice in run.selection.choices
    )


def result_of(
    run: Run, playbook: Playbook, outcomes: Sequence[Outcome], improvement: TrackRecord
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
        improvement_score=improvement.score,
        learning_summary=_summary(run, playbook, learned, improvement),
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
        speedup=verdict.timing.speedup if verdict.timing else None,
    )


def added_contents(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Return the contents of the bullets that were really added, as they are stored."""
    return tuple(
        clean_content(outcome.operation.kind, outcome.operation.content)
        for outcome in outcomes
        if outcome.result is Result.APPLIED and isinstance(outcome.operation, AddBullet)
    )


def added_ids(delta: Delta | None) -> tuple[str, ...]:
    """Return the ids that the bullets of a delta have, or will have."""
    operations = delta.operations if delta else ()
    adds = [operation for operation in operations if isinstance(operation, AddBullet)]
    return tuple(bullet_id(add.domain, add.kind, add.content) for add in adds)


def _summary(run: Run, playbook: Playbook, learned: Sequence[str], improvement: TrackRecord) -> str:
    tries = f"{len(run.attempts)} attempt{'s' if len(run.attempts) > 1 else ''}"
    did = "succeeded" if run.last.verdict.success else f"failed ({run.last.verdict.kind})"
    parts = [f"{did} after {tries}{', unchecked' if run.last.verdict.unchecked else ''}"]
    parts.append(f"learned {len(learned)} new, playbook holds {playbook.size}")
    parts.append(str(improvement))
    if run.note:
        parts.append(run.note)
    if run.source.origin is Origin.REPLAYED:
        parts.append(str(run.source))
    return "; ".join(parts)


def _attempt_record(attempt: Attempt) -> AttemptRecord:
    verdict, generation = attempt.verdict, attempt.generation
    return AttemptRecord(
        number=attempt.number,
        code=_stored(attempt.code),
        verdict=verdict.kind,
        success=verdict.success,
        score=verdict.score,
        feedback=verdict.feedback,
        stop=attempt.judgement.execution.stop,
        isolation=attempt.judgement.execution.isolation,
        cited=generation.cited,
        tokens=generation.usage.tokens,
        usd=generation.usage.usd,
        wall_s=sum(execution.usage.wall_s for execution in attempt.judgement.executions),
    )


def _stored(text: str) -> str:
    return cap(redact(clean(text)), _MAX_STORED)
