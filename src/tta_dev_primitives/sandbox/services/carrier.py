"""What the host does between two boxes: it carries bytes and counts them, and reads none."""

from __future__ import annotations

import asyncio
import signal
from contextlib import aclosing
from types import TracebackType
from typing import Final, Self

from ...core.errors import SandboxCrashed
from ..local import BoxProcess
from ..local.inside.verdict import Verdict
from ..types import Limits, Stop

MOST_SENT_BYTES: Final = 16 << 20
"""From a program to its service; more ends the run, as `Stop.POLICY`."""
_MOST_ACCOUNT_BYTES: Final = 64 << 20
"""Above what the longest account of the most requests can be."""
_LAST_WORDS_S: Final = 2.0
_DELIVERY_TIMEOUT_S: Final = 20.0
"""What waits then fits into the pipes; a service that works takes it in much less."""
_READY: Final = b"!\0\0\0\0"
_READY_TIMEOUT_S: Final = 30.0


class Carrier:
    """One run: a program and its service, and what is kept of both.

    `printed` is what the program printed, up to its limit; `killed_for` the limit that it hit.
    """

    def __init__(self, program: BoxProcess, service: BoxProcess, limits: Limits) -> None:
        self._program, self._service, self._limits = program, service, limits
        self._sent = 0
        self._ready = asyncio.Event()
        self._greeting = b""
        self._account = bytearray()
        self.printed = bytearray()
        self.killed_for: Stop | None = None
        self._down = asyncio.create_task(self._to_program())

    async def prepare(self, payload: bytes) -> None:
        """Give the service its modules, and wait until it serves.

        Raises:
            SandboxCrashed: it does not start.
        """
        ready = asyncio.create_task(self._ready.wait())
        try:
            async with asyncio.timeout(_READY_TIMEOUT_S):
                await self._service.write(payload)
                await asyncio.wait({ready, self._down}, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            raise SandboxCrashed(f"the service did not start within {_READY_TIMEOUT_S:g} s") from None
        finally:
            ready.cancel()
        if not self._ready.is_set():
            raise SandboxCrashed(f"the service did not start: {self._said()}")

    async def run(self, payload: bytes) -> Verdict:
        """Let the program run to its end, or to one of its limits; return the kernel's word on it."""
        up = asyncio.create_task(self._from_program(payload))
        ended = asyncio.create_task(self._program.ended())
        try:
            await asyncio.wait(
                {ended, self._down}, timeout=self._limits.wall_s, return_when=asyncio.FIRST_COMPLETED
            )
            if not ended.done():
                await self._end_for(Stop.POLICY if self._down.done() else Stop.WALL_TIME)
            verdict = await ended
            await self._carry_the_rest(up)
            return verdict
        finally:
            for task in (up, ended):
                task.cancel()
            await asyncio.wait({up, ended})

    async def _carry_the_rest(self, up: asyncio.Task[None]) -> None:
        """Let the service have what the program wrote before its end, unless that was killed."""
        await asyncio.wait({up}, timeout=_LAST_WORDS_S if self.killed_for else _DELIVERY_TIMEOUT_S)
        if up.done():
            up.result()
        elif not self.killed_for:
            raise SandboxCrashed("the service does not take what the program sent")

    async def account(self, timeout_s: float) -> bytes:
        """Let the service finish within `timeout_s`, and return its account; the program is over and gone.

        Raises:
            SandboxCrashed: it gives none.
        """
        try:
            async with asyncio.timeout(timeout_s):
                await self._service.close_stdin()
                await self._down
                end = await self._service.wait()
        except TimeoutError:
            raise SandboxCrashed(f"the service hangs: no account after {timeout_s:g} s") from None
        if end.exit_code != 0:
            raise SandboxCrashed(f"the service failed with {end}: {self._said()}")
        return bytes(self._account)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._down.cancel()
        await asyncio.wait({self._down})

    async def _from_program(self, payload: bytes) -> None:
        """Give the program what it needs, then carry to the service what it sends, up to the limits."""
        await self._program.write(payload)
        async with aclosing(self._program.output()) as output:
            async for printed in output:
                if printed.stream == "stderr":
                    await self._keep(printed.data)
                    continue
                self._sent += len(printed.data)
                if self._sent > MOST_SENT_BYTES:
                    await self._end_for(Stop.POLICY)
                if self.killed_for is not None:
                    return
                await self._service.write(printed.data)

    async def _keep(self, data: bytes) -> None:
        """Keep what the program printed; end it if that is too much."""
        room = self._limits.output_bytes - len(self.printed)
        self.printed += data[:room]
        if len(data) > room:
            await self._end_for(Stop.OUTPUT)

    async def _to_program(self) -> None:
        """Carry to the program what the service says; what it writes to standard error is its account."""
        async with aclosing(self._service.output()) as output:
            async for printed in output:
                data = printed.data
                if printed.stream == "stderr":
                    self._account += data
                    if len(self._account) > _MOST_ACCOUNT_BYTES:
                        await self._service.signal(signal.SIGKILL)
                        return
                    continue
                if not self._ready.is_set():
                    data = self._without_greeting(data)
                if data:
                    await self._program.write(data)

    def _without_greeting(self, data: bytes) -> bytes:
        self._greeting += data
        if len(self._greeting) < len(_READY):
            return b""
        if self._greeting.startswith(_READY):
            self._ready.set()
        return self._greeting[len(_READY) :]

    async def _end_for(self, stop: Stop) -> None:
        self.killed_for = self.killed_for or stop
        await self._program.signal(signal.SIGKILL)

    def _said(self) -> str:
        return repr(bytes(self._account[-1000:]))
