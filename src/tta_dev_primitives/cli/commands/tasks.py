"""`playbox tasks`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..exits import EPILOG, ExitCode
from ..session import session_of
from .options import Json, SandboxName, TaskFormat

tasks = typer.Typer(epilog=EPILOG, help="Read task sets, convert and check them.")
Source = Annotated[
    Path, typer.Argument(metavar="TASKS", help="A JSONL file of tasks, or a public set's folder.")
]


@tasks.callback(invoke_without_command=True)
def group(context: typer.Context) -> None:
    """Read task sets, convert and check them."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.USAGE)


@tasks.command()
def convert(
    source: Source,
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The task file to write.")],
    form: TaskFormat = None,
    as_json: Json = False,
) -> int:
    """Write a public set, or any other task file, as a task file of playbox.

    Examples:

    playbox tasks convert HumanEval.jsonl --out humaneval.jsonl

    playbox tasks convert ./QuixBugs --out quixbugs.jsonl
    """
    from ..training.task_files import convert_tasks

    return convert_tasks(source, form, out, as_json=as_json)


@tasks.command()
def check(
    context: typer.Context,
    source: Source,
    *,
    form: TaskFormat = None,
    sandbox: SandboxName = None,
    as_json: Json = False,
) -> int:
    """Read the tasks, and run the reference solutions that they bring; no model is asked.

    Examples:

    playbox tasks check tasks.jsonl
    """
    from ..training.task_files import check_tasks

    return check_tasks(session_of(context), source, form, sandbox, as_json=as_json)
