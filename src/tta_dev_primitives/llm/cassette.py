"""Record the answers of a model, and play them back: the same questions get the same answers or an error."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from itertools import chain
from pathlib import Path

from ..core.budget import Spend
from ..core.context import WorkflowContext
from ..core.errors import CassetteError
from . import mismatch, tape
from .answered import answered
from .connection import kept_open
from .types import LanguageModel, Origin, Reply, Request, Source, T


class Recording:
    """Asks `model` and appends each answer to the cassette at `path` before returning it.

    A replay plays earlier answers to the same question first, so record into a new file to replace them.

    Raises:
        CassetteError: `path` holds something that is not a readable cassette; no answer is asked for then.
    """

    def __init__(self, model: LanguageModel, path: Path) -> None:
        if path.exists() and (path.is_dir() or path.stat().st_size):
            tape.load(path)
        self._model, self._path = model, path

    @property
    def name(self) -> str:
        """The model string."""
        return f"record:{self._model.name}"

    def connected(self) -> AbstractAsyncContextManager[object]:
        """Keep the model's connections open until the block ends."""
        return kept_open([self._model])

    async def ask(self, request: Request[T], context: WorkflowContext) -> Reply[T]:
        """Ask the model and record its answer.

        Raises:
            CassetteError: the answer came and could not be written.
        """
        reply = await self._model.ask(request, context)
        entry = tape.entry_of(request, reply, secrets=context.secrets.now)
        await asyncio.to_thread(tape.append, self._path, entry)
        return reply


class Replay:
    """Answers from the cassette at `path` by (role, task, attempt) and the request's hash, in no other way.

    A question that was recorded several times gets its answers in the order recorded, and the last one again
    from then on. Each object starts at the first; tasks and threads may share one, and only the last answer
    is handed out twice. What an answer cost is reported, and taken from the budget, as it was when recorded.

    Raises:
        CassetteError: the file is missing, empty, damaged or of a later version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._answers = _by_key(tape.load(path))

    @property
    def name(self) -> str:
        """The model string."""
        return f"replay:{self._path}"

    @property
    def sources(self) -> tuple[Source, ...]:
        """Whose answers these are and when they were recorded, each combination once."""
        pairs = {
            (entry.model, entry.recorded)
            for answers in self._answers.values()
            for entry in chain.from_iterable(each.entries for each in answers.values())
        }
        return tuple(
            Source(origin=Origin.REPLAYED, model=model, recorded=recorded)
            for model, recorded in sorted(pairs)
        )

    async def ask(self, request: Request[T], context: WorkflowContext) -> Reply[T]:
        """Return the recorded answer.

        Raises:
            CassetteError: nothing was recorded for this key, or for another text; names what differs.
        """
        context.check_deadline(f"{request.role} asked {self.name}")
        since = time.perf_counter()
        entry = self._find(request)
        reply = Reply(
            output=tape.output_of(entry, request),
            usage=entry.usage.as_usage(),
            source=Source(origin=Origin.REPLAYED, model=entry.model, recorded=entry.recorded),
        )
        _charge(reply, context)
        return answered(request, reply, context, since=since)

    def _find(self, request: Request[T]) -> tape.Entry:
        key, text = tape.key_of(request), tape.request_text(request)
        answers = self._answers.get(key)
        if answers is None:
            raise CassetteError(mismatch.no_entry(key, self._answers))
        of_request = answers.get(tape.request_hash(text))
        if of_request is None:
            recorded = tuple(chain.from_iterable(each.entries for each in answers.values()))
            raise CassetteError(mismatch.other_request(key, text, recorded))
        return of_request.next()


class _Answers:
    """What was recorded for one question, and how much of it was handed out."""

    def __init__(self) -> None:
        self.entries: list[tape.Entry] = []
        self._given = 0
        self._lock = threading.Lock()  # event loops in several threads may share a replay

    def next(self) -> tape.Entry:
        with self._lock:
            entry = self.entries[min(self._given, len(self.entries) - 1)]
            self._given += 1
        return entry


def _by_key(entries: tuple[tape.Entry, ...]) -> Mapping[tape.Key, Mapping[str, _Answers]]:
    grouped: defaultdict[tape.Key, defaultdict[str, _Answers]] = defaultdict(lambda: defaultdict(_Answers))
    for entry in entries:
        grouped[entry.key][entry.hash].entries.append(entry)
    return {key: dict(answers) for key, answers in grouped.items()}


def _charge(reply: Reply[T], context: WorkflowContext) -> None:
    if context.budget is None:
        return
    usage = reply.usage
    spend = Spend(tokens=usage.tokens, usd=usage.usd or 0.0, calls=usage.calls)
    context.budget.settle(context.budget.reserve(spend), spend)
