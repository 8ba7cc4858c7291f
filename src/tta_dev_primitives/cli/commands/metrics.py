"""`playbox metrics`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..session import session_of
from .options import Json, PlaybookPlace


def metrics(
    context: typer.Context,
    *,
    place: PlaybookPlace = None,
    run: Annotated[
        Path | None,
        typer.Option("--run", metavar="FOLDER", help="A run folder: its results, and its playbook."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="WHEN", help="Only runs from then on: 2026-11-01, or 7d, 12h."),
    ] = None,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="NAME", help="Print how a metric is computed.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Show what the stored runs say about learning, each figure with its 95 % interval and its n.

    Where there is too little to tell, it says what is missing.

    Examples:

    playbox metrics

    playbox metrics --since 7d --json

    playbox metrics --explain "Success Rate Improvement"
    """
    from ..measuring.explain import explain_metric
    from ..measuring.show import Question, show_metrics

    if explain is not None:
        return explain_metric(explain, as_json=as_json)
    return show_metrics(session_of(context), Question(place=place, run=run, since=since), as_json=as_json)
