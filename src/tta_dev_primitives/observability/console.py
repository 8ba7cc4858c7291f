"""ConsoleSink: what happens, as it happens, a line each, indented as the steps nest."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from io import StringIO
from typing import Final

from rich.console import Console
from rich.text import Text

from ..core.events import Event, SpanEnded, SpanStarted
from ..settings import Settings
from .naming import name_of
from .scrubbing import Scrubber
from .wording import described, duration, one_line


class ConsoleSink:
    """Prints a line for each step that ends and each event; a step with something inside has two.

    `console` defaults to stderr. Nothing that is printed is read as markup or as control sequences. Secrets
    and content are dealt with as in `OpenTelemetrySink`.
    """

    def __init__(
        self,
        console: Console | None = None,
        *,
        settings: Settings | None = None,
        capture_content: bool | None = None,
    ) -> None:
        self._console: Final = console or Console(stderr=True, highlight=False)
        # rich ends the process when nobody reads its output any more; a sink must not. So it draws here only.
        self._drawing, self._lock = StringIO(), threading.Lock()
        self._drawn = Console(
            file=self._drawing,
            force_terminal=self._console.is_terminal,
            no_color=self._console.no_color,
            highlight=False,
        )
        self._scrubber = Scrubber.of(settings, capture_content)
        self._depth: dict[SpanStarted, int] = {}
        self._announced: set[SpanStarted] = set()

    def __call__(self, event: Event) -> None:
        """Print `event`."""
        if isinstance(event, SpanStarted):
            self._start(event)
        elif isinstance(event, SpanEnded):
            self._end(event)
        else:
            self._happened(event)

    def _start(self, started: SpanStarted) -> None:
        parent = started.parent if isinstance(started.parent, SpanStarted) else None
        self._announce(parent)
        self._depth[started] = 0 if parent is None else self._depth.get(parent, -1) + 1

    def _end(self, ended: SpanEnded) -> None:
        depth = self._depth.pop(ended.started, 0)
        self._announced.discard(ended.started)
        name = self._name(ended.started)
        if ended.error is None:
            self._print(depth, ("✓", "green"), f"{name}  {duration(ended.seconds)}")
        elif isinstance(ended.error, asyncio.CancelledError):
            self._print(depth, ("-", "yellow"), f"{name}  {duration(ended.seconds)}  cancelled")
        else:
            failure = self._scrubber.within(ended.started).failure(ended.error)
            told = f"{name}  {duration(ended.seconds)}  {failure.kind}: {failure.message}"
            self._print(depth, ("✗", "red"), told)

    def _happened(self, event: Event) -> None:
        around = event.within if isinstance(event.within, SpanStarted) else None
        operation = event.operation()
        self._announce(around)
        depth = 0 if around is None else self._depth.get(around, -1) + 1
        scrubber = self._scrubber.within(event.within)
        attributes: Mapping[str, object] = scrubber.attributes(event)
        took = "" if operation is None else f"  {duration(operation.seconds)}"
        name = name_of(event).replace("_", " ") if operation is None else operation.name
        self._print(depth, ("·", "dim"), f"{scrubber.name(name)}{took}  {described(attributes)}")

    def _announce(self, started: SpanStarted | None) -> None:
        """Print that a step began, before the first that happens inside."""
        if started is not None and started not in self._announced and started in self._depth:
            self._announced.add(started)
            self._print(self._depth[started], ("▸", "cyan"), self._name(started))

    def _name(self, started: SpanStarted) -> str:
        return self._scrubber.within(started).name(started.name)

    def _print(self, depth: int, sign: tuple[str, str], text: str) -> None:
        line = Text.assemble("  " * depth, sign, " ", one_line(text))
        with self._lock:
            self._console.file.write(self._styled(line) if self._console.is_terminal else f"{line.plain}\n")
            self._console.file.flush()

    def _styled(self, line: Text) -> str:
        self._drawing.seek(0)
        self._drawing.truncate()
        self._drawn.print(line, soft_wrap=True)
        return self._drawing.getvalue()
