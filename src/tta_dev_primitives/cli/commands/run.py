"""`playbox run`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..session import session_of
from .options import Json, Model, PlaybookPlace, SandboxName, Trace


def run(  # a command's options are its parameters
    context: typer.Context,
    task: Annotated[str, typer.Argument(metavar="TASK", help="What to program; - reads it from stdin.")],
    *,
    facts: Annotated[
        str, typer.Option("--context", metavar="TEXT|@FILE", help="Facts that the model should know.")
    ] = "",
    code: Annotated[
        Path | None, typer.Option("--code", metavar="FILE", help="Code to start from; - reads it from stdin.")
    ] = None,
    language: Annotated[str, typer.Option("--language", help="The program's language.")] = "python",
    expect: Annotated[
        str | None, typer.Option("--expect", metavar="TEXT|@FILE", help="What the program must print.")
    ] = None,
    tests: Annotated[
        Path | None,
        typer.Option(
            "--tests",
            metavar="FILE",
            help="Tests to pass, as asserts, unittest or pytest; they import --code FILE.",
        ),
    ] = None,
    model: Model = None,
    playbook: PlaybookPlace = None,
    sandbox: SandboxName = None,
    max_iterations: Annotated[int, typer.Option("--max-iterations", help="Most attempts, 1 to 20.")] = 3,
    candidates: Annotated[
        int, typer.Option("--candidates", help="Fixes to ask for after a failure; the best goes on.")
    ] = 1,
    budget_usd: Annotated[float | None, typer.Option(help="Most US dollars to spend.")] = None,
    budget_tokens: Annotated[int | None, typer.Option(help="Most tokens to use.")] = None,
    budget_calls: Annotated[int | None, typer.Option(help="Most model calls to make.")] = None,
    timeout: Annotated[float | None, typer.Option("--timeout", metavar="SECONDS", help="Most time.")] = None,
    trace: Trace = False,
    as_json: Json = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the program there if it passes.")
    ] = None,
) -> int:
    """Write a program for TASK, run it in the sandbox, judge it, and learn from it.

    Examples:

    playbox run "Print the first 10 primes, one a line" --model openai:NAME

    playbox run "Make slow.py faster" --code slow.py --tests test_slow.py --out fast.py

    echo "Print 6 * 7" | playbox run - --expect 42 --json
    """
    from ..solving.order import Limits, Order, read_task
    from ..solving.solve import solve

    order = Order(
        task=read_task(
            task,
            facts=facts,
            code=code,
            language=language,
            expect=expect,
            tests=tests,
            max_iterations=max_iterations,
        ),
        model=model,
        playbook=playbook,
        sandbox=sandbox,
        candidates=candidates,
        limits=Limits(usd=budget_usd, tokens=budget_tokens, calls=budget_calls, seconds=timeout),
        out=out,
    )
    return solve(session_of(context, trace=trace), order, as_json=as_json)
