"""`playbox doctor`."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ...sandbox.local import probe
from ..exits import ExitCode
from ..screen import Screen, open_screen, safe
from ..session import Session
from .check import Check, State
from .checks import machine_checks, model_checks, playbook_check, sandbox_check

_MARKS = {State.OK: ("✓", "green"), State.NOTE: ("-", "yellow"), State.FAILED: ("✗", "bold red")}
_NAME_WIDTH = 17


def diagnose(session: Session, playbook: str | None, *, as_json: bool) -> ExitCode:
    """Look at everything, show it, and fail if something that is needed is missing."""
    screen, settings, machine = open_screen(as_json=as_json), session.settings(), probe()
    checks = (
        *machine_checks(machine, settings),
        sandbox_check(session, settings),
        playbook_check(session, playbook),
        *model_checks(settings),
    )
    well = all(check.state is not State.FAILED for check in checks)
    if as_json:
        screen.document(_document(checks, well=well, isolation=machine.isolation))
    else:
        _show(checks, screen, well=well)
    return ExitCode.OK if well else ExitCode.FAILED


def _show(checks: Sequence[Check], screen: Screen, *, well: bool) -> None:
    for check in checks:
        mark, style = _MARKS[check.state]
        screen.show(
            Text.assemble((mark, style), " ", (check.name.ljust(_NAME_WIDTH), "bold"), safe(check.detail))
        )
        if check.remedy and check.state is not State.OK:
            screen.show(Text(f"  {safe(check.remedy.strip())}", style="yellow"))
    failed = sum(check.state is State.FAILED for check in checks)
    screen.show("", "all that is needed is here" if well else f"{failed} of {len(checks)} checks failed")


def _document(checks: Sequence[Check], *, well: bool, isolation: str | None) -> dict[str, object]:
    told = [
        {"name": check.name, "state": check.state.value, "detail": check.detail, "remedy": check.remedy}
        for check in checks
    ]
    return {"ok": well, "isolation": isolation, "checks": told}
