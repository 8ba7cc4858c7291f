"""Learning from a run: reflect where there is something to learn, curate, and say what to tag."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice

from ..core.context import WorkflowContext
from ..llm.types import Reply
from .bullet import EXECUTION_OUTPUT, NETWORK, Bullet, Provenance
from .content import clean_line
from .curator import Curator
from .delta import Delta
from .events import Tag
from .failures import LEARNING_FAILURES
from .layout import reflector_prompt
from .options import AceOptions, Reflect
from .playbook import Playbook
from .progress import LearningSkipped, ReflectionStarted
from .record import Run
from .reflector import Reflection, Reflector
from .relevance import RelevanceIndex
from .selection import Selection
from .topic import Topic
from .track_record import TrackRecord
from .trial import Trial

_KNOWN = 12
"""Bullets that the reflector is shown beside those in use, so that it does not repeat them."""


def related(index: RelevanceIndex, playbook: Playbook, topic: Topic) -> tuple[Bullet, ...]:
    """Return the bullets that bear on a topic, most relevant first, as many as a reflector is shown."""
    return tuple(islice(index.ranked(playbook, topic), _KNOWN))


def worth_reflecting(reflect: Reflect, *, success: bool | None, new: bool) -> bool:
    """Tell whether to reflect on a run whose first try decided; `new` if its family was never solved.

    None is a success that nobody checked.
    """
    if reflect is not Reflect.INFORMATIVE:
        return reflect is Reflect.ALWAYS
    return success is False or (success is True and new)


def tags_of(selection: Selection, reflection: Reflection, episode_id: str) -> tuple[Tag, ...]:
    """Return one tag a shown strategy; a model may name others, and may repeat itself."""
    named = {selection.shown(tag.strategy): tag.tag for tag in reflection.tags}
    return tuple(
        Tag(bullet=bullet, tag=tag, episode_id=episode_id) for bullet, tag in named.items() if bullet
    )


def taints_of(run: Run) -> tuple[str, ...]:
    """Return what a lesson of `run` carries: what its programs printed, and perhaps what others told them."""
    executions = (one for attempt in run.attempts for one in attempt.judgement.executions)
    return (EXECUTION_OUTPUT, NETWORK) if any(one.networked for one in executions) else (EXECUTION_OUTPUT,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What a run teaches: the run with its costs, and a delta and tags to commit."""

    run: Run
    delta: Delta | None = None
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflected:
    """A run with what reflecting cost, and the reflection if there is one."""

    run: Run
    reply: Reply[Reflection] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """Reflector and curator together, with the rule that says when to ask them; `index` knows what bears.

    `trial` tries the snippets among what is learned.
    """

    reflector: Reflector
    curator: Curator
    options: AceOptions
    index: RelevanceIndex
    trial: Trial

    async def reflect(self, run: Run, seen: TrackRecord, context: WorkflowContext) -> Reflected:
        """Return what `run` teaches. If a model, the budget or the time fails, the run stands without it.

        Raises:
            ModelRejected: the key or the model name is wrong.
            CassetteError: a replay has no answer; it would leave another playbook.
        """
        if not self._worth_reflecting(run, seen):
            return Reflected(run=run)
        context.emit(ReflectionStarted(task_id=run.task.id, verdict=run.last.verdict.kind))
        try:
            known = related(self.index, run.playbook, run.task)
            prompt = reflector_prompt(run.without(context.secrets.now), known)
            reply, cost = await self.reflector.reflect(run.task.id, prompt, context)
        except LEARNING_FAILURES as error:
            reason = f"nothing learned from this run: {error}"
            context.emit(LearningSkipped(task_id=run.task.id, reason=reason))
            return Reflected(run=replace(run, note=reason))
        return Reflected(run=replace(run, learning=run.learning + cost, reflected=True), reply=reply)

    async def curate(self, reflected: Reflected, playbook: Playbook, context: WorkflowContext) -> Learned:
        """Return the delta that a reflection makes to `playbook`, which may be later than the run's own.

        Raises:
            ModelRejected, CassetteError: as `reflect`.
        """
        run, reply = reflected.run, reflected.reply
        if reply is None:
            return Learned(run=run)
        provenance = Provenance(
            task_id=run.task.id,
            run_id=context.workflow_id,
            model=clean_line(reply.source.model),
            actor="curator",
            origin=reply.source.origin,
            taints=taints_of(run),
        )
        curated = await self.curator.curate(run.task, reply.output.insights, playbook, provenance, context)
        return Learned(
            run=replace(run, learning=run.learning + curated.usage, note=curated.failure),
            delta=await self.trial.bounded(curated.delta, playbook, context, files=run.task.files),
            tags=tags_of(run.selection, reply.output, run.episode_id),
        )

    def _worth_reflecting(self, run: Run, seen: TrackRecord) -> bool:
        if run.probes or len(run.attempts) > 1:
            return self.options.reflect is not Reflect.NEVER
        success = (
            None if run.last.verdict.unchecked and run.last.verdict.success else run.last.verdict.success
        )
        return worth_reflecting(self.options.reflect, success=success, new=run.task.family not in seen.solved)
