"""WorkflowContext: who asked, under which run, until when, for how much, and who listens."""

from __future__ import annotations

import time
import uuid
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from .errors import ConfigurationError, DeadlineExceeded
from .events import Event, Sink, SinkFailed, SpanEnded, SpanStarted

if TYPE_CHECKING:
    from .budget import Budget

_EMPTY: Mapping[str, str] = MappingProxyType({})
_NO_METADATA: Mapping[str, object] = MappingProxyType({})


def new_id() -> str:
    """Return 32 random hexadecimal digits."""
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A named moment of a run; `elapsed_ms` since the context was made."""

    name: str
    elapsed_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowContext:
    """The identity of one run, passed explicitly to every primitive.

    Fields are fixed; `child`, `branch` and `with_timeout` derive new contexts that share what is immutable.
    `state` is the one mutable part: it flows through `>>`, and each branch of `|` gets a shallow copy.
    `deadline` is in seconds of `time.monotonic()`.
    """

    workflow_id: str = field(default_factory=new_id)
    session_id: str | None = None
    correlation_id: str = field(default_factory=new_id)
    causation_id: str | None = None
    tenant: str | None = None
    metadata: Mapping[str, object] = _NO_METADATA
    tags: Mapping[str, str] = _EMPTY
    baggage: Mapping[str, str] = _EMPTY
    state: dict[str, object] = field(default_factory=dict[str, object])
    checkpoints: list[Checkpoint] = field(default_factory=list[Checkpoint])
    deadline: float | None = None
    budget: Budget | None = None
    trace_id: str = field(default_factory=new_id)
    span_id: str | None = None
    sinks: tuple[Sink, ...] = ()
    started_at: float = field(default_factory=time.monotonic)

    def child(self, **identity: str) -> WorkflowContext:
        """Return a context caused by this one, with the same run, state and listeners.

        Accepts `workflow_id`, `session_id` and `tenant` to replace those.
        """
        unknown = identity.keys() - {"workflow_id", "session_id", "tenant"}
        if unknown:
            raise ConfigurationError(
                f"a child context cannot replace {sorted(unknown)}, only session_id, tenant, workflow_id"
            )
        changed: dict[str, str] = {"causation_id": self.span_id or self.workflow_id, **identity}
        return replace(self, **changed)  # type: ignore[arg-type]  # the keys are checked above

    def branch(self) -> WorkflowContext:
        """Return a context whose state is a shallow copy, for a step that runs beside others."""
        return replace(self, state=dict(self.state))

    def with_timeout(self, seconds: float) -> WorkflowContext:
        """Return a context whose deadline is at most `seconds` from now."""
        if not seconds > 0:
            raise ConfigurationError(f"a timeout of {seconds!r} seconds must be above 0")
        due = time.monotonic() + seconds
        return replace(self, deadline=due if self.deadline is None else min(due, self.deadline))

    def seconds_left(self) -> float | None:
        """Return the seconds until the deadline (negative once it passed), or None if there is none."""
        return None if self.deadline is None else self.deadline - time.monotonic()

    def check_deadline(self, step: str) -> None:
        """Raise `DeadlineExceeded`, naming `step`, if the deadline has passed."""
        if self.deadline is not None and time.monotonic() >= self.deadline:
            raise DeadlineExceeded(f"the deadline passed before {step} could start")

    def elapsed_ms(self) -> float:
        """Return the milliseconds since the run's first context was made."""
        return (time.monotonic() - self.started_at) * 1e3

    def checkpoint(self, name: str) -> None:
        """Remember `name` with the time since the start in `checkpoints`."""
        self.checkpoints.append(Checkpoint(name=name, elapsed_ms=self.elapsed_ms()))

    def emit(self, event: Event) -> None:
        """Hand `event` to every sink. A sink that raises is reported to the others; the run goes on."""
        for sink in self.sinks:
            try:
                sink(event)
            except Exception as error:  # noqa: BLE001  # observers must not be able to break a run
                self._report(sink, error)

    def _report(self, failed: Sink, error: Exception) -> None:
        event = SinkFailed(sink=repr(failed), error=error)
        for sink in self.sinks:
            if sink is failed:
                continue
            try:
                sink(event)
            except Exception:  # noqa: BLE001, S112  # a second failing sink has nobody left to tell
                continue

    @contextmanager
    def span(self, name: str) -> Generator[WorkflowContext]:
        """Yield a context for the inside of a step; report its start and its end, raising or not."""
        span_id = new_id()[:16]
        self.emit(
            SpanStarted(name=name, span_id=span_id, parent_span_id=self.span_id, at=time.perf_counter())
        )
        error: BaseException | None = None
        try:
            yield replace(self, span_id=span_id)
        except BaseException as raised:
            error = raised
            raise
        finally:
            self.emit(SpanEnded(name=name, span_id=span_id, at=time.perf_counter(), error=error))
