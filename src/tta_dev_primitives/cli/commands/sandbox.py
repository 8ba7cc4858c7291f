"""`playbox sandbox`."""

from __future__ import annotations

from typing import Annotated

import typer

from ..exits import EPILOG, ExitCode
from ..session import session_of
from .options import Json

sandbox = typer.Typer(epilog=EPILOG, help="Use the embedded sandbox by itself.")


@sandbox.callback(invoke_without_command=True)
def group(context: typer.Context) -> None:
    """Use the embedded sandbox by itself."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.USAGE)


@sandbox.command()
def serve(
    context: typer.Context,
    *,
    host: Annotated[
        str, typer.Option(help="The address to listen on; one that is not loopback needs a key.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 is any free one.")] = 49983,
    key: Annotated[
        list[str] | None,
        typer.Option(
            help="An API key that may come in; may be repeated. Others see it in the list of processes, so"
            " PLAYBOX_SERVER_KEY is better. Default: any key, from this machine."
        ),
    ] = None,
    max_sandboxes: Annotated[int, typer.Option(min=1, help="Most sandboxes at once.")] = 20,
    timeout: Annotated[
        int, typer.Option(min=1, metavar="SECONDS", help="Life of a sandbox whose maker names none.")
    ] = 300,
    memory: Annotated[
        int | None, typer.Option(min=1, metavar="MIB", help="Most memory of each process of a sandbox.")
    ] = None,
    disk: Annotated[
        int | None, typer.Option(min=1, metavar="MIB", help="Disk of a sandbox, which is memory as well.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Answer E2B's protocol from the embedded sandbox, until Ctrl-C.

    Code that uses E2B's SDK then runs here, offline, without a change: set the variables that are printed.

    Examples:

    playbox sandbox serve

    playbox sandbox serve --port 8080 --max-sandboxes 4 --memory 512
    """
    from ..serving import Wishes, serve_sandboxes

    wishes = Wishes(
        host=host,
        port=port,
        keys=tuple(key or ()),
        max_sandboxes=max_sandboxes,
        timeout_s=timeout,
        memory_mib=memory,
        disk_mib=disk,
    )
    return serve_sandboxes(session_of(context), wishes, as_json=as_json)
