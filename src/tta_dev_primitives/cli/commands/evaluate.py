"""`playbox eval`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..session import session_of
from .options import (
    BudgetCalls,
    BudgetTokens,
    BudgetUsd,
    InFlight,
    Json,
    Limit,
    Model,
    Out,
    Probes,
    Resume,
    SandboxName,
    TaskFormat,
    Timeout,
    Trace,
    refuse_what_resume_ignores,
)


def evaluate(  # a command's options are its parameters
    context: typer.Context,
    tasks: Annotated[
        Path | None, typer.Argument(metavar="TASKS", help="A JSONL file of tasks, or a public set's folder.")
    ] = None,
    *,
    playbook: Annotated[
        str | None,
        typer.Option(
            "--playbook",
            metavar="PATH|none",
            help="A .db, a .json, an address, a training run (its best version), or none. Default: as "
            "playbox run.",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against", metavar="PATH|none", help="Another playbook, to compare with on the same tasks."
        ),
    ] = None,
    resume: Resume = None,
    out: Out = None,
    form: TaskFormat = None,
    in_flight: InFlight = 1,
    max_iterations: Annotated[
        int, typer.Option("--max-iterations", min=1, max=20, help="Most attempts.")
    ] = 1,
    probes: Probes = 4,
    limit: Limit = None,
    model: Model = None,
    sandbox: SandboxName = None,
    budget_usd: BudgetUsd = None,
    budget_tokens: BudgetTokens = None,
    budget_calls: BudgetCalls = None,
    timeout: Timeout = None,
    trace: Trace = False,
    as_json: Json = False,
) -> int:
    """Measure a playbook on a set of tasks; it stays as it is.

    First-try success with a 95 % interval, and with --against a paired comparison. Every relevant strategy is
    used, nothing is left to chance.

    Examples:

    playbox eval held_out.jsonl --playbook runs/first --against none --in-flight 4

    playbox eval held_out.jsonl --playbook ace_playbook.json --json
    """
    from ..solving.order import Limits
    from ..training.order import EvalOrder, Resumed
    from ..training.perform import go_on, start

    limits = Limits(usd=budget_usd, tokens=budget_tokens, calls=budget_calls, seconds=timeout)
    if resume is not None:
        refuse_what_resume_ignores(context)
        again = Resumed(folder=resume, model=model, models={}, sandbox=sandbox, limits=limits)
        return go_on(session_of(context, trace=trace), again, tasks, as_json=as_json)
    order = EvalOrder(
        tasks=tasks,
        form=form,
        out=out,
        in_flight=in_flight,
        max_iterations=max_iterations,
        probes=probes,
        limit=limit,
        playbook=playbook,
        against=against,
        model=model,
        models={},
        sandbox=sandbox,
        limits=limits,
    )
    return start(session_of(context, trace=trace), order, as_json=as_json)
