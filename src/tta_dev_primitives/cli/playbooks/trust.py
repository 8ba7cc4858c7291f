"""`playbox playbook trust`."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ...ace.aside import causes
from ...ace.bullet import Bullet, Status
from ...ace.events import Restore
from ...ace.playbook import Playbook
from ...ace.store import Commit
from ...core.context import new_id
from ...core.errors import ConfigurationError
from ..exits import ExitCode
from ..interrupts import interruptible
from ..screen import one_line, open_screen
from ..session import Session
from .place import existing, load, strategy_named

_REASON = "a person looked at it after a record about it was damaged"


def trust_strategies(session: Session, place: str | None, names: Sequence[str], *, as_json: bool) -> ExitCode:
    """Use strategies again, as they read now, that a damaged record put in doubt.

    Raises:
        ConfigurationError: there is no such strategy, or it is not in doubt.
    """
    store, screen = existing(session, place), open_screen(as_json=as_json)
    before = load(store)
    events = tuple(_restored(before, _doubted(before, name)) for name in dict.fromkeys(names))
    commit = Commit(run_id=f"trusting {new_id()[:8]}", decisions=events, actor="user")
    after = interruptible(lambda: store.commit(commit)).playbook
    trusted = [after.bullets[event.bullet] for event in events]
    if as_json:
        strategies = [bullet.model_dump(mode="json") for bullet in trusted]
        screen.document({"playbook": store.location, "trusted": strategies, "version": after.version})
    else:
        screen.show(
            *(Text(f"{one.alias} is {one.standing} again: {one_line(one.content)}") for one in trusted)
        )
    return ExitCode.OK


def _doubted(playbook: Playbook, name: str) -> Bullet:
    bullet = strategy_named(playbook, name)
    if not bullet.damaged:
        raise ConfigurationError(f"no damaged record is about {bullet.alias}; it is {bullet.standing}")
    if bullet.unread:
        raise ConfigurationError(
            f"the text of {bullet.alias} is lost; merge with a backup that has it, or let it be learned again"
        )
    return bullet


def _restored(playbook: Playbook, bullet: Bullet) -> Restore:
    """Return what makes it a candidate: that it was validated rests on records that may be damaged."""
    return Restore(
        bullet=bullet.id,
        revision=bullet.revision,
        content=bullet.content,
        trigger=bullet.trigger,
        status=Status.CANDIDATE,
        reason=_REASON,
        despite=causes(playbook.set_aside, bullet.id),
    )
