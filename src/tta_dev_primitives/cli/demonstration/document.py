"""The demonstration as one JSON document."""

from __future__ import annotations

from collections.abc import Mapping

from ...demo.passes import Demonstration, Pass
from .board import Board
from .recording import Speaker
from .story import Story, origins, tell


def document(shown: Demonstration, board: Board, speaker: Speaker, *, enough: bool) -> Mapping[str, object]:
    """Return everything that the screen shows."""
    taught = origins(shown.playbook, board)
    return {
        "ok": enough,
        "gain": shown.gain,
        "model": speaker.model.name,
        "replayed": speaker.replayed,
        "answers": speaker.banner,
        "passes": {stage.value: _pass(row) for stage, row in shown.passes.items()},
        "playbook": [
            {
                "id": bullet.alias,
                "kind": bullet.kind.value,
                "content": bullet.content,
                "task": bullet.provenance.task_id,
                "origin": taught[bullet.alias],
            }
            for bullet in shown.playbook.active
        ],
        "story": _story(tell(board)),
    }


def _story(story: Story | None) -> Mapping[str, object] | None:
    if story is None:
        return None
    without, learned = story.without, story.learned
    return {
        "task": story.task.task,
        "without_playbook": {"code": without.code, "error": without.verdict.feedback},
        "with_playbook": {"code": learned.code, "printed": learned.judgement.executions[0].stdout},
    }


def _pass(row: Pass) -> Mapping[str, object]:
    return {
        "heading": row.stage.heading,
        "tasks": len(row.results),
        "first_tries": row.first_tries,
        "solved": row.successes,
        "attempts": row.attempts,
        "calls": row.calls,
        "tokens": row.tokens,
        "results": [
            {
                "task": result.task_id,
                "passed": result.execution_success,
                "attempts": result.attempts,
                "verdict": result.verdict,
                "strategies_used": list(result.strategies_used),
                "learned": list(result.learned),
                "isolation": result.isolation,
            }
            for result in row.results
        ],
    }
