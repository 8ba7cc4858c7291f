"""Processes that clients started in a sandbox: each is pumped to whoever listens, until it ends."""

from __future__ import annotations

import asyncio
import math
import signal
import time
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from ...core.errors import SandboxError
from ..local.boxes import Box, BoxProcess, Printed, ProcessEnd
from .faults import Fault
from .tasks import Tasks

_MOST_WAITING: Final = 64
"""Chunks for a listener that reads slowly; then the process waits, as it would for a full pipe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to start, as the client put it."""

    cmd: str
    args: Sequence[str]
    envs: Mapping[str, str]
    cwd: str | None
    tag: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut:
    """The process was killed as its client's time was up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The sandbox went away below the process."""


ProcessEvent = Printed | ProcessEnd | TimedOut | Lost


class Listener:
    """The events of a process from now on; the last one is no `Printed`."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[ProcessEvent] = asyncio.Queue(_MOST_WAITING)
        self._closed = False

    async def next(self) -> ProcessEvent:
        """Return the next event."""
        return await self._events.get()

    async def put(self, event: ProcessEvent) -> None:
        """Hand over an event, when there is room for it."""
        if not self._closed:
            await self._events.put(event)

    def close(self) -> None:
        """Take no more, and let go of a pump that waits for room."""
        self._closed = True
        while not self._events.empty():
            self._events.get_nowait()


@dataclass(eq=False, kw_only=True)
class Running:
    """A process and its listeners."""

    command: Command
    process: BoxProcess
    listeners: set[Listener] = field(default_factory=set[Listener])
    timed_out: bool = False

    @property
    def pid(self) -> int:
        """Its number inside the sandbox."""
        return self.process.pid

    @contextmanager
    def listening(self) -> Generator[Listener]:
        """Yield the events from now on."""
        listener = Listener()
        self.listeners.add(listener)
        try:
            yield listener
        finally:
            self.listeners.discard(listener)
            listener.close()

    async def tell(self, event: ProcessEvent) -> None:
        """Hand an event to every listener."""
        for listener in tuple(self.listeners):
            await listener.put(event)

    async def kill_after(self, seconds: float) -> None:
        """Kill it when the time of the client that started it is up."""
        await asyncio.sleep(seconds)
        self.timed_out = True
        await self.process.signal(signal.SIGKILL)


class Processes:
    """The processes of one sandbox that clients started and that still run."""

    def __init__(self, box: Box, envs: Mapping[str, str], tasks: Tasks) -> None:
        self._box, self._envs, self._tasks = box, envs, tasks
        self._running: dict[int, Running] = {}

    def all(self) -> tuple[Running, ...]:
        """Return them, oldest first."""
        return tuple(self._running.values())

    def get(self, *, pid: int | None = None, tag: str | None = None) -> Running:
        """Return the one with this number or tag.

        Raises:
            Fault: 404, it ended or never was.
        """
        found = [
            one
            for one in self._running.values()
            if (one.pid == pid if tag is None else one.command.tag == tag)
        ]
        if not found:
            raise Fault(404, f"process {pid if tag is None else tag!r} not found")
        return found[0]

    async def start(self, command: Command, *, stdin: bool, timeout_s: float | None) -> Running:
        """Start a process; it is pumped from the next turn of the event loop on, so listen before that."""
        process = await self._box.start(
            [command.cmd, *command.args], cwd=command.cwd, envs={**self._envs, **command.envs}
        )
        running = Running(command=command, process=process)
        self._running[running.pid] = running
        if not stdin:
            await process.close_stdin()
        self._tasks.start(self._follow(running, timeout_s))
        return running

    async def _follow(self, running: Running, timeout_s: float | None) -> None:
        killer = None if timeout_s is None else asyncio.create_task(running.kill_after(timeout_s))
        end: ProcessEvent = Lost()
        try:
            async for printed in running.process.output():
                await running.tell(printed)
            ended = await running.process.wait()
            if self._box.alive:
                end = TimedOut() if running.timed_out else ended
        except SandboxError:
            pass  # Lost: whoever listens asks for the sandbox's health
        finally:
            if killer is not None:
                killer.cancel()
            self._running.pop(running.pid, None)
            await running.process.aclose()
            await running.tell(end)


async def events_of(
    listener: Listener, *, quiet_s: float, limit_s: float | None = None
) -> AsyncGenerator[ProcessEvent | None]:
    """Yield what `listener` gets up to the last event, and None each time nothing came for `quiet_s`.

    Raises:
        TimeoutError: `limit_s` have passed.
    """
    ends = None if limit_s is None else time.monotonic() + limit_s
    event: ProcessEvent | None = None
    while event is None or isinstance(event, Printed):
        left = math.inf if ends is None else ends - time.monotonic()
        try:
            async with asyncio.timeout(min(quiet_s, left)):
                event = await listener.next()
        except TimeoutError:
            if left <= quiet_s:
                raise
            event = None
        yield event
