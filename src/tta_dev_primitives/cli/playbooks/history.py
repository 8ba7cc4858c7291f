"""`playbox playbook history`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby

from rich.text import Text

from ...ace.playbook import Playbook
from ...ace.store import StoredRecord
from ...ace.store.lasting import LastingStore
from ..exits import ExitCode
from ..patience import patiently
from ..screen import Screen, open_screen, safe
from ..session import Session
from .place import existing, load
from .wording import changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one run did: from the version after `before` to `version`. `at` is ISO 8601 in UTC.

    `refused` are the rules by which something was not admitted; on a run's latest entry.
    """

    before: int
    version: int
    at: str
    run_id: str
    changes: tuple[str, ...]
    refused: tuple[str, ...] = ()

    @property
    def document(self) -> dict[str, object]:
        """The entry for JSON."""
        return {
            "version": self.version,
            "from_version": self.before,
            "at": self.at,
            "run": self.run_id,
            "changes": [change.strip() for change in self.changes],
            "refused": list(self.refused),
        }


def show_history(session: Session, place: str | None, last: int | None, *, as_json: bool) -> ExitCode:
    """Show what each run did to the playbook, oldest first."""
    store, screen = existing(session, place), open_screen(as_json=as_json)
    load(store)  # which tells of damage
    entries = patiently("reading the history", lambda: _entries(store))
    entries = entries if last is None else entries[-last:]
    if as_json:
        screen.document({"playbook": store.location, "history": [entry.document for entry in entries]})
    else:
        _show(entries, store.location, screen)
    return ExitCode.OK


async def _entries(store: LastingStore) -> list[Entry]:
    playbook, records = await store.load(), await store.history()
    refused: dict[str, list[str]] = {}
    for episode in await store.episodes():
        refused.setdefault(episode.run_id, []).extend(episode.refused)
    groups = groupby(records, key=lambda stored: stored.recorded.run_id)
    entries = [_entry(run_id, tuple(group), playbook) for run_id, group in groups]
    latest = {entry.run_id: number for number, entry in enumerate(entries)}
    return [
        replace(entry, refused=tuple(refused.get(entry.run_id, ())))
        if latest[entry.run_id] == number
        else entry
        for number, entry in enumerate(entries)
    ]


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
        for rule, count in Counter(entry.refused).items():
            screen.show(Text(f"  x {count} refused: {rule}", style="yellow"))
    screen.show(Text(f"{len(entries):,} shown, of {safe(location)}", style="dim"))


def _style(change: str) -> str:
    return {"+": "green", "!": "yellow", "?": "yellow"}.get(change[0], "")
