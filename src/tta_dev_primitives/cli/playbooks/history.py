"""`playbox playbook history`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from rich.text import Text

from ...ace.playbook import Playbook
from ...ace.store import SqliteStore, StoredRecord
from ..exits import ExitCode
from ..interrupts import interruptible
from ..screen import Screen, open_screen, safe
from ..session import Session
from .damage import tell_damage
from .place import existing
from .wording import changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one run did: from the version after `before` to `version`. `at` is ISO 8601 in UTC."""

    before: int
    version: int
    at: str
    run_id: str
    changes: tuple[str, ...]

    @property
    def document(self) -> dict[str, object]:
        """The entry for JSON."""
        return {
            "version": self.version,
            "from_version": self.before,
            "at": self.at,
            "run": self.run_id,
            "changes": [change.strip() for change in self.changes],
        }


def show_history(session: Session, path: Path | None, last: int | None, *, as_json: bool) -> ExitCode:
    """Show what each run did to the playbook, oldest first."""
    store, screen = existing(session, path), open_screen(as_json=as_json)
    entries = interruptible(lambda: _entries(store))
    entries = entries if last is None else entries[-last:]
    if as_json:
        screen.document({"playbook": store.location, "history": [entry.document for entry in entries]})
    else:
        _show(entries, store.location, screen)
    return ExitCode.OK


async def _entries(store: SqliteStore) -> list[Entry]:
    playbook, records = await store.load(), await store.history()
    tell_damage(playbook, store.location, open_screen())
    groups = groupby(records, key=lambda stored: stored.recorded.run_id)
    return [_entry(run_id, tuple(group), playbook) for run_id, group in groups]


def _entry(run_id: str, records: Sequence[StoredRecord], playbook: Playbook) -> Entry:
    at = datetime.fromtimestamp(records[0].recorded.at // 10**9, UTC)
    return Entry(
        before=records[0].seq - 1,
        version=records[-1].seq,
        at=at.isoformat().replace("+00:00", "Z"),
        run_id=run_id,
        changes=tuple(changes([stored.recorded.event for stored in records], playbook)),
    )


def _show(entries: Sequence[Entry], location: str, screen: Screen) -> None:
    for entry in entries:
        run = f"  {entry.at}  run {safe(entry.run_id)}"
        screen.show(Text.assemble((f"version {entry.version}", "bold"), run))
        screen.show(*(Text(f"  {change}", style=_style(change)) for change in entry.changes))
    screen.show(Text(f"{len(entries)} shown, of {safe(location)}", style="dim"))


def _style(change: str) -> str:
    return {"+": "green", "!": "yellow"}.get(change[0], "")
