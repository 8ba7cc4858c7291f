"""The board while the demonstration runs: redrawn on a terminal, a line for each finished pass elsewhere."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Group
from rich.live import Live
from rich.text import Text

from ...ace.progress import PlaybookChanged, StrategiesChosen
from ...core.events import Event, Sink
from ...demo.passes import Stage
from ..screen import Screen
from ..solving.steps import lines, under_way
from .board import LEGEND, Board

_HEADING_WIDTH = max(len(stage.heading) for stage in Stage) + 2


@contextmanager
def showing(board: Board, screen: Screen, *, verbose: bool) -> Generator[Sink]:
    """Yield a sink that shows `board`, which must hear each event first; `verbose` tells each step too."""
    stream = screen.err if screen.as_json else screen.out
    if not stream.is_terminal or verbose:
        yield _Lines(board, screen, verbose=verbose)
        if not screen.as_json:
            screen.show(Text(LEGEND, style="dim"))
        return
    drawing = _Drawing(board)
    with Live(get_renderable=drawing.draw, console=stream, refresh_per_second=12):
        yield drawing
        drawing.step = ""


class _Drawing:
    """The whole board and the step under way."""

    def __init__(self, board: Board) -> None:
        self._board, self.step = board, "starting"

    def __call__(self, event: Event) -> None:
        phrase = under_way(event)
        if phrase is not None:
            self.step = f"{self._board.running}: {phrase}"

    def draw(self) -> Group:
        return Group(self._board.table(), Text(self.step or LEGEND, style="dim"))


class _Lines:
    """A line for each pass when it is done, and before it the steps of its tasks if `verbose`."""

    def __init__(self, board: Board, screen: Screen, *, verbose: bool) -> None:
        self._board, self._screen, self._verbose = board, screen, verbose

    def __call__(self, event: Event) -> None:
        if self._verbose:
            self._tell_step(event)
        if isinstance(event, PlaybookChanged):
            stage = Stage(event.task_id.partition("/")[0])
            if self._board.done(stage):
                self._say(
                    Text.assemble((stage.heading.ljust(_HEADING_WIDTH), "bold"), self._board.row(stage))
                )

    def _tell_step(self, event: Event) -> None:
        if isinstance(event, StrategiesChosen):
            self._say(Text(event.task_id, style="bold cyan"))
        for line in lines(event):
            self._say(Text("  ").append_text(line))

    def _say(self, line: Text) -> None:
        if self._screen.as_json:
            self._screen.tell(line)
        else:
            self._screen.show(line)
