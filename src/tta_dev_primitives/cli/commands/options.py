"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

_GO_ON: Final = frozenset(
    {
        *("tasks", "resume", "model", "generator_model", "reflector_model", "curator_model", "sandbox"),
        *("budget_usd", "budget_tokens", "budget_calls", "timeout", "trace", "as_json"),
    }
)
"""Parameters that mean something to a run that goes on."""

Json: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout; progress goes to stderr.")
]
PlaybookPlace: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--playbook",
        metavar="PATH",
        help="The playbook: a .db, a .json or a postgresql:// address. Default: PLAYBOX_PLAYBOOK, else "
        ".playbox/playbook.db.",
    ),
]
Model: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="MODEL", help="Such as openai:NAME or replay:FILE. Default: PLAYBOX_MODEL."
    ),
]
SandboxName: TypeAlias = Annotated[
    str | None,
    typer.Option("--sandbox", metavar="NAME", help="Where code runs. Default: PLAYBOX_SANDBOX, else local."),
]
BudgetUsd: TypeAlias = Annotated[
    float | None, typer.Option("--budget-usd", help="Most US dollars to spend, in the whole run.")
]
BudgetTokens: TypeAlias = Annotated[
    int | None, typer.Option("--budget-tokens", help="Most tokens to use, in the whole run.")
]
BudgetCalls: TypeAlias = Annotated[
    int | None, typer.Option("--budget-calls", help="Most model calls to make, in the whole run.")
]
Timeout: TypeAlias = Annotated[
    float | None, typer.Option("--timeout", metavar="SECONDS", help="Most time, from now.")
]
Trace: TypeAlias = Annotated[
    bool, typer.Option("--trace", help="Keep a trace for `playbox trace`. Default: PLAYBOX_TRACE.")
]
TaskFormat: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="playbox, rows, humaneval, mbpp, livecodebench, exercism or quixbugs. Default: by shape.",
    ),
]
Out: TypeAlias = Annotated[
    Path | None,
    typer.Option("--out", metavar="RUN", help="The run's folder, new or empty. Default: runs/DATE-NAME."),
]
Resume: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--resume", metavar="RUN", help="Go on with the run in this folder; pays for nothing twice."
    ),
]
InFlight: TypeAlias = Annotated[int, typer.Option("--in-flight", min=1, help="Tasks done at once.")]
Probes: TypeAlias = Annotated[
    int, typer.Option("--probes", min=0, help="Most probe programs before the first attempt.")
]
Limit: TypeAlias = Annotated[
    int | None, typer.Option("--limit", min=1, help="Only the first so many tasks of the file.")
]


def refuse_what_resume_ignores(context: typer.Context) -> None:
    """See that no option is given of which a run was told when it began.

    Raises:
        ConfigurationError: one is given.
    """
    from ...core.errors import ConfigurationError

    given = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name not in _GO_ON
        and getattr(context.get_parameter_source(parameter.name), "name", "") == "COMMANDLINE"
    ]
    if given:
        raise ConfigurationError(
            f"--resume goes on as the run was told when it began; leave out {', '.join(given)}, "
            "or begin a new run"
        )
