"""The demonstration as it goes: a row for each pass, a mark for each task."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from rich.table import Table
from rich.text import Text

from ...ace.attempt import Attempt
from ...ace.progress import AttemptJudged, AttemptStarted, PlaybookChanged
from ...core.events import Event
from ...demo.passes import Stage
from ...demo.tasks import DemoTask

_MARK_WIDTH = 4


@dataclass(slots=True, kw_only=True)
class Board:
    """A sink: collects every attempt by the id of its task, and knows which tasks are done."""

    attempts: defaultdict[str, list[Attempt]] = field(default_factory=lambda: defaultdict(list))
    running: str = ""
    finished: set[str] = field(default_factory=set[str])

    def __call__(self, event: Event) -> None:
        """Take note of `event`."""
        match event:
            case AttemptStarted(task_id=task_id):
                self.running = task_id
            case AttemptJudged(task_id=task_id, attempt=attempt):
                self.attempts[task_id].append(attempt)
            case PlaybookChanged(task_id=task_id):
                self.finished.add(task_id)
            case _:
                pass

    def done(self, stage: Stage) -> bool:
        """Tell whether every task of `stage` is finished."""
        return all(key(stage, task) in self.finished for task in stage.tasks)

    def row(self, stage: Stage) -> Text:
        """Return the row of a pass: a mark for each task."""
        return Text.assemble(*(self._mark(key(stage, task)) for task in stage.tasks))

    def table(self) -> Table:
        """Return all rows."""
        grid = Table.grid(padding=(0, 2))
        for stage in Stage:
            grid.add_row(Text(stage.heading, style="bold"), self.row(stage))
        return grid

    def _mark(self, task_id: str) -> tuple[str, str]:
        count = len(self.attempts[task_id])
        if task_id not in self.finished:
            return ("…" if task_id == self.running else "·").ljust(_MARK_WIDTH), "dim"
        if not self.attempts[task_id][-1].verdict.success:
            return "✗".ljust(_MARK_WIDTH), "red"
        if count == 1:
            return "✓".ljust(_MARK_WIDTH), "bold green"
        return f"✓{count}".ljust(_MARK_WIDTH), "yellow"


def key(stage: Stage, task: DemoTask) -> str:
    """Return the id that the loop knows the task of a pass by."""
    return f"{stage}/{task.id}"


LEGEND = "✓ solved at the first try   ✓2 ✓3 at the second or third   ✗ not solved"
