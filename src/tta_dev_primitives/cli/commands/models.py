"""`playbox models`."""

from __future__ import annotations

from typing import Annotated

import typer

from ..exits import EPILOG, ExitCode
from ..session import session_of
from .options import Json

models = typer.Typer(epilog=EPILOG, help="Check a model, and list the providers.")


@models.callback(invoke_without_command=True)
def group(context: typer.Context) -> None:
    """Check a model, and list the providers."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.USAGE)


@models.command()
def check(
    context: typer.Context,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Such as openai:NAME or replay:FILE.")],
    *,
    as_json: Json = False,
) -> int:
    """Ask MODEL one small question and say what came of it; a recording is only read.

    Examples:

    playbox models check anthropic:NAME

    OPENAI_BASE_URL=http://localhost:8000/v1 playbox models check openai:NAME
    """
    from ..providers import check_one

    return check_one(session_of(context), model, as_json=as_json)


@models.command(name="list")
def list_(context: typer.Context, *, as_json: Json = False) -> int:
    """List the known providers and whether each could be used from here. Keys are never shown.

    Examples:

    playbox models list
    """
    from ..providers import list_providers

    return list_providers(session_of(context), as_json=as_json)
