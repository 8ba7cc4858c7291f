"""Watch: notices the first outage of a run, and lets what is under way end before the run stops."""

from __future__ import annotations

import asyncio

from ...core.context import WorkflowContext
from ...core.errors import BudgetExceeded, ModelOutputInvalid, ModelRefused, PlayboxError
from ...llm.types import LanguageModel, Reply, Request, T

ANSWERED_BADLY = (ModelOutputInvalid, ModelRefused)
"""The model's own doing: it counts as a task not solved, and the run goes on."""


class Watch:
    """Shared by all models of a run. `outage` is the first failure that is nobody's answer, if there was one.

    Once there is one, no model is asked any more; questions under way are waited for, as they are paid for.
    """

    def __init__(self) -> None:
        self.outage: PlayboxError | None = None
        self._asking, self._ended, self._progress = 0, 0, asyncio.Event()

    def within(self, model: LanguageModel) -> LanguageModel:
        """Return `model`, watched."""
        return _Watched(self, model)

    def note(self, error: PlayboxError) -> None:
        """Take note of a failure."""
        self.outage = self.outage or error
        self._wake()

    def check(self) -> None:
        """Raise the outage, if there was one."""
        if self.outage is not None:
            raise self.outage

    async def ask(self, model: LanguageModel, request: Request[T], context: WorkflowContext) -> Reply[T]:
        """Ask; where the budget may do once questions under way are settled, wait for one of those."""
        while True:
            self.check()
            before = self._ended
            try:
                return await self._counted(model, request, context)
            except ANSWERED_BADLY:
                self._wake()
                raise
            except BudgetExceeded as error:
                if self._asking:
                    await self._progress.wait()
                elif self._ended == before + 1:  # nobody else held anything that was given back since
                    self.note(error)
                    raise
            except PlayboxError as error:
                self.note(error)
                raise

    async def _counted(self, model: LanguageModel, request: Request[T], context: WorkflowContext) -> Reply[T]:
        self._asking += 1
        try:
            reply = await model.ask(request, context)
        finally:
            self._asking -= 1
            self._ended += 1
        self._wake()
        return reply

    def _wake(self) -> None:
        """Let those that wait for the budget try again."""
        self._progress.set()
        self._progress = asyncio.Event()


class _Watched:
    def __init__(self, watch: Watch, model: LanguageModel) -> None:
        self._watch, self._model = watch, model

    @property
    def name(self) -> str:
        return self._model.name

    async def ask(self, request: Request[T], context: WorkflowContext) -> Reply[T]:
        return await self._watch.ask(self._model, request, context)
