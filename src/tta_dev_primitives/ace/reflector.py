"""Reflector: says what the real results teach."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ..core.context import WorkflowContext
from ..core.secrets import Secrets
from ..llm.types import LanguageModel, Reply, Request, Role, Usage
from .bullet import Kind
from .events import TagKind
from .failures import LEARNING_FAILURES
from .hygiene import clean, data_block, redact
from .prompts import instructions

_MAX_CONTENT = 480
_Words = Annotated[tuple[Annotated[str, Field(max_length=100)], ...], Field(max_length=10)]


class Insight(BaseModel):
    """One lesson, and when it is relevant."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    content: Annotated[str, Field(min_length=1, max_length=_MAX_CONTENT, description="One plain sentence")]
    libraries: _Words = ()
    error_signatures: _Words = ()
    keywords: _Words = ()

    def without(self, secrets: Secrets) -> Insight:
        """Return it with `secrets` replaced."""
        words = {
            name: tuple(map(secrets.hide, getattr(self, name)))
            for name in ("libraries", "error_signatures", "keywords")
        }
        return self.model_copy(update={"content": secrets.hide(self.content), **words})


class BulletTag(BaseModel):
    """A strategy, by id, and whether it helped."""

    model_config = ConfigDict(frozen=True)

    strategy: Annotated[str, Field(max_length=100)]
    tag: TagKind


class Reflection(BaseModel):
    """What the runs teach."""

    model_config = ConfigDict(frozen=True)

    diagnosis: Annotated[str, Field(max_length=4000, description="The root cause of each failure")]
    insights: Annotated[tuple[Insight, ...], Field(max_length=8)] = ()
    tags: Annotated[tuple[BulletTag, ...], Field(max_length=100)] = ()

    def without(self, secrets: Secrets) -> Reflection:
        """Return it with `secrets` replaced: what a model says may be stored."""
        if not secrets:
            return self
        tags = (tag.model_copy(update={"strategy": secrets.hide(tag.strategy)}) for tag in self.tags)
        return self.model_copy(
            update={
                "diagnosis": secrets.hide(self.diagnosis),
                "insights": tuple(insight.without(secrets) for insight in self.insights),
                "tags": tuple(tags),
            }
        )


class Reflector:
    """Asks `model` what a run teaches; `rounds` is the most times an answer is refined.

    `told` are its static instructions, by default those about programs that were run.
    """

    def __init__(self, model: LanguageModel, *, rounds: int = 1, told: str | None = None) -> None:
        self._model, self._rounds, self._told = model, rounds, told

    async def reflect(
        self, task_id: str, prompt: str, context: WorkflowContext
    ) -> tuple[Reply[Reflection], Usage]:
        """Return the last reflection on what `prompt` tells, and what all rounds cost.

        Ends early when a round changes nothing, or when a later round fails.
        """
        reply = await self._ask(task_id, prompt, 1, context)
        usage = reply.usage
        for number in range(2, self._rounds + 1):
            before = reply.output
            said = data_block("reflection", redact(clean(before.model_dump_json())))
            refine = f"{prompt}\n\n# Refine this reflection\n{said}"
            try:
                reply = await self._ask(task_id, refine, number, context)
            except LEARNING_FAILURES:
                break
            usage += reply.usage
            if reply.output.insights == before.insights:
                break
        return reply, usage

    async def _ask(
        self, task_id: str, prompt: str, number: int, context: WorkflowContext
    ) -> Reply[Reflection]:
        request = Request(
            role=Role.REFLECTOR,
            task_id=task_id,
            attempt=number,
            instructions=self._told or instructions(Role.REFLECTOR),
            prompt=context.secrets.now.hide(prompt),
            output=Reflection,
        )
        reply = await self._model.ask(request, context)
        return replace(reply, output=reply.output.without(context.secrets.now))
