"""Rolling back: what was learned is undone by further events, as nothing is ever taken out of a history."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from ..aside import causes
from ..bullet import Bullet
from ..events import Restore, Suspend
from ..playbook import Playbook

REASON = "rolled back by the gate"


def rollback(
    current: Playbook, before: Playbook, *, only: Collection[str] | None = None, reason: str = REASON
) -> tuple[Suspend | Restore, ...]:
    """Return what makes the bullets in use those of `before` again, of which `current` is a later version.

    Bullets that came later are suspended; those that were there get their text, trigger and status back, and
    are no longer merged. With `only` that is done to these bullets, by id. Not undone are what a person
    pinned, what was forgotten, and the wording of sealed bullets, which prompts begin with.
    """
    bullets = current.bullets.values() if only is None else map(current.bullets.get, only)
    found = (
        _undone(current, bullet, before.bullets.get(bullet.id), reason)
        for bullet in bullets
        if bullet is not None
    )
    return tuple(event for event in found if event is not None)


def contents_digest(playbook: Playbook) -> str:
    """Return what is equal for playbooks with the same bullets in use, whatever their history."""
    parts = sorted(f"{bullet.id}\0{bullet.content}\0{bullet.trigger!r}" for bullet in playbook.active)
    return hashlib.sha256("\0\0".join(parts).encode(errors="replace")).hexdigest()[:32]


def _undone(current: Playbook, now: Bullet, then: Bullet | None, reason: str) -> Suspend | Restore | None:
    if now.pinned or now.forgotten:
        return None
    if then is None or then.merged_into is not None or then.damaged:
        return Suspend(bullet=now.id, reason=reason) if now.live else None
    if _state(now) == _state(then) or (now.sealed is not None and now.content != then.content):
        return None
    return Restore(
        bullet=now.id,
        revision=now.revision,
        content=then.content,
        trigger=then.trigger,
        status=then.status,
        reason=reason,
        despite=causes(current.set_aside, now.id) if now.damaged else (),
    )


def _state(bullet: Bullet) -> tuple[object, ...]:
    return (bullet.content, bullet.trigger, bullet.status, bullet.merged_into, bullet.damaged)
