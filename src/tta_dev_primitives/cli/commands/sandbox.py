"""`playbox sandbox`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..exits import EPILOG, ExitCode
from ..session import session_of
from .options import Json, SandboxName

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
    environment: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="A virtual environment whose packages cells in Python can import."
        ),
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
        environment=environment,
    )
    return serve_sandboxes(session_of(context), wishes, as_json=as_json)


@sandbox.command()
def run(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The program; - reads it from stdin.")],
    *,
    language: Annotated[
        str | None,
        typer.Option(help="Its language. Default: what .py, .sh, .js, .c or .cpp says; Python for stdin."),
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Most time. Default: 10 seconds.")
    ] = None,
    memory: Annotated[
        int | None, typer.Option(min=1, metavar="MIB", help="Most memory of each process. Default: 1024.")
    ] = None,
    disk: Annotated[
        int | None, typer.Option(min=1, metavar="MIB", help="Most it may write. Default: 64.")
    ] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, help="Most processes. Default: what the language needs; Python 1.")
    ] = None,
    beside: Annotated[
        list[Path] | None,
        typer.Option("--file", metavar="PATH", help="A file to put beside the program; may be repeated."),
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A variable of its environment; may be repeated."),
    ] = None,
    packages: Annotated[
        str | None,
        typer.Option(
            metavar="stdlib|data|PATH",
            help="What Python can import: nothing else, numpy and pandas, or a virtual environment.",
        ),
    ] = None,
    sandbox: SandboxName = None,
    as_json: Json = False,
) -> int:
    """Run the program FILE once, confined: it sees neither this machine's files nor a network.

    What it prints goes to stdout and stderr; a line on stderr says how it ended and what it used.

    Examples:

    playbox sandbox run program.py

    playbox sandbox run count.sh --file data.csv --timeout 60

    echo "print(6 * 7)" | playbox sandbox run - --json
    """
    from ..running.order import Wishes, read_program
    from ..running.perform import Where, run_program

    wishes = Wishes(timeout_s=timeout, memory_mib=memory, disk_mib=disk, processes=processes)
    program = read_program(file, language, beside or (), env or (), wishes.limits())
    where = Where(sandbox=sandbox, packages=packages)
    return run_program(session_of(context), program, wishes, where, as_json=as_json)


@sandbox.command()
def bench(
    *,
    rounds: Annotated[int, typer.Option(min=2, help="How often everything is measured, in turns.")] = 100,
    as_json: Json = False,
) -> int:
    """Measure what the sandbox costs on this machine, beside a bare start of Python; takes a minute.

    A run costs p50 (the median), p95 and p99 milliseconds, and CPU time of all processes together. The ratio
    is to a bare start in the same rounds. Other work on the machine makes all of it slower.

    Examples:

    playbox sandbox bench

    playbox sandbox bench --rounds 300 --json
    """
    from ..benching.perform import bench as measure

    return measure(rounds, as_json=as_json)
