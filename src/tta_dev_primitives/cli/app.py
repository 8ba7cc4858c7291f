"""The program: its commands, and what becomes of an error. Exit codes: see exits.py."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated, Final

import typer
from typer.main import get_command

from ..core.errors import PlayboxError
from .commands import admission, keeping
from .commands.bench import bench
from .commands.demo import demo
from .commands.doctor import doctor
from .commands.evaluate import evaluate
from .commands.metrics import metrics
from .commands.models import models
from .commands.playbook import playbook
from .commands.report import report
from .commands.run import run
from .commands.runs import runs
from .commands.sandbox import sandbox
from .commands.tasks import tasks
from .commands.trace import trace
from .commands.train import train
from .discretion import discreet
from .exits import EPILOG, ExitCode
from .faults import tell_error, tell_fault, tell_interrupt, tell_system, tell_usage
from .interrupts import Interrupted
from .screen import Screen, open_screen
from .session import Session

_QUICK: Final = frozenset(("--help", "-h", "--version"))
"""Options that only print what is built in, at once."""

app = typer.Typer(
    name="playbox",
    epilog=EPILOG,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(run)
app.command()(demo)
app.command()(train)
app.command(name="eval")(evaluate)
app.add_typer(tasks, name="tasks")
for command in (*keeping.COMMANDS, *admission.COMMANDS):
    playbook.command()(command)
app.add_typer(playbook, name="playbook")
app.command()(metrics)
app.command()(report)
app.command()(trace)
app.add_typer(runs, name="runs")
app.add_typer(models, name="models")
app.add_typer(sandbox, name="sandbox")
app.add_typer(bench, name="bench")
app.command()(doctor)


def main(arguments: Sequence[str] | None = None, session: Session | None = None) -> int:
    """Run one command and return its exit code; `arguments` default to those of the process."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    _survive_odd_characters()
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    screen, debug = open_screen(as_json="--json" in options), "--debug" in options
    session = session or Session()
    if _QUICK.isdisjoint(options):
        session.secrets.add(_secrets_of_process())
    try:
        with discreet(session.secrets):
            return _told(arguments, session, screen, debug=debug)
    except OSError as error:  # also of telling what went wrong, when nobody listens
        return tell_system(error, screen, debug=debug)


def _secrets_of_process() -> tuple[str, ...]:
    from ..settings import secrets_of_environment  # noqa: PLC0415  # pydantic takes a while, --help needs none

    return secrets_of_environment()


def _told(arguments: list[str], session: Session, screen: Screen, *, debug: bool) -> int:
    """Run one command, and tell on `screen` what goes wrong."""
    try:
        return _invoke(arguments, session)
    except PlayboxError as error:
        return tell_error(error, screen, debug=debug)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        return tell_usage(error.format_message(), context.command_path if context else "playbox", screen)
    except Interrupted as error:
        return tell_interrupt(error, screen)
    except (KeyboardInterrupt, typer.Abort):
        return tell_interrupt(Interrupted(signal.SIGINT), screen)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  # the top level: no traceback reaches a user unasked
        return tell_fault(error, screen, debug=debug)


def _invoke(arguments: list[str], session: Session) -> int:
    with session.opened:
        code: object = get_command(app).main(
            args=arguments, prog_name="playbox", standalone_mode=False, obj=session
        )
    return code if isinstance(code, int) else ExitCode.OK


def _survive_odd_characters() -> None:
    """Print a replacement where a terminal's encoding lacks a character, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _show_version(wanted: bool) -> None:  # noqa: FBT001  # typer calls it with the option's value
    if wanted:
        typer.echo(f"playbox {version('tta-dev-primitives')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def playbox(
    context: typer.Context,
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit."),
    ] = False,
    _debug: Annotated[bool, typer.Option("--debug", help="Print a traceback with an error.")] = False,
) -> None:
    """Code generation that gets better by running its own code.

    A model writes a program, a sandbox runs it, the real result is judged, and what it teaches goes into a
    playbook for the next task.

    Start with `playbox demo`: it needs no key and no network.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.USAGE)
