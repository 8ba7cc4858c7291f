"""`playbox playbook diff`."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from ...ace.bullet import Bullet
from ...ace.diff import Change, PlaybookDiff, diff
from ...ace.playbook import Playbook
from ...ace.store.lasting import LastingStore
from ..exits import ExitCode
from ..patience import patiently
from ..screen import one_line, open_screen
from ..session import Session
from .place import existing
from .strategies import wording


def show_diff(session: Session, place: str | None, old: int, new: int, *, as_json: bool) -> ExitCode:
    """Show what leads from one version to another."""
    store, screen = existing(session, place), open_screen(as_json=as_json)
    before, after = patiently("reading both versions", lambda: _versions(store, old, new))
    found = diff(before, after)
    if as_json:
        screen.document({"playbook": store.location, "from": old, "to": new, **diff_document(found)})
        return ExitCode.OK
    screen.show(*diff_lines(found, after))
    if found.empty:
        screen.show(f"nothing changed from version {old} to version {new}")
    return ExitCode.OK


async def _versions(store: LastingStore, old: int, new: int) -> tuple[Playbook, Playbook]:
    return await store.at_version(old), await store.at_version(new)


def diff_lines(found: PlaybookDiff, after: Playbook) -> list[Text]:
    """Return a line for each change, `after` being the later playbook."""
    lines = [Text(f"+ {_told(bullet)}", style="green") for bullet in found.added]
    lines += [Text(f"- {_told(bullet)}", style="red") for bullet in found.removed]
    for title, changed in _changes(found).items():
        lines += [
            Text(f"~ {change.new.alias} {title}: {_became(title, change, after)}") for change in changed
        ]
    return lines


def _told(bullet: Bullet) -> str:
    return f"{bullet.alias} {one_line(wording(bullet), 300)}"


def _changes(found: PlaybookDiff) -> Mapping[str, tuple[Change, ...]]:
    return {
        "revised": found.revised,
        "merged": found.merged,
        "retired": found.retired,
        "status": found.status,
        "tagged": found.tagged,
        "sealed": found.sealed,
        "pinned": found.pinned,
        "contradicts": found.conflicts,
        "differs from": found.apart,
    }


def _became(title: str, change: Change, after: Playbook) -> str:  # noqa: PLR0911  # a table, as a match
    old, new = change.old, change.new
    match title:
        case "revised":
            return f"{one_line(wording(old), 300)} -> {one_line(wording(new), 300)}"
        case "merged":
            into = after.bullets.get(new.merged_into or "")
            return f"into {into.alias}" if into else "no longer"
        case "tagged":
            return f"{_votes(old)} -> {_votes(new)}"
        case "sealed":
            return "no longer" if new.sealed is None else f"at place {new.sealed + 1} of the core"
        case "pinned":
            return "yes" if new.pinned else "no longer"
        case "contradicts":
            return _names(new.conflicts, after)
        case "differs from":
            return _names(new.apart, after)
        case _:
            return f"{old.standing} -> {new.standing}"


def _names(references: tuple[str, ...], after: Playbook) -> str:
    bullets = {bullet.alias for bullet in map(after.get, references) if bullet is not None}
    return ", ".join(sorted(bullets)) or "none"


def _votes(bullet: Bullet) -> str:
    return f"{bullet.helpful} helpful {bullet.harmful} harmful {bullet.neutral} neutral"


def diff_document(found: PlaybookDiff) -> dict[str, object]:
    """Return the changes as JSON values."""
    changed = {
        title: [
            {"old": change.old.model_dump(mode="json"), "new": change.new.model_dump(mode="json")}
            for change in items
        ]
        for title, items in _changes(found).items()
    }
    return {
        "added": [bullet.model_dump(mode="json") for bullet in found.added],
        "removed": [bullet.model_dump(mode="json") for bullet in found.removed],
        **changed,
    }
