"""Group commit: commits that wait at once are written together, in one transaction with one fsync."""

from __future__ import annotations

import copy
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from ...core.errors import PlayboxError
from .lock import Abandoned
from .protocol import Commit, Committed

MOST: Final = 64
"""Commits of one transaction. More would gain little, and keep the writers of other processes waiting."""

Answer: TypeAlias = Committed | Exception
"""What a commit came to: stored, or why not."""


@dataclass(slots=True, eq=False, kw_only=True)
class Waiting:
    """A commit that waits to be written. Once it is `cancelled`, it is not begun any more."""

    commit: Commit
    cancelled: threading.Event = field(default_factory=threading.Event)
    answer: Future[Committed] = field(default_factory=Future[Committed])


class Write(Protocol):
    """Writes a group in one transaction."""

    def __call__(
        self, take: Callable[[], Sequence[Waiting]], nobody_waits: Callable[[], bool]
    ) -> Sequence[Answer]:
        """Take the group as soon as it is this writer's turn, and return one answer for each commit in it.

        Raises:
            Exception: nothing was stored, of any of them.
        """
        ...


class Group:
    """The commits of one process that wait for their turn. Threads and event loops may share it.

    One thread writes for all. It rests while nobody waits, and ends with this object. Nothing is in doubt:
    every commit that joined gets its own answer.
    """

    def __init__(self, write: Write) -> None:
        self._write = write
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="playbox-commits")
        self._guard = threading.Lock()
        self._queue: deque[Waiting] = deque()
        self._taken: list[Waiting] = []
        self._led = False

    def join(self, commit: Commit) -> Waiting:
        """Return `commit` waiting for its turn; this does not block."""
        if self._process != os.getpid():
            self._begin()  # forked: the thread that leads is the parent's, and so are those who wait
        waiting = Waiting(commit=commit)
        waiting.answer.set_running_or_notify_cancel()  # from here on nobody can take it back
        with self._guard:
            if not self._led:
                # Before anything waits: where no thread can be started, nothing is left behind.
                self._thread.submit(self._lead)
                self._led = True
            self._queue.append(waiting)
        return waiting

    def withdraw(self, waiting: Waiting, error: Exception) -> None:
        """Have `waiting` fail with `error`, if its turn has not come yet; else its answer follows."""
        waiting.cancelled.set()
        with self._guard:
            if waiting not in self._queue:
                return
            self._queue.remove(waiting)
        waiting.answer.set_exception(error)

    def _lead(self) -> None:
        """Write for all who wait, until nobody does."""
        while self._goes_on():
            try:
                answers: Sequence[Answer] = self._write(self._take, self._nobody_waits)
            except Abandoned:  # by all who waited; who came since has the next turn
                continue
            except Exception as error:  # noqa: BLE001  # it is raised where each of the commits is awaited
                waited = self._taken or self._take()
                answers = [_own(error) for _ in waited]
            for waiting, answer in zip(self._taken, answers, strict=True):
                if isinstance(answer, Committed):
                    waiting.answer.set_result(answer)
                else:
                    waiting.answer.set_exception(answer)

    def _goes_on(self) -> bool:
        with self._guard:
            self._taken = []
            self._led = bool(self._queue)
            return self._led

    def _take(self) -> Sequence[Waiting]:
        with self._guard:
            self._taken = [self._queue.popleft() for _ in range(min(MOST, len(self._queue)))]
            return self._taken

    def _nobody_waits(self) -> bool:
        with self._guard:
            return not self._queue


def _own(error: Exception) -> Exception:
    """Return the error for one of those who get it: what is noted on one is not on the others."""
    if not isinstance(error, PlayboxError):
        return error
    try:
        own = copy.copy(error)
    except TypeError:  # one that cannot be made of its arguments alone
        return error
    own.__cause__ = error.__cause__
    return own
