"""Generator: writes the program, with the playbook's strategies and the results of earlier attempts."""

from __future__ import annotations

import re
from typing import TypeVar

from ..core.context import WorkflowContext
from ..core.errors import ModelOutputInvalid
from ..llm.types import LanguageModel, Reply, Request, Role, T
from .attempt import Generation, ProbeRequest
from .layout import generator_prompt
from .moves import LastMove, Move, Program
from .probing import may_probe
from .prompts import instructions, probing
from .record import Run

_Written = TypeVar("_Written", bound=Program | Move)
_FENCE = re.compile(r"\A\s*```[^\n`]*\n(?P<code>.*?)\n?```\s*\Z", re.DOTALL)


class Generator:
    """Asks `model` for programs; where `probes` is above 0, it may be asked for so many probes first."""

    def __init__(self, model: LanguageModel, *, probes: int = 0) -> None:
        self._model, self.probes = model, probes

    async def generate(self, run: Run, context: WorkflowContext) -> Generation:
        """Return the next program, after the attempts of `run` that failed.

        Raises:
            ModelOutputInvalid: the answer holds no program.
        """
        output: type[Program | LastMove] = LastMove if self.probes else Program
        reply = await self._ask(run, output, generator_prompt(run.without(context.secrets.now)), context)
        return self._generation(run, reply)

    async def move(self, run: Run, context: WorkflowContext) -> Generation | ProbeRequest:
        """Return the next program; before the first, where looking makes sense, maybe probes to run first.

        Raises:
            ModelOutputInvalid: the answer holds neither.
        """
        if not self.probes or not may_probe(run):
            return await self.generate(run, context)
        told = run.without(context.secrets.now)
        reply = await self._ask(run, Move, generator_prompt(told, may_probe=self.probes), context)
        probes = tuple(filter(str.strip, map(without_fence, reply.output.probes)))[: self.probes]
        if probes:
            return ProbeRequest(programs=probes, usage=reply.usage)
        return self._generation(run, reply)

    async def _ask(self, run: Run, output: type[T], prompt: str, context: WorkflowContext) -> Reply[T]:
        request = Request(
            role=Role.GENERATOR,
            task_id=run.task.id,
            attempt=len(run.attempts) + 1,
            instructions=instructions(Role.GENERATOR) + (probing() if self.probes else ""),
            prompt=context.secrets.now.hide(prompt),
            output=output,
        )
        return await self._model.ask(request, context)

    def _generation(self, run: Run, reply: Reply[_Written]) -> Generation:
        answer, code = reply.output, without_fence(reply.output.code)
        if not code.strip():
            raise ModelOutputInvalid(f"{self._model.name} answered without a program to task {run.task.id!r}")
        return Generation(
            code=code,
            cited=tuple(dict.fromkeys(filter(None, map(run.selection.shown, answer.strategies)))),
            usage=reply.usage,
            source=reply.source,
        )


def without_fence(code: str) -> str:
    """Return `code` without a markdown fence around it, which models add although told not to."""
    fenced = _FENCE.match(code)
    return fenced["code"] if fenced else code
