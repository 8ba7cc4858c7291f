"""`playbox metrics --explain`."""

from __future__ import annotations

from ...ace.metrics import definition
from ..exits import ExitCode
from ..screen import open_screen


def explain_metric(name: str, *, as_json: bool) -> ExitCode:
    """Print what a metric means and how it is computed.

    Raises:
        ConfigurationError: there is no such metric.
    """
    found, screen = definition(name), open_screen(as_json=as_json)
    if as_json:
        screen.document(
            {"name": found.name, "group": found.group, "meaning": found.meaning, "formula": found.formula}
        )
    else:
        screen.show(f"{found.name} ({found.group})", "", *found.formula.split("\n"))
    return ExitCode.OK
