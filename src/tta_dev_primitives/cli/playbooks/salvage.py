"""`playbox playbook salvage`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from rich.text import Text

from ...ace.store.lasting import LastingStore
from ...ace.store.salvage import Salvaged, salvage
from ...core.errors import ConfigurationError
from ..exits import ExitCode
from ..patience import patiently
from ..screen import Screen, open_screen, plural, safe
from ..session import Session
from .damage import tell_damage
from .place import file_named, store_at

_INSTEAD: Final = "`playbox playbook copy A B` makes a file of a playbook on a server"


def salvage_playbook(session: Session, damaged: str, out: str, *, as_json: bool) -> ExitCode:
    """Make a new playbook of what can be read of a damaged one, and say what was lost.

    Raises:
        ConfigurationError: there is no such file.
    """
    named = file_named(damaged, _INSTEAD)
    file = named.with_suffix(".db") if named.suffix == ".json" else named
    if not file.is_file():
        raise ConfigurationError(f"there is no file {str(file)!r} to salvage; name the damaged playbook")
    screen, target = open_screen(as_json=as_json), store_at(session, out)
    found = patiently("reading what can be read", lambda: _salvaged(file, target))
    if as_json:
        screen.document({"damaged": str(file), "playbook": target.location, **_document(found)})
    else:
        _show(found, target.location, screen)
    tell_damage(found.playbook, target.location, screen)
    return ExitCode.OK


async def _salvaged(file: Path, target: LastingStore) -> Salvaged:
    found = await asyncio.to_thread(salvage, file)  # so that it can be interrupted
    await target.begin_with(found.records, found.episodes)
    return found


def _show(found: Salvaged, location: str, screen: Screen) -> None:
    for loss in found.losses:
        screen.show(Text(f"✗ {safe(str(loss))}", style="red"))
    read = f"{plural(len(found.records), 'event')} and {plural(len(found.episodes), 'episode')}"
    lost = f"{plural(len(found.losses), 'place')} damaged" if found.losses else "nothing was lost"
    screen.show(f"{read} read, {lost}; {plural(found.playbook.size, 'strategy')} in use in {safe(location)}")


def _document(found: Salvaged) -> dict[str, object]:
    return {
        "size": found.playbook.size,
        "version": found.playbook.version,
        "events": len(found.records),
        "episodes": len(found.episodes),
        "doubted": list(found.doubted),
        "losses": [{"table": loss.table, "row": loss.row, "problem": loss.problem} for loss in found.losses],
    }
