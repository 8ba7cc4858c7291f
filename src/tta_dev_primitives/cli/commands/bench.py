"""`playbox bench`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..exits import EPILOG, ExitCode
from ..session import session_of
from .options import BudgetCalls, BudgetTokens, BudgetUsd, InFlight, Json, Model, SandboxName, Timeout

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


@bench.command()
def compare(  # a command's options are its parameters
    context: typer.Context,
    train: Annotated[
        Path | None, typer.Argument(metavar="TRAIN", help="Tasks to learn from; or --seed.")
    ] = None,
    test: Annotated[Path | None, typer.Argument(metavar="TEST", help="Held-out tasks.")] = None,
    *,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Compare on the invented environment of this seed.")
    ] = None,
    tasks: Annotated[
        int, typer.Option("--tasks", min=1, max=40, help="Training tasks of an environment, and held-out.")
    ] = 8,
    arms: Annotated[
        str,
        typer.Option(
            "--arms",
            metavar="NAME,...",
            help="Of none, learned, ace_faithful, history, cheatsheet, placebo and gold.",
        ),
    ] = "none,learned",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FOLDER",
            help="Where everything goes; a comparison that is there goes on. Default: runs/DATE-compare-....",
        ),
    ] = None,
    in_flight: InFlight = 4,
    epochs: Annotated[
        int, typer.Option("--epochs", min=1, help="Times to go through the training tasks.")
    ] = 1,
    attempts: Annotated[
        int, typer.Option("--attempts", min=1, max=20, help="Most attempts a held-out task.")
    ] = 1,
    probes: Annotated[
        int, typer.Option("--probes", min=0, help="Most probes before the first attempt, in the test alone.")
    ] = 0,
    context_tokens: Annotated[
        int, typer.Option("--context-tokens", min=100, help="Most tokens of strategies, history or sheet.")
    ] = 8000,
    model: Model = None,
    sandbox: SandboxName = None,
    budget_usd: BudgetUsd = None,
    budget_tokens: BudgetTokens = None,
    budget_calls: BudgetCalls = None,
    timeout: Timeout = None,
    as_json: Json = False,
) -> int:
    """Compare ways to learn: each arm learns from the same tasks and is tested on the same held-out ones.

    none: nothing · learned: our loop · ace_faithful: ACE as published · history: earlier tasks as they were,
    latest first · cheatsheet: a sheet that a model writes anew after each task · placebo: strategies of other
    tasks, as many · gold: the true ones.

    Told is first-try success with intervals, paired differences, and what it cost. The same command with the
    same --out goes on where it was interrupted, and pays for no answer twice; arms may be added.

    Examples:

    playbox bench compare --seed 7 --arms none,learned,placebo,gold --model openai:NAME --out runs/seven

    playbox bench compare tasks.jsonl held_out.jsonl --arms none,learned,history --json
    """
    from ..comparing.order import Order
    from ..comparing.perform import compare as perform
    from ..solving.order import Limits

    order = Order(
        arms=arms,
        seed=seed,
        tasks=tasks,
        train=train,
        test=test,
        out=out,
        in_flight=in_flight,
        epochs=epochs,
        attempts=attempts,
        probes=probes,
        context_tokens=context_tokens,
        model=model,
        sandbox=sandbox,
        limits=Limits(usd=budget_usd, tokens=budget_tokens, calls=budget_calls, seconds=timeout),
    )
    return perform(session_of(context), order, as_json=as_json)
