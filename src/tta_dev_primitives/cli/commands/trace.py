"""`playbox trace`."""

from __future__ import annotations

from typing import Annotated

import typer

from ..session import session_of
from .options import Json


def trace(
    context: typer.Context,
    run: Annotated[
        str | None,
        typer.Argument(metavar="RUN", help="The beginning of a run's id, or the path of a trace file."),
    ] = None,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most runs to list.")] = 20,
    as_json: Json = False,
) -> int:
    """Show a run as a tree with times; without RUN, list the runs that were traced.

    A command keeps a trace with --trace, or where PLAYBOX_TRACE=1 is set, below .playbox/traces (or
    PLAYBOX_TRACE_FOLDER). Secrets are never in it; prompts, programs and their output are only where
    PLAYBOX_TRACE_CONTENT=1 is set. A run can be looked at while it runs.

    Examples:

    playbox run "Print 42" --trace

    playbox trace

    playbox trace 3f2a

    playbox trace traces.jsonl --json
    """
    from ..tracing.show import list_runs, show_run

    if run is None:
        return list_runs(session_of(context), limit, as_json=as_json)
    return show_run(session_of(context), run, as_json=as_json)
