"""Student: what a judged run of a step teaches."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ...ace.bullet import Provenance
from ...ace.content import clean_line
from ...ace.curator import Curator
from ...ace.delta import Delta
from ...ace.events import Tag
from ...ace.learning import related, tags_of, worth_reflecting
from ...ace.options import AceOptions
from ...ace.reflector import Reflection, Reflector
from ...ace.relevance import RelevanceIndex
from ...ace.track_record import TrackRecord
from ...core.context import WorkflowContext
from ...core.errors import PlayboxError
from ...llm.types import Reply, Usage
from .taken import Lived, reflector_prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Studied:
    """What a run teaches, and what it cost to find out. `failure` is why it is not all, if so."""

    delta: Delta | None = None
    tags: tuple[Tag, ...] = ()
    usage: Usage = field(default_factory=Usage)
    reflected: bool = False
    failure: PlayboxError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Student:
    """Reflector and curator together, with the rule that says when to ask them."""

    reflector: Reflector
    curator: Curator
    options: AceOptions
    index: RelevanceIndex

    async def study(self, lived: Lived, seen: TrackRecord, context: WorkflowContext) -> Studied:
        """Return what a run teaches; if a model, the budget or the time fails, what there is without it."""
        success, new = lived.outcome.success, lived.taken.about.family not in seen.solved
        if success is None or not worth_reflecting(self.options.reflect, success=success, new=new):
            return Studied()
        known = related(self.index, lived.taken.playbook, lived.taken.about)
        prompt = reflector_prompt(lived, known)
        try:
            reply, cost = await self.reflector.reflect(lived.taken.about.id, prompt, context)
        except PlayboxError as error:
            return Studied(failure=error)
        studied = Studied(
            tags=tags_of(lived.taken.selection, reply.output, lived.episode_id), usage=cost, reflected=True
        )
        try:
            return await self._curated(studied, lived, reply, context)
        except PlayboxError as error:
            return replace(studied, failure=error)

    async def _curated(
        self, studied: Studied, lived: Lived, reply: Reply[Reflection], context: WorkflowContext
    ) -> Studied:
        provenance = Provenance(
            task_id=lived.taken.about.id,
            run_id=context.workflow_id,
            model=clean_line(reply.source.model),
            actor="curator",
            origin=reply.source.origin,
            taints=("step_output",),
        )
        curated = await self.curator.curate(
            lived.taken.about, reply.output.insights, lived.taken.playbook, provenance, context
        )
        return replace(studied, delta=curated.delta, usage=studied.usage + curated.usage)
