"""One child of the zygote, as the host sees it: a spare that waits, then the run of one program."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from ...core.errors import SandboxCrashed
from .given import let_reopen
from .inside.messages import Exited, RunLimits
from .process import ZygoteProcess

_PIPES: Final = 5


class Child:
    """A child that was asked for. It serves one program; whoever has it closes it, used or not."""

    def __init__(self, zygote: ZygoteProcess, limits: RunLimits) -> None:
        self.zygote = zygote
        self.end: Exited | SandboxCrashed | None = None
        self._on_gone: list[Callable[[], None]] = []
        program, self.program, *ends = _pipes()
        self.stdout, stdout, self.stderr, stderr, self.report, report, self.verdict, verdict = ends
        self._readable = [self.stdout, self.stderr, self.report, self.verdict]
        for descriptor in (self.program, *self._readable):
            os.set_blocking(descriptor, False)
        for printed in (stdout, stderr):
            let_reopen(printed)
        of_child = (program, stdout, stderr, report, verdict)
        self._id = zygote.spawn(limits, of_child, self._hear_end)

    def when_gone(self, callback: Callable[[], None]) -> None:
        """Call back when nothing of the child is left, or its zygote is lost; at once if so already."""
        if self.end is None:
            self._on_gone.append(callback)
        else:
            callback()

    def kill(self) -> None:
        """End the child and all that it started."""
        self.zygote.kill(self._id)

    def discard(self) -> None:
        """End a child that got no program: it sees the end of its pipe."""
        os.close(self.program)
        self.close()

    def hang_up(self) -> None:
        """Say that the verdict is known: what is left of the child is taken down now."""
        if self.verdict in self._readable:
            self._readable.remove(self.verdict)
            os.close(self.verdict)

    def close(self) -> None:
        """Close the host's ends that are read; the program's end is its writer's."""
        while self._readable:
            os.close(self._readable.pop())

    def _hear_end(self, end: Exited | SandboxCrashed) -> None:
        self.end = end
        callbacks, self._on_gone = self._on_gone, []
        for callback in callbacks:
            callback()


def _pipes() -> list[int]:
    """Return the read and write ends of a child's pipes, in turn."""
    opened: list[int] = []
    try:
        for _ in range(_PIPES):
            opened += os.pipe2(os.O_CLOEXEC)
    except OSError as error:
        for descriptor in opened:
            os.close(descriptor)
        raise SandboxCrashed(f"no pipes for a run: {error}; fewer runs at once may help") from error
    return opened
