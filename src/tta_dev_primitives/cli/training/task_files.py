"""`playbox tasks`: convert and check task files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.text import Text

from ...ace.evaluator import Evaluator
from ...ace.training.formats.playbox import to_lines
from ...ace.training.formats.read import read_tasks
from ...ace.training.task_set import TaskSet
from ...core.errors import ConfigurationError
from ...sandbox.open import open_sandbox
from ...sandbox.types import Limits
from ..exits import ExitCode
from ..interrupts import interruptible
from ..screen import Screen, one_line, open_screen, plural, safe
from ..session import Session


def convert_tasks(source: Path, form: str | None, out: Path, *, as_json: bool) -> ExitCode:
    """Write the tasks of `source` to `out`."""
    screen, tasks = open_screen(as_json=as_json), read_tasks(source, form)
    try:
        out.write_text(to_lines(tasks), encoding="utf-8", errors="replace")
    except OSError as error:
        raise ConfigurationError(f"--out {str(out)!r} cannot be written: {error.strerror}") from error
    if as_json:
        screen.document({**_document(tasks), "written": str(out)})
    else:
        screen.show(f"{plural(len(tasks), 'task')} written to {safe(str(out))}")
        _show_left_out(tasks, screen)
    return ExitCode.OK


def check_tasks(
    session: Session, source: Path, form: str | None, sandbox: str | None, *, as_json: bool
) -> ExitCode:
    """Run the reference solutions of `source`; fails if one does not pass."""
    screen, tasks = open_screen(as_json=as_json), read_tasks(source, form)
    failed = interruptible(lambda: _failures(session, tasks, sandbox))
    if as_json:
        screen.document({**_document(tasks), "failed": failed})
    else:
        for task_id, told in failed.items():
            screen.show(Text(f"✗ {safe(task_id)}: {one_line(told)}", style="red"))
        screen.show(
            f"{plural(len(tasks), 'task')}, {plural(len(tasks.solutions), 'solution')}, {len(failed)} failed"
        )
        _show_left_out(tasks, screen)
    return ExitCode.FAILED if failed else ExitCode.OK


async def _failures(session: Session, tasks: TaskSet, sandbox: str | None) -> dict[str, str]:
    """Return what is told of each solution that does not pass, by the task's id."""
    settings, told = session.settings(), dict[str, str]()
    place = session.sandbox or open_sandbox(sandbox or settings.sandbox, settings)
    try:
        evaluator = Evaluator(place, Limits())
        for task in tasks.tasks:
            if task.id in tasks.solutions:
                verdict = (await evaluator.judge(task, tasks.solutions[task.id])).verdict
                told |= {} if verdict.success else {task.id: f"{verdict.kind}: {verdict.feedback}"}
    finally:
        await place.aclose()
    return told


def _document(tasks: TaskSet) -> Mapping[str, object]:
    return {
        "tasks": len(tasks),
        "solutions": len(tasks.solutions),
        "digest": tasks.digest,
        "left_out": list(tasks.left_out),
    }


def _show_left_out(tasks: TaskSet, screen: Screen) -> None:
    for why in tasks.left_out:
        screen.tell(Text(f"left out: {one_line(why)}", style="yellow"))
