"""`playbox runs`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..exits import EPILOG, ExitCode
from .options import Json

runs = typer.Typer(epilog=EPILOG, help="Look at durable runs, and decide what became of a step.")
File = Annotated[Path, typer.Argument(metavar="JOURNAL", help="The file that was given to Journal(...).")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The id of the run.")]
Step = Annotated[
    str, typer.Argument(metavar="STEP", help="The step's name, or its place as `show` tells it.")
]


@runs.callback(invoke_without_command=True)
def group(context: typer.Context) -> None:
    """Look at durable runs, and decide what became of a step."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.USAGE)


@runs.command(name="list")
def list_(journal: File, *, as_json: Json = False) -> int:
    """List the runs, that which was changed last first.

    Examples:

    playbox runs list orders.db
    """
    from ..durable.runs import list_runs

    return list_runs(journal, as_json=as_json)


@runs.command()
def show(journal: File, run: RunId, *, as_json: Json = False) -> int:
    """Show what is kept of the steps of RUN.

    Examples:

    playbox runs show orders.db order-17
    """
    from ..durable.runs import show_run

    return show_run(journal, run, as_json=as_json)


@runs.command()
def settle(
    journal: File,
    run: RunId,
    step: Step,
    *,
    result: Annotated[
        str, typer.Option("--result", metavar="JSON", help="What the step would have returned.")
    ],
) -> int:
    """Note that the effect of STEP, whose outcome is unknown, happened.

    Examples:

    playbox runs settle orders.db order-17 charge --result '"receipt 8"'
    """
    from ..durable.runs import settle_step

    return settle_step(journal, run, step, result)


@runs.command()
def retry(journal: File, run: RunId, step: Step) -> int:
    """Note that STEP may run, since its effect did not happen, or may happen once more.

    Examples:

    playbox runs retry orders.db order-17 charge
    """
    from ..durable.runs import retry_step

    return retry_step(journal, run, step)


@runs.command()
def forget(journal: File, run: RunId) -> int:
    """Remove all that is kept of RUN: the next run of that id does everything again.

    Examples:

    playbox runs forget orders.db order-17
    """
    from ..durable.runs import forget_run

    return forget_run(journal, run)
