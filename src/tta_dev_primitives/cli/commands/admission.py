"""`playbox playbook admit` and `refuse`: what a person decides on strategies that are held back."""

from __future__ import annotations

from typing import Annotated

import typer

from ..session import session_of
from .options import Json, PlaybookPlace

Strategies = Annotated[list[str], typer.Argument(metavar="ID...", help="Display ids, such as str-00017.")]


def admit(
    context: typer.Context, strategies: Strategies, *, place: PlaybookPlace = None, as_json: Json = False
) -> int:
    """Let strategies that are held back be used, as candidates that evidence has yet to validate.

    `playbox playbook show` lists what is held back, and why.

    Examples:

    playbox playbook admit str-00017
    """
    from ..playbooks import admission

    return admission.admit(session_of(context), place, strategies, as_json=as_json)


def refuse(
    context: typer.Context,
    strategies: Strategies,
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")] = (
        "refused by a person"
    ),
    place: PlaybookPlace = None,
    as_json: Json = False,
) -> int:
    """Retire strategies that are held back: they are not learned again.

    Examples:

    playbox playbook refuse str-00017 --reason "switches certificates off"
    """
    from ..playbooks import admission

    return admission.refuse(session_of(context), place, strategies, reason, as_json=as_json)


COMMANDS = (admit, refuse)
