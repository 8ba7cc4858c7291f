"""Curator: turns insights into a delta. What is unlike all bullets is added by rule; a model sees others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, assert_never

from pydantic import BaseModel, ConfigDict, Field

from ..core.context import WorkflowContext
from ..llm.types import LanguageModel, Request, Role, Usage
from .bullet import Bullet, Provenance, Trigger, bullet_id
from .delta import AddBullet, Delta, MarkConflict, Operation, ReviseBullet
from .failures import LEARNING_FAILURES
from .hygiene import clean, data_block, redact
from .layout import strategy_line
from .options import Curate
from .playbook import Playbook
from .prompts import instructions
from .reflector import Insight
from .similarity import similar
from .task import Task


class Decision(BaseModel):
    """What becomes of one insight."""

    model_config = ConfigDict(frozen=True)

    insight: Annotated[int, Field(ge=1, description="The insight's number")]
    action: Literal["add", "merge", "conflict", "drop"]
    strategy: Annotated[str | None, Field(max_length=100, description="Id, for merge and conflict")] = None
    content: Annotated[str | None, Field(max_length=480, description="The merged sentence, for merge")] = None


class Curation(BaseModel):
    """One decision for each insight."""

    model_config = ConfigDict(frozen=True)

    decisions: Annotated[tuple[Decision, ...], Field(max_length=20)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Curated:
    """A delta and what it cost to decide on it. `failure` says why the model did not decide, if so."""

    delta: Delta
    usage: Usage
    failure: str = ""


class Curator:
    """Decides by rule where it can; asks `model` about insights that resemble a bullet."""

    def __init__(self, model: LanguageModel, *, curate: Curate, domain: str) -> None:
        self._model, self._curate, self._domain = model, curate, domain

    async def curate(
        self,
        task: Task,
        insights: Sequence[Insight],
        playbook: Playbook,
        provenance: Provenance,
        context: WorkflowContext,
    ) -> Curated:
        """Return the delta that `insights` make to `playbook`.

        If the model cannot be asked, what is unlike all bullets is added all the same.
        """
        near = {n: self._near(insight, task, playbook) for n, insight in enumerate(insights, start=1)}
        asked = {n: bullets for n, bullets in near.items() if bullets is not None}
        decisions, usage, failure = dict[int, Decision](), Usage(), ""
        try:
            decisions, usage = await self._decide(task, insights, asked, context)
        except LEARNING_FAILURES as error:
            failure = f"{len(asked)} of {len(insights)} insights not curated: {error}"
        operations = [
            operation
            for number, insight in enumerate(insights, start=1)
            if not (failure and number in asked)
            for operation in self._operations(insight, decisions.get(number), task, playbook)
        ]
        delta = Delta(operations=tuple(operations), provenance=provenance)
        return Curated(delta=delta, usage=usage, failure=failure)

    def _near(self, insight: Insight, task: Task, playbook: Playbook) -> Sequence[Bullet] | None:
        """Return the bullets that the model must compare an insight with, or None if a rule decides."""
        if playbook.get(bullet_id(self._domain, insight.kind, insight.content)) is not None:
            return None
        if self._curate is Curate.ALWAYS:
            return playbook.active
        return similar(insight.content, _trigger(insight, task), playbook.active) or None

    async def _decide(
        self,
        task: Task,
        insights: Sequence[Insight],
        near: Mapping[int, Sequence[Bullet]],
        context: WorkflowContext,
    ) -> tuple[dict[int, Decision], Usage]:
        """Ask about insights that are near to a bullet; the first decision on each counts."""
        if not near:
            return {}, Usage()
        request = Request(
            role=Role.CURATOR,
            task_id=task.id,
            attempt=1,
            instructions=instructions(Role.CURATOR),
            prompt="\n\n".join(_question(n, insights[n - 1], bullets) for n, bullets in near.items()),
            output=Curation,
        )
        reply = await self._model.ask(request, context)
        decided = {d.insight: d for d in reversed(reply.output.decisions) if d.insight in near}
        return decided, reply.usage

    def _operations(
        self, insight: Insight, decision: Decision | None, task: Task, playbook: Playbook
    ) -> Iterator[Operation]:
        """Yield what a decision asks for; one that names no live bullet falls back to adding the insight."""
        add = AddBullet(
            kind=insight.kind, content=insight.content, trigger=_trigger(insight, task), domain=self._domain
        )
        if decision is None or decision.action == "add":
            yield add
            return
        if decision.action == "drop":
            return
        bullet = playbook.get(decision.strategy or "")
        if bullet is None:
            yield add
        elif decision.action == "merge":
            yield ReviseBullet(
                bullet=bullet.id,
                revision=bullet.revision,
                content=decision.content or insight.content,
                trigger=_joined(bullet.trigger, add.trigger),
            )
        elif decision.action == "conflict":
            yield add
            new = bullet_id(self._domain, insight.kind, insight.content)
            yield MarkConflict(bullet=new, other=bullet.id, reason="the curator says that they contradict")
        else:
            assert_never(decision.action)


def _trigger(insight: Insight, task: Task) -> Trigger:
    return Trigger(
        language=task.language,
        libraries=insight.libraries,
        error_signatures=insight.error_signatures,
        keywords=insight.keywords,
    ).cleaned()


def _joined(old: Trigger, new: Trigger) -> Trigger:
    """Return when either is relevant; of entries that are too many, the older ones stay."""
    return Trigger(
        language=old.language if old.language == new.language else None,
        libraries=(*old.libraries, *new.libraries),
        error_signatures=(*old.error_signatures, *new.error_signatures),
        keywords=(*old.keywords, *new.keywords),
    ).shortened()


def _question(number: int, insight: Insight, bullets: Sequence[Bullet]) -> str:
    """Return an insight and the strategies near to it as data."""
    lines = "\n".join(map(strategy_line, bullets))
    new = data_block("insight", redact(clean(f"({insight.kind}) {insight.content}")))
    return f"# Insight {number}\n{new}\nSimilar strategies:\n{data_block('strategies', lines)}"
