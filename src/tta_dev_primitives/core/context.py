"""WorkflowContext: who asked, under which run, until when, for how much, and who listens."""

from __future__ import annotations

import uuid
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Final, final

from .errors import ConfigurationError, DeadlineExceeded
from .events import Event, Sink, SinkFailed, SpanEnded, SpanStarted
from .journaling import below
from .known_secrets import KnownSecrets

if TYPE_CHECKING:
    from .budget import Budget
    from .journaling import StepJournal


_new: Final = object.__new__
_set: Final = object.__setattr__


def new_id() -> str:
    """Return 32 random hexadecimal digits."""
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A named moment of a run; `elapsed_ms` since the context was made."""

    name: str
    elapsed_ms: float


# No slots: `_derive` copies the dictionary, which is 15 times as fast as dataclasses.replace().
@final
@dataclass(frozen=True, kw_only=True)
class WorkflowContext:
    """The identity of one run, passed explicitly to every primitive.

    Fields are fixed; `child`, `branch` and `with_timeout` derive new contexts that share what is immutable.
    `state` is the one mutable part: it flows through `>>`, and each branch of `|` gets a shallow copy.
    `deadline` is in seconds of `time.monotonic()`. `running` is the step around this context, if there are
    sinks; `parent_span_id` is the span of another process that this run belongs to, `trace_state` what other
    tracers sent along, and `sampled` whether that trace is recorded. `journal` makes the run
    durable, and `path` is then where in the workflow this context stands, such as `/2/then`. `secrets` are
    what nobody may be told of this run; whatever gives it some adds them, and all its contexts share them.
    """

    workflow_id: str = field(default_factory=new_id)
    session_id: str | None = None
    correlation_id: str = field(default_factory=new_id)
    causation_id: str | None = None
    tenant: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict[str, object])
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    baggage: Mapping[str, str] = field(default_factory=dict[str, str])
    state: dict[str, object] = field(default_factory=dict[str, object])
    checkpoints: list[Checkpoint] = field(default_factory=list[Checkpoint])
    deadline: float | None = None
    budget: Budget | None = None
    trace_id: str = field(default_factory=new_id)
    parent_span_id: str | None = None
    trace_state: str = ""
    sampled: bool = True
    running: SpanStarted | None = None
    sinks: tuple[Sink, ...] = ()
    journal: StepJournal | None = None
    path: str = ""
    secrets: KnownSecrets = field(default_factory=KnownSecrets, repr=False, compare=False)
    started_at: float = field(default_factory=monotonic)

    def __post_init__(self) -> None:
        _set(self, "__dict__", {**self.__dict__})  # laid out as in derived contexts, or attributes are slower

    @property
    def span_id(self) -> str | None:
        """The id of the span that is running, or of the one this run belongs to, or None."""
        return self.parent_span_id if self.running is None else self.running.span_id

    def child(
        self,
        *,
        workflow_id: str | None = None,
        session_id: str | None = None,
        tenant: str | None = None,
    ) -> WorkflowContext:
        """Return a context caused by this one, with the same run, state and listeners.

        What is given replaces that part of the identity; the correlation id always stays.
        """
        return replace(
            self,
            causation_id=self.span_id or self.workflow_id,
            workflow_id=workflow_id or self.workflow_id,
            session_id=session_id or self.session_id,
            tenant=tenant or self.tenant,
        )

    def branch(self) -> WorkflowContext:
        """Return a context whose state is a shallow copy, for a step that runs beside others."""
        return self._derive("state", self.state.copy())

    def at(self, label: str) -> WorkflowContext:
        """Return the context for the step inside that is called `label` in `children`.

        A label that begins with `?` is for a step that only asks or notes something and is no child.
        """
        return self if self.journal is None else self._derive("path", below(self.path, label))

    def with_timeout(self, seconds: float) -> WorkflowContext:
        """Return a context whose deadline is at most `seconds` from now."""
        if not seconds > 0:
            raise ConfigurationError(f"a timeout of {seconds!r} seconds must be above 0")
        due = monotonic() + seconds
        return self._derive("deadline", due if self.deadline is None else min(due, self.deadline))

    def _derive(self, name: str, value: object) -> WorkflowContext:
        """Return a copy with one field replaced."""
        fields = self.__dict__.copy()
        fields[name] = value
        derived = _new(WorkflowContext)
        _set(derived, "__dict__", fields)
        return derived

    def seconds_left(self) -> float | None:
        """Return the seconds until the deadline (negative once it passed), or None if there is none."""
        return None if self.deadline is None else self.deadline - monotonic()

    def check_deadline(self, step: str) -> None:
        """Raise `DeadlineExceeded`, naming `step`, if the deadline has passed."""
        if self.deadline is not None and monotonic() >= self.deadline:
            raise DeadlineExceeded(f"the deadline passed before {step} could start")

    def elapsed_ms(self) -> float:
        """Return the milliseconds since the run's first context was made."""
        return (monotonic() - self.started_at) * 1e3

    def checkpoint(self, name: str) -> None:
        """Remember `name` with the time since the start in `checkpoints`."""
        self.checkpoints.append(Checkpoint(name=name, elapsed_ms=self.elapsed_ms()))

    def emit(self, event: Event) -> None:
        """Hand `event` to every sink. A sink that raises is reported to the others; the run goes on.

        The event learns here where it happened, `Event.within`: only the emitter knows.
        """
        if self.sinks:
            object.__setattr__(event, "_within", self.running or self)
            self._tell(event)

    def _tell(self, event: Event) -> None:
        for sink in self.sinks:
            try:
                sink(event)
            except Exception as error:  # noqa: BLE001  # observers must not be able to break a run
                self._report(sink, error)

    def _report(self, failed: Sink, error: Exception) -> None:
        event = SinkFailed(sink=repr(failed), error=error)
        object.__setattr__(event, "_within", self.running or self)
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
        started = self.begin(name)
        try:
            yield self.inside(started)
        except BaseException as raised:
            self.end(started, raised)
            raise
        self.end(started, None)

    # `begin` and `end` are called for every step of every workflow, so both spell out `_tell`.
    def begin(self, name: str) -> SpanStarted:
        """Report that a step starts; `end` must follow."""
        started = SpanStarted(name, self.running or self, perf_counter())
        for sink in self.sinks:
            try:
                sink(started)
            except Exception as error:  # noqa: BLE001  # as in `_tell`
                self._report(sink, error)
        return started

    def inside(self, started: SpanStarted) -> WorkflowContext:
        """Return the context for the inside of a step that `begin` has reported."""
        return self._derive("running", started)

    def end(self, started: SpanStarted, error: BaseException | None) -> None:
        """Report that a step has returned or raised `error`."""
        ended = SpanEnded(started, perf_counter(), error)
        for sink in self.sinks:
            try:
                sink(ended)
            except Exception as failure:  # noqa: BLE001  # as in `_tell`
                self._report(sink, failure)
