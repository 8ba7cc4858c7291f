"""`playbox playbook why`."""

from __future__ import annotations

from ...ace.store.lasting import LastingStore
from ...ace.why import Why
from ..exits import ExitCode
from ..patience import patiently
from ..screen import open_screen
from ..session import Session
from .archive import archive_of
from .place import existing
from .why_document import document
from .why_screen import show_why


def explain(
    session: Session, place: str | None, reference: str, *, everything: bool, as_json: bool
) -> ExitCode:
    """Show why the strategy `reference` stands; `everything` shows all code and every change."""
    store, screen = existing(session, place), open_screen(as_json=as_json)
    found = patiently("reading the history", lambda: _collected(store, reference))
    if as_json:
        screen.document({"playbook": store.location, **document(found)})
    else:
        show_why(found, screen, everything=everything)
    return ExitCode.OK


async def _collected(store: LastingStore, reference: str) -> Why:
    return (await archive_of(store)).why(reference)
