"""Generator: writes the program, with the playbook's strategies and the results of earlier attempts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ..core.context import WorkflowContext
from ..core.errors import ModelOutputInvalid
from ..llm.types import LanguageModel, Reply, Request, Role, T
from .attempt import Generation, ProbeRequest
from .layout import generator_prompt
from .prompts import instructions
from .record import Run
from .task import MAX_TEXT

_MAX_PROBE = 8_000
_FENCE = re.compile(r"\A\s*```[^\n`]*\n(?P<code>.*?)\n?```\s*\Z", re.DOTALL)


class Program(BaseModel):
    """The complete program."""

    model_config = ConfigDict(frozen=True)

    plan: Annotated[str, Field(description="How the program does it, in one or two sentences")]
    code: Annotated[str, Field(max_length=MAX_TEXT, description="The whole program, without code fences")]
    strategies: Annotated[
        tuple[str, ...], Field(max_length=100, description="Ids of the strategies that were followed")
    ] = ()


class FirstMove(BaseModel):
    """The complete program, or probes to run before it is written."""

    model_config = ConfigDict(frozen=True)

    plan: Annotated[str, Field(description="How the program does it, or what the probes shall show")]
    probes: Annotated[
        tuple[Annotated[str, Field(max_length=_MAX_PROBE)], ...],
        Field(max_length=20, description="Small complete programs to run first; none to answer with code"),
    ] = ()
    code: Annotated[
        str,
        Field(max_length=MAX_TEXT, description="The whole program, without code fences; empty if probing"),
    ] = ""
    strategies: Annotated[
        tuple[str, ...], Field(max_length=100, description="Ids of the strategies that were followed")
    ] = ()


class Generator:
    """Asks `model` for programs."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    async def generate(self, run: Run, context: WorkflowContext) -> Generation:
        """Return the next program, after the attempts of `run` that failed.

        Raises:
            ModelOutputInvalid: the answer holds no program.
        """
        reply = await self._ask(run, Program, generator_prompt(run), context)
        return self._generation(run, reply.output.code, reply.output.strategies, reply)

    async def generate_or_probe(
        self, run: Run, most: int, context: WorkflowContext
    ) -> Generation | ProbeRequest:
        """Return the first program, or at most `most` probes if the model wants to look first.

        Raises:
            ModelOutputInvalid: the answer holds neither.
        """
        reply = await self._ask(run, FirstMove, generator_prompt(run, may_probe=most), context)
        move = reply.output
        probes = tuple(filter(str.strip, map(without_fence, move.probes)))[:most]
        if probes:
            return ProbeRequest(programs=probes, usage=reply.usage)
        return self._generation(run, move.code, move.strategies, reply)

    async def _ask(self, run: Run, output: type[T], prompt: str, context: WorkflowContext) -> Reply[T]:
        request = Request(
            role=Role.GENERATOR,
            task_id=run.task.id,
            attempt=len(run.attempts) + 1,
            instructions=instructions(Role.GENERATOR),
            prompt=prompt,
            output=output,
        )
        return await self._model.ask(request, context)

    def _generation(self, run: Run, code: str, strategies: Sequence[str], reply: Reply[T]) -> Generation:
        code = without_fence(code)
        if not code.strip():
            raise ModelOutputInvalid(f"{self._model.name} answered without a program to task {run.task.id!r}")
        return Generation(
            code=code,
            cited=tuple(dict.fromkeys(filter(None, map(run.selection.shown, strategies)))),
            usage=reply.usage,
            source=reply.source,
        )


def without_fence(code: str) -> str:
    """Return `code` without a markdown fence around it, which models add although told not to."""
    fenced = _FENCE.match(code)
    return fenced["code"] if fenced else code
