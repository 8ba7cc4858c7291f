"""`playbox demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..session import session_of
from .options import Json, Trace


def demo(  # a command's options are its parameters
    context: typer.Context,
    *,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", metavar="MODEL", help="Ask this model live, instead of the recorded answers."
        ),
    ] = None,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="Keep the learned playbook in this folder.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell every step of every task.")] = False,
    trace: Trace = False,
    as_json: Json = False,
) -> int:
    """See it learn: tasks with a library that no model can know, before and after learning.

    Without --model, recorded answers of a large language model are replayed; every program really runs, in
    the sandbox, now. Needs no key and no network. Exits with 1 if the gain is below 50 points.

    Examples:

    playbox demo

    playbox demo --model openai:NAME --keep ./demo --verbose
    """
    from ..demonstration.perform import Wishes, perform

    wishes = Wishes(model=model, keep=keep, verbose=verbose)
    return perform(session_of(context, trace=trace), wishes, as_json=as_json)
