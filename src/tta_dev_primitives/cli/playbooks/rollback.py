"""`playbox playbook rollback`."""

from __future__ import annotations

from ...ace.diff import diff
from ...ace.gate.rollback import rollback
from ...ace.playbook import Playbook
from ...ace.store import Commit
from ...ace.store.lasting import LastingStore
from ...core.context import new_id
from ..exits import ExitCode
from ..patience import patiently
from ..screen import open_screen, plural, safe
from ..session import Session
from .changes import diff_document, diff_lines
from .place import existing, load


def roll_back(session: Session, place: str | None, version: int, *, as_json: bool) -> ExitCode:
    """Undo what came after `version`, and show what that changed."""
    store, screen = existing(session, place), open_screen(as_json=as_json)
    before = load(store)
    after = patiently("rolling back", lambda: _rolled_back(store, before, version))
    found = diff(before, after)
    if as_json:
        screen.document(
            {"playbook": store.location, "to": version, "version": after.version, **diff_document(found)}
        )
    else:
        screen.show(*diff_lines(found, after))
        size = plural(after.size, "strategy")
        told = f"version {after.version} has the strategies of version {version}"
        screen.show(f"{told}, {size} in use, in {safe(store.location)}")
    return ExitCode.OK


async def _rolled_back(store: LastingStore, before: Playbook, version: int) -> Playbook:
    events = rollback(before, await store.at_version(version), reason=f"rolled back to version {version}")
    if not events:
        return before
    commit = Commit(run_id=f"rollback {new_id()[:8]}", decisions=events, actor="user")
    return (await store.commit(commit)).playbook
