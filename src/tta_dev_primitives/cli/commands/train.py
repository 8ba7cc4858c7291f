"""`playbox train`."""

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

RoleModel = Annotated[
    str | None, typer.Option(metavar="MODEL", help="A model for this role alone.", show_default=False)
]


def train(  # a command's options are its parameters
    context: typer.Context,
    tasks: Annotated[
        Path | None, typer.Argument(metavar="TASKS", help="A JSONL file of tasks, or a public set's folder.")
    ] = None,
    *,
    resume: Resume = None,
    out: Out = None,
    form: TaskFormat = None,
    validation: Annotated[
        str,
        typer.Option(
            "--validation",
            metavar="SHARE|FILE",
            help="Tasks to choose the best version by: a share of TASKS, 0 to 1, or a file of others.",
        ),
    ] = "0",
    online: Annotated[
        bool,
        typer.Option("--online", help="Go through TASKS once in windows: test on each, then learn from it."),
    ] = False,
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="Times to go through TASKS.")] = 1,
    window: Annotated[int, typer.Option("--window", min=1, help="Tasks in a window of --online.")] = 8,
    in_flight: InFlight = 1,
    max_iterations: Annotated[
        int | None,
        typer.Option("--max-iterations", min=1, max=20, help="Most attempts. Default: the task's."),
    ] = None,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Most rounds of reflection.")] = 1,
    candidates: Annotated[
        int, typer.Option("--candidates", min=1, help="Fixes to ask for after a failure.")
    ] = 1,
    probes: Probes = 4,
    certain: Annotated[
        bool,
        typer.Option(
            "--certain", help="Use every relevant strategy; leave none out by chance, to learn its effect."
        ),
    ] = False,
    replay_share: Annotated[
        float,
        typer.Option(
            "--replay-share",
            min=0,
            max=1,
            help="Calls to spend, as a share of the others, on the same task with a strategy and without.",
        ),
    ] = 0.0,
    seed: Annotated[int, typer.Option("--seed", help="Of all that is drawn.")] = 0,
    limit: Limit = None,
    playbook: Annotated[
        str | None,
        typer.Option(
            "--playbook",
            metavar="PATH",
            help="Begin with a copy of this one: a .db, a .json, a run or an address. Default: an empty one.",
        ),
    ] = None,
    model: Model = None,
    generator_model: RoleModel = None,
    reflector_model: RoleModel = None,
    curator_model: RoleModel = None,
    sandbox: SandboxName = None,
    budget_usd: BudgetUsd = None,
    budget_tokens: BudgetTokens = None,
    budget_calls: BudgetCalls = None,
    timeout: Timeout = None,
    trace: Trace = False,
    as_json: Json = False,
) -> int:
    """Learn from a set of tasks, in a folder of its own that holds all there is to know about the run.

    A run that was interrupted goes on with --resume; no model answer is paid for twice. --in-flight N lets N
    tasks learn from the same version of the playbook; what comes of them does not depend on which was first.

    Examples:

    playbox train tasks.jsonl --model openai:NAME --epochs 2 --validation 0.25 --in-flight 4

    playbox train tasks.jsonl --online --budget-usd 5 --out runs/first

    playbox train --resume runs/first
    """
    from ..solving.order import Limits
    from ..training.order import Resumed, TrainOrder
    from ..training.perform import go_on, start

    limits = Limits(usd=budget_usd, tokens=budget_tokens, calls=budget_calls, seconds=timeout)
    models = {"generator": generator_model, "reflector": reflector_model, "curator": curator_model}
    if resume is not None:
        refuse_what_resume_ignores(context)
        again = Resumed(folder=resume, model=model, models=models, sandbox=sandbox, limits=limits)
        return go_on(session_of(context, trace=trace), again, tasks, as_json=as_json)
    order = TrainOrder(
        tasks=tasks,
        form=form,
        out=out,
        validation=validation,
        online=online,
        epochs=epochs,
        window=window,
        in_flight=in_flight,
        max_iterations=max_iterations,
        rounds=rounds,
        candidates=candidates,
        probes=probes,
        certain=certain,
        replay_share=replay_share,
        seed=seed,
        limit=limit,
        playbook=playbook,
        model=model,
        models=models,
        sandbox=sandbox,
        limits=limits,
    )
    return start(session_of(context, trace=trace), order, as_json=as_json)
