"""Keep a trace of a command where it was asked for."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ...core.context import WorkflowContext
from ...core.events import Event, SinkFailed
from ...observability.jsonl import JsonlSink
from ...settings import Settings
from ..screen import Screen, one_line
from ..session import Session
from .find import SHORT


@contextmanager
def traced(
    context: WorkflowContext, command: str, session: Session, screen: Screen
) -> Generator[WorkflowContext]:
    """Yield a context whose run is kept for `playbox trace`, if the command line or a setting says so.

    Raises:
        ConfigurationError: the trace cannot be written where the settings say.
    """
    settings = session.settings()
    if not (session.trace or settings.trace):
        yield context
        return
    failures = _Failures()
    with JsonlSink(place_of(context, settings), settings=settings) as sink:
        heard = replace(context, sinks=(*context.sinks, sink, failures))
        try:
            with heard.span(command) as inside:
                yield inside
        finally:
            if failures.first:
                screen.tell(f"the trace has gaps: {one_line(failures.first)}")
            screen.tell(f"traced; see it with: playbox trace {context.workflow_id[:SHORT]}")


def place_of(context: WorkflowContext, settings: Settings) -> Path:
    """Return the file for the trace of a run: its name sorts by time and holds the run's id."""
    return settings.trace_folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{context.workflow_id}.jsonl"


class _Failures:
    """A sink that remembers how another one failed first."""

    def __init__(self) -> None:
        self.first: str = ""

    def __call__(self, event: Event) -> None:
        if isinstance(event, SinkFailed) and not self.first:
            self.first = str(event.error)
