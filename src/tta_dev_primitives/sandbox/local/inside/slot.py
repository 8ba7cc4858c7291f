"""A slot: process 1 of a pid namespace in which runs take place, one after another.

It forks the guest of a run, waits for its end, kills and reaps all that is left, and tells the host how it
ended; then the next may come. What a run could leave behind is its own: its disk and its mounts go with its
last process, and process ids begin anew. The slot never sees code or results.

Its guests have its user id, but can neither look into it (it is not dumpable, and hidden in their /proc) nor
change it (seccomp), and it ignores every signal that they can send. They are forks of it: what it reads of
one, the next one could find in its memory, so it wipes that. README.md tells all that runs share.
"""

from __future__ import annotations

import marshal
import os
import resource
import select
import signal
import socket
from typing import Final, NamedTuple, NoReturn

from . import child, children, control_socket, exit_notice, kernel, mounts, privileges, reaper, verdict
from .child import Confinement, Descriptors
from .filters import Filters
from .messages import Exited, Failed, Kill, Spawn
from .reaper import Guest, Reaped
from .verdict import Verdict

NAME: Final = "playbox-slot"
WITH_A_SPAWN: Final = 5
_FIRST: Final = 3
_BEFORE_THE_FIRST: Final = b"1"
"""The guest becomes process 2, whatever ran before it."""


class Kept(NamedTuple):
    """What a slot has from the zygote: its end of their socket, and where process ids are set back."""

    control: int
    last_pid: int | None


class _Run:
    """The run that is on: its name, its guest, and where to tell how that ended."""

    def __init__(self, name: int, guest: Guest, verdict_pipe: int) -> None:
        self.id = name
        self.guest = guest
        self.verdict = verdict_pipe
        self.watch = os.pidfd_open(guest.pid)
        self.reaped = Reaped(guest.pid)
        self.executed = False
        """Whether it may have become another program."""

    def close(self) -> None:
        """Close all that is kept of it."""
        for descriptor in (self.guest.status, self.watch, self.verdict):
            os.close(descriptor)


def start(kept: Kept, filters: Filters, *, several: bool) -> NoReturn:
    """Become a slot, for runs of `several` processes or of one. In new pid, mount and ipc namespaces."""
    try:
        _keep_only(kept)
        _Slot(socket.socket(fileno=kept.control), kept.last_pid, filters, several=several).serve()
    finally:
        # Never back into the zygote's frames below.
        os._exit(child.CONFINEMENT_FAILED)


def _keep_only(kept: Kept) -> None:
    """Close all descriptors but these and the standard ones, which are nothing's."""
    first = _FIRST
    for descriptor in sorted(filter(None, kept)):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


