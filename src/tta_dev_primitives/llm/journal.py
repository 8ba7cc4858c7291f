"""Journal: every answer that a long run paid for, kept before it is used, so that none is paid for twice.

The file is a cassette (`tape.py`): `replay:FILE` plays it back, too.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from ..core.context import WorkflowContext
from ..core.errors import CassetteError
from . import tape
from .answered import answered
from .appending import append
from .types import LanguageModel, Reply, Request, T, Usage

_Place: TypeAlias = tuple[str, tape.Key]


class Journal:
    """The answers in the file at `path`, which is made if it is not there, and those still to come.

    A run that is started again asks the same questions, and gets from here what it got before. For one event
    loop at a time.

    Raises:
        CassetteError: the file cannot be read or written, or is damaged before its last line.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unused: defaultdict[_Place, list[tape.Entry]] = defaultdict(list)
        self._given: dict[tuple[_Place, str], tape.Entry] = {}
        self._spent, self._reused, self._reworded = Usage(), 0, 0
        for entry in _read(path):
            self._unused[entry.scope, entry.key].append(self._noted(entry))
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise _unwritable(path, error) from error

    @property
    def spent(self) -> Usage:
        """What all answers in the file cost, also those of earlier processes."""
        return self._spent

    @property
    def reused(self) -> int:
        """How many questions were answered from the file, and so not paid for."""
        return self._reused

    @property
    def reworded(self) -> int:
        """How many of those had been asked in other words: a program printed something else this time."""
        return self._reworded

    def within(self, scope: str, model: LanguageModel, *, after: Sequence[str] = ()) -> LanguageModel:
        """Return `model` for the part `scope` of the run, answering from the file where it can.

        A question that was asked in one of the scopes `after`, for the same task and in the same words, gets
        the answer from there, at no cost.
        """
        return _Scoped(self, scope, model, after)

    def take(self, scope: str, request: Request[T]) -> tape.Entry | None:
        """Take out the answer to `request`: that to the same words, else the first to the same question."""
        unused = self._unused.get((scope, tape.key_of(request)))
        if not unused:
            return None
        digest = tape.request_hash(tape.request_text(request))
        same = next((number for number, entry in enumerate(unused) if entry.hash == digest), None)
        self._reused += 1
        self._reworded += same is None
        return unused.pop(same or 0)

    def find(self, scopes: Sequence[str], request: Request[T]) -> tape.Entry | None:
        """Return the first answer to the same words in the first of `scopes` that has one; it stays there."""
        if not scopes:
            return None
        key, digest = tape.key_of(request), tape.request_hash(tape.request_text(request))
        found = (self._given.get(((scope, key), digest)) for scope in scopes)
        return next(filter(None, found), None)

    async def keep(self, entry: tape.Entry) -> None:
        """Write `entry`: before anything is awaited for a process that is killed, then for a lost machine.

        Raises:
            CassetteError: it could not be written.
        """
        try:
            append(self._file, entry.line)
            self._noted(entry)
            await asyncio.to_thread(os.fsync, self._file)
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def close(self) -> None:
        """Close the file. Idempotent."""
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _noted(self, entry: tape.Entry) -> tape.Entry:
        """Count and remember an entry, without its request: the hash tells it from others."""
        slim = entry.model_copy(update={"request": ""})
        self._spent += entry.usage.as_usage()
        self._given.setdefault(((entry.scope, entry.key), entry.hash), slim)
        return slim


class _Scoped:
    """A model within one part of a run."""

    def __init__(self, journal: Journal, scope: str, model: LanguageModel, after: Sequence[str]) -> None:
        self._journal, self._scope, self._model, self._after = journal, scope, model, after

    @property
    def name(self) -> str:
        """The name of the model that is asked."""
        return self._model.name

    async def ask(self, request: Request[T], context: WorkflowContext) -> Reply[T]:
        """Answer from the journal, else ask the model and keep its answer before it is used."""
        since = time.perf_counter()
        kept = self._journal.take(self._scope, request)
        if kept is not None:
            return answered(request, _reply(kept, request, kept.usage.as_usage()), context, since=since)
        before = self._journal.find(self._after, request)
        if before is not None:
            return answered(request, _reply(before, request, Usage()), context, since=since)
        reply = await self._model.ask(request, context)
        await self._journal.keep(
            tape.entry_of(request, reply, scope=self._scope, secrets=context.secrets.now)
        )
        return reply


def _reply(entry: tape.Entry, request: Request[T], usage: Usage) -> Reply[T]:
    return Reply(output=tape.output_of(entry, request), usage=usage, source=entry.source)


def _read(path: Path) -> tuple[tape.Entry, ...]:
    """Return what stands in the file; a last line that was cut short by the end of a process is removed."""
    try:
        content = path.read_bytes() if path.exists() else b""
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(path, whole)
    except OSError as error:
        raise _unwritable(path, error) from error
    return tape.load(path) if whole else ()


def _unwritable(path: Path, error: OSError) -> CassetteError:
    return CassetteError(f"the answers in {str(path)!r} cannot be read or written: {error.strerror}")
