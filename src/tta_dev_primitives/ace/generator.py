"""Generator: writes the program, with the playbook's strategies and the results of earlier attempts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ..core.context import WorkflowContext
from ..core.errors import ModelOutputInvalid
from ..llm.types import LanguageModel, Request, Role
from .attempt import Attempt, Generation
from .layout import generator_prompt
from .prompts import instructions
from .selection import Selection
from .task import MAX_TEXT, Task

_FENCE = re.compile(r"\A\s*```[^\n`]*\n(?P<code>.*?)\n?```\s*\Z", re.DOTALL)


class Program(BaseModel):
    """The complete program."""

    model_config = ConfigDict(frozen=True)

    plan: Annotated[str, Field(description="How the program does it, in one or two sentences")]
    code: Annotated[str, Field(max_length=MAX_TEXT, description="The whole program, without code fences")]
    strategies: Annotated[
        tuple[str, ...], Field(max_length=100, description="Ids of the strategies that were followed")
    ] = ()


class Generator:
    """Asks `model` for programs."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    async def generate(
        self, task: Task, selection: Selection, attempts: Sequence[Attempt], context: WorkflowContext
    ) -> Generation:
        """Return the next program, after `attempts` that failed.

        Raises:
            ModelOutputInvalid: the answer holds no program.
        """
        request = Request(
            role=Role.GENERATOR,
            task_id=task.id,
            attempt=len(attempts) + 1,
            instructions=instructions(Role.GENERATOR),
            prompt=generator_prompt(task, selection, attempts),
            output=Program,
        )
        reply = await self._model.ask(request, context)
        code = without_fence(reply.output.code)
        if not code.strip():
            raise ModelOutputInvalid(f"{self._model.name} answered without a program to task {task.id!r}")
        return Generation(
            code=code,
            cited=tuple(dict.fromkeys(filter(None, map(selection.shown, reply.output.strategies)))),
            usage=reply.usage,
            source=reply.source,
        )


def without_fence(code: str) -> str:
    """Return `code` without a markdown fence around it, which models add although told not to."""
    fenced = _FENCE.match(code)
    return fenced["code"] if fenced else code
