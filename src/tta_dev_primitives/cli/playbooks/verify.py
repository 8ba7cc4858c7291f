"""`playbox playbook verify`."""

from __future__ import annotations

from rich.text import Text

from ...ace.store.verification import Verified
from ..exits import ExitCode
from ..patience import patiently
from ..screen import open_screen, plural, safe
from ..session import Session
from .place import existing


def verify_playbook(session: Session, place: str | None, *, as_json: bool) -> ExitCode:
    """Check every row, and name what is damaged."""
    store, screen = existing(session, place), open_screen(as_json=as_json)
    found = patiently("checking every row", store.verify)
    if as_json:
        screen.document(_document(found, store.location))
    else:
        screen.show(*(Text(f"✗ {safe(str(damage))}", style="red") for damage in found.damages))
        screen.show(_told(found, store.location), *_archived(found))
    return ExitCode.OK if found.sound else ExitCode.FAILED


def _told(found: Verified, location: str) -> str:
    read = ", ".join(
        (
            plural(found.events, "event"),
            plural(found.episodes, "episode"),
            plural(found.snapshots, "snapshot"),
        )
    )
    if found.sound:
        lost = f" ({plural(found.set_aside, 'record')} lost before)" if found.set_aside else ""
        what = f"version {found.version}, {read}{lost}"
        return f"sound: {what}, every hash and the chain hold, in {safe(location)}"
    return f"damaged: {plural(len(found.damages), 'row')} of {read}, in {safe(location)}; nothing was changed"


def _archived(found: Verified) -> list[Text]:
    """Return what is told of events that were moved out."""
    if not found.base:
        return []
    if not found.missing:
        return [Text(f"up to version {found.base} refolded from the archive: it led to what is kept", "dim")]
    absent = ", ".join(map(safe, found.missing))
    told = f"up to version {found.base} the chain holds; refolded it was not, as this is not there: {absent}"
    return [Text(told, style="yellow")]


def _document(found: Verified, location: str) -> dict[str, object]:
    return {
        "playbook": location,
        "sound": found.sound,
        "version": found.version,
        "events": found.events,
        "episodes": found.episodes,
        "snapshots": found.snapshots,
        "set_aside": found.set_aside,
        "base": found.base,
        "missing_archives": list(found.missing),
        "damages": [
            {"table": damage.table, "row": damage.row, "problem": damage.problem} for damage in found.damages
        ],
    }
