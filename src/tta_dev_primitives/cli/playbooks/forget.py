"""`playbox playbook forget`."""

from __future__ import annotations

from rich.text import Text

from ...ace.bullet import Bullet
from ...ace.events import Forget
from ...ace.playbook import Playbook
from ...ace.store import Commit
from ...ace.store.lasting import LastingStore
from ...ace.store.purge import Purged
from ...core.context import new_id
from ...core.errors import ConfigurationError, StoreError
from ..exits import ExitCode
from ..patience import patiently
from ..screen import one_line, open_screen, plural, safe
from ..session import Session
from .place import existing, load, strategy_named

_ELSEWHERE = (
    "what its runs were given, wrote and printed stays in the playbook as evidence; backups, exports, traces "
    "and folders of runs are yours to search"
)


def forget_strategy(
    session: Session, place: str | None, name: str, reason: str, *, as_json: bool
) -> ExitCode:
    """Erase the texts of a strategy from the whole playbook.

    Raises:
        ConfigurationError: there is no such strategy, or the reason repeats it.
    """
    store, screen = existing(session, place), open_screen(as_json=as_json)
    before = load(store)
    bullet = strategy_named(before, name)
    if not one_line(reason):
        raise ConfigurationError(f"--reason {reason!r} says nothing; it is all that will tell why it is gone")
    if not bullet.forgotten and bullet.content.casefold() in reason.casefold():
        raise ConfigurationError("the reason is kept, so it must not repeat the strategy; say it otherwise")
    after, purged = patiently("erasing", lambda: _forgotten(store, bullet, reason))
    gone = _names(after) - _names(before)
    if as_json:
        screen.document(
            {
                "playbook": store.location,
                "forgotten": sorted(gone),
                "version": after.version,
                **_purged_document(purged),
            }
        )
    else:
        told = f"{', '.join(sorted(gone)) or 'nothing more'} forgotten: {one_line(reason)}"
        screen.show(f"{told}; {plural(after.size, 'strategy')} left in {safe(store.location)}")
        screen.show(*_purged_lines(purged), _ELSEWHERE)
    return ExitCode.FAILED if purged.unreached else ExitCode.OK


async def _forgotten(store: LastingStore, bullet: Bullet, reason: str) -> tuple[Playbook, Purged]:
    """Purge also where it is forgotten already: the time before may have been interrupted in between."""
    playbook = await store.load()
    if not bullet.forgotten:
        forget = Forget(bullet=bullet.id, reason=reason)
        commit = Commit(run_id=f"forgetting {new_id()[:8]}", decisions=(forget,), actor="user")
        playbook = (await store.commit(commit)).playbook
    try:
        return playbook, await store.purge()
    except StoreError as error:
        error.add_note("it is forgotten: no row has it any more, but what the database has freed may")
        raise


def _purged_lines(purged: Purged) -> list[Text | str]:
    return [
        *(f"erased from the archive {safe(str(archive))} too" for archive in purged.erased),
        *(f"deleted, as it may have had it: {safe(str(file))}" for file in purged.removed),
        *(Text(f"✗ NOT erased from an archive: {safe(why)}", style="red") for why in purged.unreached),
        *(["once it is back, forget the strategy again"] if purged.unreached else []),
    ]


def _purged_document(purged: Purged) -> dict[str, object]:
    return {
        "erased_archives": [str(archive) for archive in purged.erased],
        "removed_files": [str(file) for file in purged.removed],
        "unreached_archives": list(purged.unreached),
    }


def _names(playbook: Playbook) -> frozenset[str]:
    return frozenset(bullet.alias for bullet in playbook.bullets.values() if bullet.forgotten)
