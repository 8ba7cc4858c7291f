"""Box: a place in the jail with a disk and processes of its own, for as long as it is needed."""

from __future__ import annotations

import contextlib
import itertools
import signal
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Final, Self

from ....core.errors import SandboxError
from ...types import NO_ENVS, Limits
from ..inside.box_messages import HOME
from ..process import ZygoteProcess
from ..protocol import kernel_limits
from .control import BoxControl
from .files import BoxFiles, FileAgent
from .process import BoxProcess
from .session import Session

BOX_LIMITS: Final = Limits(cpu_s=3600, disk_bytes=256 << 20, inodes=50_000, open_files=1024, processes=64)
"""By default: as for a run, with room for work that goes on. CPU time and memory are per process."""
_BRANCHES: Final = "/tmp"  # noqa: S108  # inside the box


class Box:
    """Programs, Python sessions and files that share a disk and see each other's processes, and nothing else.

    It lives until it is closed, in the event loop that opened it. Of the limits, `processes` and the disk are
    for the whole box; memory, CPU time and open files per process; `wall_s` and `output_bytes` per cell.
    """

    def __init__(self, control: BoxControl, limits: Limits, sandbox_id: str) -> None:
        self.control = control
        self.limits = limits
        self.sandbox_id = sandbox_id
        self.on_close: Callable[[Box], None] = _ignore
        self._owner: Session | None = None
        self._sessions: set[Session] = set()
        self._processes: set[BoxProcess] = set()
        self._agent = FileAgent(control)
        self._copies = itertools.count(1)

    @classmethod
    async def open(cls, zygote: ZygoteProcess, limits: Limits, sandbox_id: str) -> Box:
        """Return a new box; see `LocalSandbox.open_box`."""
        return cls(await BoxControl.open(zygote, kernel_limits(limits)), limits, sandbox_id)

    @property
    def alive(self) -> bool:
        """Whether anything can still be started in it."""
        return self.control.alive

    @property
    def home(self) -> str:
        """The directory inside where programs and sessions start."""
        return HOME

    @property
    def files(self) -> BoxFiles:
        """The files of the box; relative paths start at `home`."""
        return BoxFiles(self._agent)

    async def start_kernel(self, *, cwd: str | None = None, envs: Mapping[str, str] = NO_ENVS) -> Session:
        """Return a new Python session in this box.

        Raises:
            SessionEnded: the box is closed.
            SandboxCrashed: it did not start.
            ConfigurationError: an environment variable is not acceptable.
        """
        return self.adopt(await Session.start(self, cwd=cwd, envs=envs))

    async def start(
        self, argv: Sequence[str], *, cwd: str | None = None, envs: Mapping[str, str] = NO_ENVS
    ) -> BoxProcess:
        """Start a program. One that is not there ends with exit code 127, as in a shell.

        Raises:
            SessionEnded: the box is closed.
            SandboxCrashed: it did not start.
            ConfigurationError: a value is not acceptable.
        """
        process = await BoxProcess.start(self.control, argv, cwd=cwd, envs=envs)
        self._processes.add(process)
        process.on_close = self._processes.discard
        return process

    async def pause(self) -> None:
        """Stop all processes where they are; nothing is lost. The time of a running cell runs on."""
        await self.control.signal_everything(signal.SIGSTOP)

    async def resume(self) -> None:
        """Let all processes go on."""
        await self.control.signal_everything(signal.SIGCONT)

    async def aclose(self) -> None:
        """Kill all that is in it and free its disk; return when nothing is left. Idempotent."""
        sessions, self._sessions = self._sessions, set()
        for process in tuple(self._processes):
            await process.aclose()
        await self._agent.aclose()
        self.control.lose("the box was closed")
        for session in sessions:
            await session.aclose()
        await self.control.gone.wait()
        self.on_close(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def start_owner(self, envs: Mapping[str, str]) -> Session:
        """Return a session with which this box ends."""
        self._owner = await self.start_kernel(envs=envs)
        return self._owner

    def adopt(self, session: Session) -> Session:
        """Count a session among those of this box."""
        self._sessions.add(session)
        return session

    async def forget(self, session: Session) -> None:
        """Count a session no more; free its copy of the files, or all of the box if it ends with this one."""
        self._sessions.discard(session)
        if session is self._owner:
            self._owner = None
            await self.aclose()
        elif session.home != HOME and self.alive:
            with contextlib.suppress(SandboxError):
                await self.files.remove(session.home)

    async def copy_of(self, home: str) -> str:
        """Copy a directory inside and return the name of the copy."""
        copy = f"{_BRANCHES}/branch-{next(self._copies)}"
        await self.files.copy_tree(home, copy)
        return copy


def _ignore(_: Box) -> None:
    """Nobody keeps count."""
