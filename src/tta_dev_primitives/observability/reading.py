"""Read what `JsonlSink` wrote: runs as trees of spans. What is damaged is counted and left out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Final, NoReturn, TypeAlias, cast

from .aliveness import is_written
from .jsonl import older
from .totals import Totals

_LONGEST_LINE: Final = 1 << 22

Record: TypeAlias = Mapping[str, object]


class State(StrEnum):
    """How a span or a run stands."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RUNNING = "running"
    LOST = "lost"
    """It has no end, and the process that began it is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An event; `seconds` is how long what it reports took, if it did. `span` is None outside of all."""

    name: str
    at: float
    span: str | None
    attributes: Record
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedSpan:
    """A step. `started` is in seconds since 1970; `seconds` is None while there is no end."""

    id: str
    parent: str | None
    name: str
    started: float
    state: State
    seconds: float | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedRun:
    """All that a file says about a run, each in the order it began. A `parent` is a span of the same run."""

    id: str
    trace: str
    spans: tuple[TracedSpan, ...]
    moments: tuple[Moment, ...]

    @property
    def outermost(self) -> tuple[TracedSpan, ...]:
        """The spans with no other around them."""
        return tuple(span for span in self.spans if span.parent is None)

    @property
    def started(self) -> float:
        """When the first of it happened, in seconds since 1970."""
        return min([span.started for span in self.spans] + [moment.at for moment in self.moments], default=0)

    @property
    def seconds(self) -> float:
        """From the first of it to the last."""
        ends = [span.started + (span.seconds or 0.0) for span in self.spans]
        return max(ends + [moment.at for moment in self.moments], default=0.0) - self.started

    @property
    def state(self) -> State:
        """That of the outermost spans, the worst of them."""
        states = {span.state for span in self.outermost}
        order = (State.RUNNING, State.LOST, State.FAILED, State.CANCELLED)
        return next((state for state in order if state in states), State.DONE)

    @property
    def totals(self) -> Totals:
        """What its model calls and sandbox runs came to."""
        totals = Totals()
        for moment in self.moments:
            totals.add(moment.attributes)
        return totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """The runs in a file, the oldest first.

    `damaged` lines were left out; `cut` says that the last one was, and nobody is writing it.
    """

    runs: tuple[TracedRun, ...]
    damaged: int = 0
    cut: bool = False


def read_traces(path: Path) -> Traces:
    """Return what is in the file at `path` and in the one before it, if it was full.

    Raises:
        OSError: it cannot be read.
    """
    before = older(path)
    lines = chain(_lines(before) if before.exists() else (), _lines(path))
    runs: dict[str, _Draft] = {}
    damaged, last = 0, True
    for line in lines:
        record = _parsed(line)
        last = record is not None and runs.setdefault(_text(record, "run"), _Draft()).add(record)
        damaged += not last
    alive = is_written(path) is not False
    return Traces(
        runs=tuple(draft.finished(name, alive=alive) for name, draft in runs.items()),
        damaged=damaged,
        cut=not last and not alive,
    )


@dataclass(slots=True)
class _Draft:
    """A run while its lines are read."""

    trace: str = ""
    spans: dict[str, TracedSpan] = field(default_factory=dict[str, TracedSpan])
    moments: list[Moment] = field(default_factory=list[Moment])

    def add(self, record: Record) -> bool:
        """Take a line in, and tell whether it makes sense."""
        match record.get("kind"):
            case "start":
                return self._start(record)
            case "end":
                return self._end(record)
            case "event":
                return self._event(record)
            case _:
                return False

    def _start(self, record: Record) -> bool:
        span, at = _text(record, "span"), _number(record, "at")
        if not span or at is None or span in self.spans:
            return False
        self.trace = self.trace or _text(record, "trace")
        self.spans[span] = TracedSpan(
            id=span,
            parent=self._known(record.get("parent")),
            name=_text(record, "name"),
            started=at,
            state=State.RUNNING,
        )
        return True

    def _end(self, record: Record) -> bool:
        span, at, seconds = _text(record, "span"), _number(record, "at"), _number(record, "seconds")
        if not span or at is None or seconds is None or at < seconds:
            return False
        begun = self.spans.get(span)
        if begun is None:  # its start stood in a file that is gone
            parent = self._known(record.get("parent"))
            name = _text(record, "name")
            begun = TracedSpan(id=span, parent=parent, name=name, started=at - seconds, state=State.RUNNING)
        if begun.state is not State.RUNNING:
            return False
        kind, message = _error(record)
        failed = State.CANCELLED if kind.endswith("CancelledError") else State.FAILED
        error = f"{kind}: {message}" if message else kind
        state = failed if kind else State.DONE
        self.spans[span] = replace(begun, seconds=seconds, state=state, error=error)
        return True

    def _event(self, record: Record) -> bool:
        at, attributes = _number(record, "at"), record.get("attributes")
        if at is None or not isinstance(attributes, dict):
            return False
        name, seconds = _text(record, "name"), None
        operation = record.get("operation")
        if isinstance(operation, dict):
            took = cast("Record", operation)
            name, seconds = _text(took, "name"), _number(took, "seconds")
        span = self._known(record.get("span"))
        moment = Moment(name=name, at=at, span=span, attributes=cast("Record", attributes), seconds=seconds)
        self.moments.append(moment)
        return True

    def _known(self, span: object) -> str | None:
        """Return the id of a span that has begun; so no line can make spans lie in each other."""
        return span if isinstance(span, str) and span in self.spans else None

    def finished(self, name: str, *, alive: bool) -> TracedRun:
        spans: Iterable[TracedSpan] = self.spans.values()
        if not alive:
            spans = (replace(s, state=State.LOST) if s.state is State.RUNNING else s for s in spans)
        return TracedRun(id=name, trace=self.trace, spans=tuple(spans), moments=tuple(self.moments))


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while line := file.readline(_LONGEST_LINE):
            yield line


def _parsed(line: bytes) -> Record | None:
    try:
        value: object = json.loads(line, parse_constant=_refused, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    return cast("Record", value) if isinstance(value, dict) else None


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        _refused(text)
    return value


def _error(record: Record) -> tuple[str, str]:
    error = record.get("error")
    if not isinstance(error, dict):
        return "", ""
    known = cast("Record", error)
    return _text(known, "type") or "error", _text(known, "message")


def _text(record: Record, name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""


def _number(record: Record, name: str) -> float | None:
    """Return a number of seconds, or of seconds since 1970; what no clock shows is none."""
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < _MOST_SECONDS else None


_MOST_SECONDS: Final = 1e11
"""About the year 5100. Also excludes infinity, and NaN, which compares with nothing."""
