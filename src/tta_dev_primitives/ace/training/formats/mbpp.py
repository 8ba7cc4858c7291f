"""MBPP as published: task_id, text (or prompt), code, test_list, test_setup_code, challenge_test_list.

Source: Austin et al., Program Synthesis with Large Language Models, arXiv 2108.07732; as there, the prompt
shows the tests of `test_list`, which are all that names the function. Those of `challenge_test_list` stay
hidden.
"""

from __future__ import annotations

from ..row import Found, Row


def from_row(row: Row) -> Found:
    """Return the task of a line.

    Raises:
        InvalidTask: a key is missing or of another type.
    """
    shown = row.texts("test_list")
    if not shown:
        raise row.wrong("test_list", "must be a list of assert statements, with at least one")
    setup = [row.text("test_setup_code", ""), *row.texts("test_imports")]
    tests = "\n".join([*filter(None, setup), *shown, *row.texts("challenge_test_list")])
    asked = row.text("text" if "text" in row.fields else "prompt")
    fields: dict[str, object] = {
        "id": f"MBPP/{row.fields.get('task_id', row.place)}",
        "task": "\n".join([asked, "", "It must pass:", *shown]),
        "tests": f"{tests}\n",
        "family": "mbpp",
    }
    return Found(fields=fields, solution=row.text("code", ""))
