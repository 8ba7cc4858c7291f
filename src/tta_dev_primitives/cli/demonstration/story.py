"""Which of all attempts to tell: one unseen task, without the playbook and with it."""

from __future__ import annotations

from dataclasses import dataclass

from ...ace.attempt import Attempt
from ...ace.bullet import Bullet
from ...ace.playbook import Playbook
from ...demo.passes import Stage
from ...demo.tasks import TEST_TASKS, DemoTask
from ..solving.steps import reason
from .board import Board, key


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The first attempt at one task without the playbook, which failed, and with it, which passed."""

    task: DemoTask
    without: Attempt
    learned: Attempt


def tell(board: Board) -> Story | None:
    """Return the story with the least code; one whose program raised comes before a wrong answer."""
    stories = [story for task in TEST_TASKS if (story := _story(board, task)) is not None]
    return min(stories, key=_length, default=None)


def origins(playbook: Playbook, board: Board) -> dict[str, str]:
    """Return where every strategy in use came from, by its display id: the task, and what taught it."""
    return {bullet.alias: _origin(bullet, playbook, board) for bullet in playbook.active}


def _origin(bullet: Bullet, playbook: Playbook, board: Board) -> str:
    task_id = bullet.provenance.task_id
    failed = [attempt for attempt in board.attempts.get(task_id, ()) if not attempt.verdict.success]
    own = [attempt for attempt in failed if _names(bullet, attempt)]
    unclaimed = [a for a in failed if not any(_names(other, a) for other in playbook.active)]
    taught = next(iter((*own, *unclaimed, *failed)), None)
    why = "passed at the first try" if taught is None else f"attempt {taught.number}: {reason(taught, 110)}"
    return f"from {task_id.rpartition('/')[2]}, {why}"


def _names(bullet: Bullet, attempt: Attempt) -> bool:
    """Tell whether a strategy speaks of the very error of an attempt."""
    error = attempt.verdict.error_signature
    return error != "" and error in f"{bullet.content} {' '.join(bullet.trigger.error_signatures)}"


def _story(board: Board, task: DemoTask) -> Story | None:
    without = board.attempts.get(key(Stage.CONTROL, task), ())
    learned = board.attempts.get(key(Stage.AFTER, task), ())
    if not without or not learned or without[0].verdict.success or not learned[0].verdict.success:
        return None
    return Story(task=task, without=without[0], learned=learned[0])


def _length(story: Story) -> tuple[bool, int]:
    quiet = story.without.judgement.execution.error is None
    return quiet, len(story.without.code.splitlines()) + len(story.learned.code.splitlines())
