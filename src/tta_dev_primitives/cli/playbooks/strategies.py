"""Strategies on the screen."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from ...ace.bullet import Bullet, Status
from ...ace.erasure import is_erased_bullet
from ..items import show_item
from ..screen import Screen, one_line, safe

_STYLES = {
    Status.VALIDATED: "bold green",
    Status.PROPOSED: "yellow",
    Status.SUSPENDED: "yellow",
    Status.RETIRED: "dim",
}
_RUN_DIGITS = 8
_TASK_CHARS, _SOURCE_CHARS = 200, 400
FORGOTTEN: Final = "(forgotten)"


def show_strategy(bullet: Bullet, screen: Screen) -> None:
    """Print one strategy: what it is, what it says, and where it came from."""
    held = (Text(_held(bullet), style="yellow"),) if bullet.status is Status.PROPOSED else ()
    show_item(head_of(bullet), (Text(wording(bullet)), Text(source(bullet), style="dim"), *held), screen)


def wording(bullet: Bullet) -> str:
    """Return what a strategy says, or in parentheses why nobody can tell any more."""
    if bullet.forgotten or is_erased_bullet(bullet):
        return FORGOTTEN
    return safe(bullet.content) or "(lost)"


def head_of(bullet: Bullet) -> Text:
    """Return what a strategy is: its display id, kind, status and votes."""
    return Text.assemble((bullet.alias, "bold green"), "  ", *_state(bullet))


def _held(bullet: Bullet) -> str:
    """Return why a proposal waits, and how a person decides on it."""
    why = safe(bullet.held) or "nobody has admitted it"
    return f"held back: {why}; playbox playbook admit {bullet.alias}, or refuse {bullet.alias}"


def source(bullet: Bullet) -> str:
    """Return where a strategy came from."""
    origin = bullet.provenance
    if origin.origin in {"import", "user"}:
        return f"from {one_line(origin.run_id)}"
    who = f", {origin.origin} {origin.model}".rstrip()
    task, run = one_line(origin.task_id, _TASK_CHARS), origin.run_id[:_RUN_DIGITS]
    return one_line(f"learned from {task}, run {run}{who}", _SOURCE_CHARS)


def _state(bullet: Bullet) -> tuple[str | tuple[str, str], ...]:
    domain = "" if bullet.domain == "general" else f" ({one_line(bullet.domain)})"
    votes = f"{bullet.helpful} helpful, {bullet.harmful} harmful"
    pinned = ", pinned" if bullet.pinned else ""
    merged = ", merged" if bullet.merged_into is not None else ""
    revision = f", revision {bullet.revision}" if bullet.revision > 1 else ""
    style = "bold red" if bullet.damaged else _STYLES.get(bullet.status, "")
    status = (bullet.standing, style)
    return f"{bullet.kind.replace('_', ' ')}{domain}, ", status, f"{revision}{pinned}{merged}, {votes}"
