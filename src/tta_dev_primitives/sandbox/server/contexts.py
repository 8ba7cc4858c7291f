"""Code contexts of a sandbox: kernels that keep their state, and the cells that run in them."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ...core.errors import ConfigurationError, SandboxError, SessionEnded
from ..local.boxes import Box, SessionEvent
from ..local.languages import LANGUAGES, language_called
from ..types import ExecutionError
from .faults import Fault, unsupported
from .kernel import Cell, Kernel, Outcome, PythonKernel
from .program_kernel import ProgramKernel
from .tasks import Tasks

DEFAULT_LANGUAGE: Final = "python"
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The first event of a cell: which one of its context it is."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The last event of a cell."""

    outcome: Outcome


CellEvent = Count | SessionEvent | Ended


@dataclass(eq=False, kw_only=True)
class Context:
    """A kernel with a name, or one that is started with its first cell. Its cells run one after another."""

    language: str
    cwd: str
    kernel: Kernel | None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    renewing: asyncio.Lock = field(default_factory=asyncio.Lock)


class Contexts:
    """All contexts of one sandbox; a language has a default one, for cells that name none."""

    def __init__(self, box: Box, envs: Mapping[str, str], tasks: Tasks) -> None:
        self._box, self._envs, self._tasks = box, envs, tasks
        self._contexts: dict[str, Context] = {}
        self._defaults: dict[str, Context] = {}
        self._starting = asyncio.Lock()

    async def begin(self) -> None:
        """Start Python's default context, and list that of JavaScript where it can be had, as E2B does."""
        await self.default()
        if language_called("javascript").works:
            context = Context(language="javascript", cwd=self._box.home, kernel=None)
            self._contexts[context.id] = self._defaults["javascript"] = context

    def all(self) -> tuple[Context, ...]:
        """Return every context, oldest first."""
        return tuple(self._contexts.values())

    def get(self, context_id: str) -> Context:
        """Return a context.

        Raises:
            Fault: 404, there is none with that id.
        """
        if context_id not in self._contexts:
            raise Fault(404, f"Context {context_id} not found")
        return self._contexts[context_id]

    async def default(self, language: str | None = None) -> Context:
        """Return a language's context for cells that name none, and start it when it is first asked for.

        Raises:
            Fault: 501, the language is not supported.
        """
        wanted = _normal(language)
        async with self._starting:
            context = self._defaults.get(wanted)
            if context is None or context.id not in self._contexts:
                context = self._defaults[wanted] = await self.open(wanted)
            return context

    async def open(self, language: str | None = None, cwd: str | None = None) -> Context:
        """Start a context; errors as `default`."""
        wanted, place = _normal(language), cwd or self._box.home
        context = Context(language=wanted, cwd=place, kernel=await self._kernel(wanted, place))
        self._contexts[context.id] = context
        return context

    async def remove(self, context_id: str) -> None:
        """End a context; errors as `get`."""
        context = self.get(context_id)
        del self._contexts[context_id]
        if context.kernel is not None:
            await context.kernel.aclose()

    async def restart(self, context_id: str) -> None:
        """Replace a context's kernel by a fresh one; errors as `get`."""
        context = self.get(context_id)
        if context.kernel is not None:
            await self._renew(context, context.kernel)

    def run(self, context: Context, cell: Cell) -> tuple[asyncio.Queue[CellEvent], asyncio.Task[None]]:
        """Run a cell when its turn comes; cancelling the task interrupts it. The last event is an `Ended`."""
        events: asyncio.Queue[CellEvent] = asyncio.Queue()
        return events, self._tasks.start(self._turn(context, cell, events))

    async def _turn(self, context: Context, cell: Cell, events: asyncio.Queue[CellEvent]) -> None:
        outcome = Outcome(lost="its kernel was lost")
        try:
            async with context.turn:
                outcome = await self._cell(context, cell, events)
        except ConfigurationError as error:
            refused = ExecutionError(name=type(error).__name__, value=str(error), traceback="")
            outcome = Outcome(error=refused)
        except SandboxError as error:
            _log.warning("a cell of context %s was lost: %s", context.id, error)
        finally:
            events.put_nowait(Ended(outcome=outcome))

    async def _cell(self, context: Context, cell: Cell, events: asyncio.Queue[CellEvent]) -> Outcome:
        try:
            return await self._attempt(context, cell, events)
        except SessionEnded:
            # The cell before it took the kernel along, and nothing of this one ran.
            return await self._attempt(context, cell, events)

    async def _attempt(self, context: Context, cell: Cell, events: asyncio.Queue[CellEvent]) -> Outcome:
        kernel = context.kernel
        if kernel is None or not kernel.alive:
            kernel = await self._renew(context, kernel)
        events.put_nowait(Count(number=kernel.count + 1))
        return await kernel.run(cell, events.put_nowait)

    async def _renew(self, context: Context, old: Kernel | None) -> Kernel:
        """Return another kernel than `old` for this context."""
        async with context.renewing:
            kernel = context.kernel
            if kernel is None or kernel is old:
                if kernel is not None:
                    await kernel.aclose()
                kernel = context.kernel = await self._kernel(context.language, context.cwd)
            return kernel

    async def _kernel(self, language: str, cwd: str) -> Kernel:
        match language:
            case "python":
                session = await self._box.start_kernel(cwd=cwd, envs=self._envs)
                return PythonKernel(session, self._box.limits)
            case "bash" | "javascript":
                needed = language_called(language)
                if not needed.works:
                    raise unsupported(f"contexts in {language!r} before {needed.install} is installed")
                return await ProgramKernel.start(language, self._box, cwd=cwd, envs=self._envs)
            case _:
                raise unsupported(f"contexts in {language!r} (there are python, bash and javascript)")


def _normal(language: str | None) -> str:
    name = (language or DEFAULT_LANGUAGE).strip().lower()
    return next((known.name for known in LANGUAGES if name in known.names), name)
