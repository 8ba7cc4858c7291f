"""`playbox doctor`."""

from __future__ import annotations

import typer

from ..session import session_of
from .options import Json, PlaybookPlace


def doctor(context: typer.Context, *, playbook: PlaybookPlace = None, as_json: Json = False) -> int:
    """Check what playbox needs here: Python, kernel, sandbox, playbook and models; with remedies.

    Examples:

    playbox doctor

    playbox doctor --json
    """
    from ..diagnosis.report import diagnose

    return diagnose(session_of(context), playbook, as_json=as_json)
