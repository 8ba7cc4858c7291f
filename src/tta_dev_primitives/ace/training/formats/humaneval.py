"""HumanEval as published: task_id, prompt, entry_point, canonical_solution, test.

Source: Chen et al., Evaluating Large Language Models Trained on Code, arXiv 2107.03374; its data file.
"""

from __future__ import annotations

from ..row import Found, Row
from .stub import as_task


def from_row(row: Row) -> Found:
    """Return the task of a line.

    Raises:
        InvalidTask: a key is missing or of another type.
    """
    prompt, entry_point = row.text("prompt"), row.text("entry_point")
    fields: dict[str, object] = {
        "id": row.text("task_id"),
        "task": as_task(prompt, entry_point),
        "tests": f"{row.text('test')}\n\ncheck({entry_point})\n",
        "family": "humaneval",
    }
    rest = row.text("canonical_solution", "")
    return Found(fields=fields, solution=prompt + rest if rest else "")
