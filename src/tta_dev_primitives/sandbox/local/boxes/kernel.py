"""A kernel's process, and the host's ends of its channel and pipes."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from ....core.errors import SandboxCrashed
from ..inside.box_messages import MAX_CELL_BYTES, Fork, SetUp
from ..inside.verdict import Verdict
from .channel import LineChannel, pipe_from_box
from .claims import Forked, KernelClaim, Ready, Refused, read_claim
from .control import BoxChild, BoxControl
from .meter import Meter
from .printed import Tap

_ANSWER_TIMEOUT_S: Final = 30.0
_NO_INPUT: Final = "/dev/null"
_MOST_BYTES: Final = 2 * MAX_CELL_BYTES
"""Between two messages of the host. Of a cell half of it is too much, which interrupts that first."""

_Claim = TypeVar("_Claim", Ready, Forked)
OnClaim = Callable[[KernelClaim, int], None]


class _Ends:
    """The host's ends; the others are given to the box."""

    def __init__(self) -> None:
        self.channel = LineChannel(_MOST_BYTES)
        stdout, self.their_stdout = pipe_from_box()
        stderr, self.their_stderr = pipe_from_box()
        self.stdout, self.stderr = Tap(stdout), Tap(stderr)

    def close(self) -> None:
        self.channel.close()
        self.stdout.close()
        self.stderr.close()


class Kernel:
    """One kernel. What it says goes to `on_claim`, with its size in bytes."""

    def __init__(self, control: BoxControl, child: BoxChild, ends: _Ends) -> None:
        self._control, self._child, self._ends = control, child, ends
        self._answer: asyncio.Future[KernelClaim] | None = None
        self._forks = 0
        self.stdout, self.stderr = ends.stdout, ends.stderr
        self.meter = Meter(0)
        self.on_claim: OnClaim = _ignore
        ends.channel.on_line = self._hear
        ends.channel.on_end = self._hear_silence
        child.ended.add_done_callback(self._hear_end)

    @classmethod
    async def start(cls, control: BoxControl, set_up: SetUp) -> Kernel:
        """Return a fresh kernel that waits for cells.

        Raises:
            SandboxCrashed: it did not start.
        """
        ends = _Ends()
        given = (
            ends.channel.far_end(),
            os.open(_NO_INPUT, os.O_RDONLY),
            ends.their_stdout,
            ends.their_stderr,
        )
        try:
            kernel = cls(control, await control.start("kernel", given), ends)
        except BaseException:
            ends.close()
            raise
        await kernel.greet(dict(set_up))
        return kernel

    async def fork(self) -> Kernel:
        """Return another one with the same state, which waits to be greeted.

        Raises:
            SandboxCrashed: there is no room for it.
        """
        self._forks += 1
        ends = _Ends()
        theirs = (ends.channel.far_end(), ends.their_stdout, ends.their_stderr)
        try:
            forked = _expect(Forked, await self._ask(dict(Fork(op="fork", number=self._forks)), theirs))
            return Kernel(self._control, await self._control.watch(forked.pid), ends)
        except BaseException:
            ends.close()
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)

    @property
    def ended(self) -> asyncio.Future[Verdict]:
        """The kernel's end, as the init of its box saw it."""
        return self._child.ended

    async def greet(self, first: Mapping[str, object]) -> None:
        """Send the first message and wait until the kernel is ready for cells."""
        try:
            _expect(Ready, await self._ask(first, ()))
        except BaseException:
            self.close()
            raise
        self.meter = Meter(self._ends.channel.peer_pid)

    def send(self, message: Mapping[str, object]) -> None:
        """Send a message that is answered by claims."""
        self._ends.channel.send(message)

    def listen(self) -> None:
        """Read what it prints as it comes."""
        self.stdout.listen()
        self.stderr.listen()

    def signal(self, number: int) -> None:
        """Send a signal to the process, if there still is one."""
        if not self.ended.done():
            self._control.signal(self._child.pid, number)

    def close(self) -> None:
        """End the process and close what leads to it, without waiting."""
        self.signal(signal.SIGKILL)
        self._ends.close()
        self.meter.close()

    async def _ask(self, message: Mapping[str, object], descriptors: tuple[int, ...]) -> KernelClaim:
        self._answer = asyncio.get_running_loop().create_future()
        try:
            self._ends.channel.send(message, descriptors)
            async with asyncio.timeout(_ANSWER_TIMEOUT_S):
                return await self._answer
        except TimeoutError:
            raise SandboxCrashed(f"a session said nothing for {_ANSWER_TIMEOUT_S:g} s") from None
        except OSError as error:
            raise SandboxCrashed(f"a session does not listen: {error!r}") from error
        finally:
            self._answer = None

    def _hear(self, line: bytes) -> None:
        try:
            claim = read_claim(line)
        except ValueError:
            # Guest code wrote into our channel: it broke its own session, and has no more to say.
            self._ends.channel.close()
            self.signal(signal.SIGKILL)
            return
        if not isinstance(claim, Ready | Forked | Refused):
            self.on_claim(claim, len(line))
        elif isinstance(claim, Forked | Refused) and claim.number != self._forks:
            return  # to whoever did not wait for it
        elif self._answer is not None and not self._answer.done():
            self._answer.set_result(claim)

    def _hear_silence(self) -> None:
        self.signal(signal.SIGKILL)

    def _hear_end(self, _: asyncio.Future[Verdict]) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(SandboxCrashed("a session ended when it was to answer"))


def _expect(kind: type[_Claim], claim: KernelClaim) -> _Claim:
    if not isinstance(claim, kind):
        why = claim.reason if isinstance(claim, Refused) else repr(claim)
        raise SandboxCrashed(f"a session did not do as asked: {why}")
    return claim


def _ignore(*_: object) -> None:
    """Nobody listens yet."""
