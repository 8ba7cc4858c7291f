"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Json: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout; progress goes to stderr.")
]
PlaybookPath: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--playbook",
        metavar="PATH",
        help="The playbook, .db or .json. Default: PLAYBOX_PLAYBOOK, else .playbox/playbook.db.",
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
