"""All that a store holds, read for looking back."""

from __future__ import annotations

from ...ace.evidence import NO_BELIEFS
from ...ace.evidence.ledger import beliefs_of
from ...ace.playbook import Playbook
from ...ace.store import PlaybookStore
from ...ace.why import Archive
from ..screen import open_screen
from .damage import tell_damage

EMPTY = Archive(playbook=Playbook(), episodes=(), history=(), beliefs=NO_BELIEFS)
"""Of a playbook that nobody has written to yet."""


async def archive_of(store: PlaybookStore) -> Archive:
    """Return the playbook of `store` with all that led to it, and what that says about its strategies."""
    playbook, episodes, stored = await store.load(), await store.episodes(), await store.history()
    tell_damage(playbook, store.location, open_screen())
    return Archive(
        playbook=playbook,
        episodes=episodes,
        history=tuple(item.recorded for item in stored),
        beliefs=beliefs_of(playbook, episodes),
    )
