"""`playbox report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..session import session_of
from .options import Json, PlaybookPlace


def report(
    context: typer.Context,
    run: Annotated[
        Path | None,
        typer.Argument(metavar="[RUN]", help="The folder of a training, an evaluation or a comparison."),
    ] = None,
    *,
    playbook: PlaybookPlace = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Where to write. Default: report.html in RUN, or beside the playbook.",
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """Write one HTML page about a run: what it learned, from which errors, and what that is worth.

    The page needs no network and runs no script. Without RUN it is about a playbook and the runs kept in it.

    Examples:

    playbox report runs/first

    playbox report --playbook .playbox/playbook.db --out playbook.html
    """
    from ..reporting.perform import Wanted
    from ..reporting.perform import report as write_report

    wanted = Wanted(run=run, playbook=playbook, out=out)
    return write_report(session_of(context), wanted, as_json=as_json)