class _Slot:
    def __init__(
        self, control: socket.socket, last_pid: int | None, filters: Filters, *, several: bool
    ) -> None:
        self._control = control
        self._last_pid = last_pid
        self._filters = filters
        self._several = several
        self._processes = self._user_namespace = self._listener = self._orphans = -1

    def serve(self) -> NoReturn:
        """Serve one run after another until the zygote is gone."""
        refused = self._settle()
        while True:
            data, descriptors = control_socket.receive(self._control, WITH_A_SPAWN)
            if not data:
                os._exit(0)
            command: Spawn | Kill = marshal.loads(data)  # noqa: S302  # our own
            if command["op"] == "kill":
                continue  # it was over before this came
            if refused is not None:
                self._say(Failed(op="failed", id=command["id"], reason=refused))
            else:
                self._serve(command, Descriptors(*descriptors))

    def _settle(self) -> str | None:
        """Build what all runs share, and give up what only that needed; return why that failed, or None."""
        try:
            kernel.set_name(NAME)
            os.setsid()
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            self._processes = mounts.own_processes()
            self._user_namespace = privileges.make_user_namespace(self._processes)
            # New disks and namespaces need it; all the rest is not for process 1 of a guest's world.
            privileges.keep_capability(privileges.CAP_SYS_ADMIN)
            kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
            if self._several:
                self._orphans = children.wake()
            else:
                self._listener = exit_notice.listen(self._filters.notice)
        except OSError as error:
            return str(error)
        return None

    def _say(self, message: Exited | Failed) -> None:
        try:
            self._control.send(marshal.dumps(dict(message)))
        except OSError:
            os._exit(0)

    def _serve(self, command: Spawn, descriptors: Descriptors) -> None:
        try:
            run = self._begin(command, descriptors)
        except OSError as error:
            reaper.kill_all_others()
            self._say(Failed(op="failed", id=command["id"], reason=str(error)))
            os._exit(0)
        ended = self._finish(run)
        run.close()
        self._say(
            Exited(
                op="exited",
                id=run.id,
                status=ended.wait_status,
                cpu_s=ended.cpu_s,
                peak_memory_bytes=ended.peak_memory_bytes,
            )
        )

    def _begin(self, command: Spawn, descriptors: Descriptors) -> _Run:
        if self._last_pid is not None:
            os.pwrite(self._last_pid, _BEFORE_THE_FIRST, 0)
        confinement = Confinement(command["limits"], [], self._filters.of(command["limits"]))
        pid = os.fork()
        if pid == 0:
            if self._several:
                children.let_sleep()
            child.start_in_namespaces(confinement, descriptors, self._user_namespace)
        for descriptor in descriptors[:-1]:
            os.close(descriptor)
        return _Run(command["id"], reaper.watch(pid, self._processes), descriptors.verdict)

    def _finish(self, run: _Run) -> Verdict:
        """Return how the run ended, when nothing of it is left and the host was told."""
        code = self._hear(run)
        if code is None:
            run.reaped.everything()
            ended, told = run.reaped.verdict(), False
        else:
            told = not run.executed and reaper.end_early(code, run.guest, run.verdict)
            run.reaped.everything()
            ended = run.reaped.verdict()._replace(wait_status=code << 8)
        if not told:
            reaper.tell(run.verdict, verdict.ended(ended))
        return ended

    def _hear(self, run: _Run) -> int | None:
        """Return the exit code that the guest's notice tells; None if it is dead without one, and reaped."""
        poll = self._poll_for(run)
        if self._listener >= 0:
            reaper.rehearse(run.guest, run.verdict)
        more = False
        while True:
            ready = dict(poll.poll(0 if more else None))
            if self._orphans in ready:
                os.read(self._orphans, children.MOST)
            if more or run.watch in ready or self._orphans in ready:
                more = run.reaped.what_ended()
            if run.reaped.wait_status is not None:
                return None
            if self._control.fileno() in ready:
                self._obey(run)
            if self._listener in ready and (code := self._notice(run)) is not None:
                return code

    def _poll_for(self, run: _Run) -> select.poll:
        poll = select.poll()
        for descriptor in (self._control.fileno(), run.watch, self._listener, self._orphans):
            if descriptor >= 0:
                poll.register(descriptor, select.POLLIN)
        return poll

    def _notice(self, run: _Run) -> int | None:
        """Return the exit code of a notice of the guest's; None if it is none, or over by now."""
        notice = exit_notice.receive(self._listener)
        if notice is None:
            return None
        if notice.exit_code is None:
            run.executed = True
            exit_notice.go_on(self._listener, notice)
            return None
        if notice.pid == run.guest.pid:
            return notice.exit_code
        # Of a mere thread: none of ours, so the guest's own game is over.
        reaper.kill_all_others()
        return None

    def _obey(self, run: _Run) -> None:
        data, _ = control_socket.receive(self._control, WITH_A_SPAWN)
        if not data:
            os._exit(0)
        command: Kill = marshal.loads(data)  # noqa: S302  # our own
        if command["id"] == run.id:
            reaper.kill_all_others()
