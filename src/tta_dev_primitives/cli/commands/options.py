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
