"""Progress of a comparison: a line for each arm and each task."""

from __future__ import annotations

from rich.text import Text

from ...ace.training.progress import RunPlanned, TaskDone
from ...ace.training.result import TaskResult
from ...bench.compare.compare import ArmStarted, ArmTested
from ...core.events import Event
from ..screen import one_line, plural, safe


def lines(event: Event) -> list[Text]:
    """Return what `event` says that is worth telling."""
    match event:
        case ArmStarted(arm=arm, number=number, total=total):
            return [Text(f"arm {number} of {total}: {arm}", style="bold")]
        case RunPlanned(done=done, total=total, spent=spent) if spent.calls:
            paid = f"{plural(spent.calls, 'answer')} paid for"
            return [Text(f"  goes on: {done} of {total} results are there, {paid}")]
        case TaskDone(result=result, learned=learned):
            return [_task(result), *(Text(f"      + {one_line(text)}", style="green") for text in learned)]
        case ArmTested(arm=arm, first_tries=hits, n=n):
            return [Text(f"  {arm}: {hits} of {plural(n, 'held-out task')} at the first try")]
        case _:
            return []


def _task(result: TaskResult) -> Text:
    where = f"  {result.phase} {safe(result.task_id)}"
    if not result.success:
        return Text(f"{where}: ✗ {result.verdict.replace('_', ' ')}", style="red")
    attempts = "" if result.first_try else f", at attempt {result.attempts}"
    return Text(f"{where}: ✓{attempts}", style="green" if result.first_try else "yellow")
