"""Rows with a reference solution: id, prompt, entry_point, tests, canonical_solution, meta.

A form into which public sets (HumanEval, QuixBugs, Exercism) are often brought. `meta` may hold
`solution_file`, the file that the tests import, and `support`, files beside it.
"""

from __future__ import annotations

from ..row import Found, Row
from .stub import as_task


def from_row(row: Row) -> Found:
    """Return the task of a line; its family is what its id begins with, up to a slash.

    Raises:
        InvalidTask: a key is missing or of another type.
    """
    task_id, meta = row.text("id"), row.part("meta")
    fields: dict[str, object] = {
        "id": task_id,
        "task": as_task(row.text("prompt"), row.text("entry_point", "")),
        "tests": row.text("tests"),
        "files": {name: meta.part("support").text(name) for name in meta.part("support").fields},
        "family": task_id.partition("/")[0].lower() or "general",
    }
    if "solution_file" in meta.fields:
        fields["solution_file"] = meta.text("solution_file")
    return Found(fields=fields, solution=row.text("canonical_solution", ""))
