"""Hear how a run ended: from its reaper, or if that was killed as well, from the zygote."""

from __future__ import annotations

import asyncio
import os

from ...core.errors import SandboxCrashed
from .child import Child
from .inside import verdict
from .inside.messages import Exited
from .inside.verdict import NotConfined, Verdict


class VerdictReader:
    """Listens to a child in the running event loop. `told` raises SandboxCrashed if there is no verdict."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._loop = asyncio.get_running_loop()
        self.told: asyncio.Future[Verdict] = self._loop.create_future()
        self._open = True
        self._loop.add_reader(child.verdict, self._read)
        child.when_gone(self._hear_end)

    def close(self) -> None:
        """Stop listening."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._child.verdict)
        if not self.told.done():
            self.told.cancel()
        elif not self.told.cancelled():
            self.told.exception()

    def _read(self) -> None:
        try:
            message = os.read(self._child.verdict, verdict.MAX_BYTES)
        except BlockingIOError:
            return
        self._open = False
        self._loop.remove_reader(self._child.verdict)
        if message:
            self._parse(message)

    def _parse(self, message: bytes) -> None:
        try:
            said = verdict.parse(message)
        except ValueError as error:
            self._crash(str(error))
            self._child.zygote.give_up(str(error))
            return
        if isinstance(said, NotConfined):
            self._crash(f"a run could not be confined: {said.reason}")
        elif not self.told.done():
            self.told.set_result(said)

    def _hear_end(self) -> None:
        """Nothing of the child is left: what it did not say by now, the zygote saw."""
        if self._open:
            self._read()
        end = self._child.end
        if self.told.done() or end is None:
            return
        if isinstance(end, SandboxCrashed):
            self.told.set_exception(end)
        elif _was_killed(end):
            self.told.set_result(Verdict(end["status"], end["cpu_s"], end["peak_memory_bytes"]))
        else:
            self._crash(f"a run ended without a word (wait status {end['status']})")

    def _crash(self, why: str) -> None:
        if not self.told.done():
            self.told.set_exception(SandboxCrashed(why))


def _was_killed(end: Exited) -> bool:
    return os.WIFSIGNALED(end["status"])
