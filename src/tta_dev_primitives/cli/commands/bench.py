"""`playbox bench`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..exits import EPILOG, ExitCode
from ..session import session_of
from .options import Json

bench = typer.Typer(epilog=EPILOG, help="Measure what learning is worth, on tasks that nobody can know.")


@bench.callback(invoke_without_command=True)
def group(context: typer.Context) -> None:
    """Measure what learning is worth, on tasks that nobody can know."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.USAGE)


@bench.command()
def environments(
    context: typer.Context,
    *,
    seed: Annotated[int, typer.Option(help="Which environment; the same seed makes the same one.")],
    train: Annotated[int, typer.Option(min=1, max=40, help="Tasks to learn from.")] = 8,
    test: Annotated[int, typer.Option(min=1, max=40, help="Tasks to be tested with.")] = 8,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write the tasks, the library and the rest there.")
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Run the solutions of every task in the sandbox, with and without each quirk."
        ),
    ] = False,
    reveal: Annotated[bool, typer.Option("--reveal", help="Also tell which quirks each task needs.")] = False,
    as_json: Json = False,
) -> int:
    """Make an invented library with undocumented quirks, and tasks that need two or three of them each.

    Training and test tasks share quirks but no combination of them. The library is built for this version of
    Python, and programs never see how it works.

    Examples:

    playbox bench environments --seed 7 --out environment

    playbox bench environments --seed 7 --check --reveal
    """
    from ..environments.perform import Wanted
    from ..environments.perform import environments as make

    wanted = Wanted(seed=seed, train=train, test=test, out=out, check=check, reveal=reveal)
    return make(session_of(context), wanted, as_json=as_json)
