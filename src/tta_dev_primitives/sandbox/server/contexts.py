"""Code contexts of a sandbox: kernels that keep their state, and the cells that run in them."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ...core.errors import SandboxError, SessionEnded
from ..local.boxes import Box, Session, SessionEvent
from ..types import Execution
from .config import LONGEST_LIFE_S
from .faults import Fault, unsupported
from .tasks import Tasks

DEFAULT_LANGUAGE: Final = "python"
_ALIASES: Final = {"py": "python", "js": "javascript", "ts": "typescript", "sh": "bash"}
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One piece of code for a context, with the environment that only it sees."""

    code: str
    envs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The first event of a cell: which one of its context it is."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The last event of a cell. Without an `execution` the kernel was lost, and replaced."""

    execution: Execution | None


CellEvent = Count | SessionEvent | Ended


@dataclass(eq=False, kw_only=True)
class Context:
    """A kernel with a name. Its cells run one after another."""

    language: str
    cwd: str
    session: Session
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
        # Who waits for a cell decides how long it may take, and the sandbox's life ends it at last.
        self._limits = replace(box.limits, wall_s=float(LONGEST_LIFE_S))

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
        context = Context(language=wanted, cwd=place, session=await self._kernel(wanted, place))
        self._contexts[context.id] = context
        return context

    async def remove(self, context_id: str) -> None:
        """End a context; errors as `get`."""
        context = self.get(context_id)
        del self._contexts[context_id]
        await context.session.aclose()

    async def restart(self, context_id: str) -> None:
        """Replace a context's kernel by a fresh one; errors as `get`."""
        context = self.get(context_id)
        await self._renew(context, context.session)

    def run(self, context: Context, cell: Cell) -> tuple[asyncio.Queue[CellEvent], asyncio.Task[None]]:
        """Run a cell when its turn comes; cancelling the task interrupts it. The last event is an `Ended`."""
        events: asyncio.Queue[CellEvent] = asyncio.Queue()
        return events, self._tasks.start(self._turn(context, cell, events))

    async def _turn(self, context: Context, cell: Cell, events: asyncio.Queue[CellEvent]) -> None:
        execution: Execution | None = None
        try:
            async with context.turn:
                execution = await self._cell(context, cell, events)
        except SandboxError as error:
            _log.warning("a cell of context %s was lost: %s", context.id, error)
        finally:
            events.put_nowait(Ended(execution=execution))

    async def _cell(self, context: Context, cell: Cell, events: asyncio.Queue[CellEvent]) -> Execution:
        try:
            return await self._attempt(context, cell, events)
        except SessionEnded:
            # The cell before it took the kernel along, and nothing of this one ran.
            return await self._attempt(context, cell, events)

    async def _attempt(self, context: Context, cell: Cell, events: asyncio.Queue[CellEvent]) -> Execution:
        if not context.session.alive:
            await self._renew(context, context.session)
        session = context.session
        events.put_nowait(Count(number=session.count + 1))
        execution = await session.run_code(
            cell.code, envs=cell.envs, limits=self._limits, on_event=events.put_nowait
        )
        if not session.alive and self._box.alive and context.id in self._contexts:
            await self._renew(context, session)
        return execution

    async def _renew(self, context: Context, old: Session) -> None:
        async with context.renewing:
            if context.session is old:
                await old.aclose()
                context.session = await self._kernel(context.language, context.cwd)

    async def _kernel(self, language: str, cwd: str) -> Session:
        if language != DEFAULT_LANGUAGE:
            raise unsupported(f"code contexts in {language!r} (there is {DEFAULT_LANGUAGE})")
        return await self._box.start_kernel(cwd=cwd, envs=self._envs)


def _normal(language: str | None) -> str:
    name = (language or DEFAULT_LANGUAGE).strip().lower()
    return _ALIASES.get(name, name)
