"""What became of an operation: applied, a duplicate, or rejected with the reason."""

from __future__ import annotations

from .bullet import Bullet
from .delta import AnyOperation, EditConflict, Outcome, Result, ReviseBullet, Wording


def applied(operation: AnyOperation, changed: str) -> Outcome:
    """Return that it was applied, to the bullet with the id `changed`."""
    return Outcome(operation=operation, result=Result.APPLIED, bullet_id=changed)


def duplicate(operation: AnyOperation, reason: str, bullet: Bullet) -> Outcome:
    """Return that nothing was to be done, as `bullet` has it already."""
    return Outcome(operation=operation, result=Result.DUPLICATE, reason=reason, bullet_id=bullet.id)


def rejected(operation: AnyOperation, reason: str, bullet: Bullet | None = None) -> Outcome:
    """Return that it was rejected for a reason, which is about `bullet` if that is given."""
    changed = bullet.id if bullet else None
    return Outcome(operation=operation, result=Result.REJECTED, reason=reason, bullet_id=changed)


def unknown(operation: AnyOperation, reference: str) -> Outcome:
    """Return the rejection of what is about a bullet that is not there."""
    return rejected(operation, f"there is no bullet {reference[:80]!r}")


def stale(operation: ReviseBullet, bullet: Bullet) -> Outcome:
    """Return the rejection of an edit of a revision that stands no more."""
    reason = (
        f"conflict: {bullet.alias} is at revision {bullet.revision}, not {operation.revision}, "
        f"and now reads {bullet.content!r}"
    )
    return conflict(operation, bullet, reason)


def conflict(operation: ReviseBullet, bullet: Bullet, reason: str) -> Outcome:
    """Return the rejection with both versions, so that whoever asked can go on from what is there."""
    trigger = bullet.trigger if operation.trigger is None else operation.trigger
    found = EditConflict(
        bullet=bullet.id,
        alias=bullet.alias,
        wanted=Wording(revision=operation.revision, content=operation.content, trigger=trigger),
        current=Wording(revision=bullet.revision, content=bullet.content, trigger=bullet.trigger),
    )
    return rejected(operation, reason, bullet).model_copy(update={"conflict": found})
