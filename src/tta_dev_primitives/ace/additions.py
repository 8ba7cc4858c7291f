"""The bullets that an operation brings: a new lesson, the successor of a sealed one, a rival."""

from __future__ import annotations

from .bullet import Bullet, Status
from .content import clean_content
from .delta import AddBullet, Delta, ImportBullet
from .events import Add


def new_bullet(operation: AddBullet | ImportBullet, new_id: str, delta: Delta) -> Add:
    """Return what adds the bullet that `operation` asks for; its trigger is not taken over."""
    add = Add(
        bullet=new_id,
        domain=operation.domain,
        kind=operation.kind,
        content=clean_content(operation.kind, operation.content),
        provenance=delta.provenance,
    )
    if isinstance(operation, AddBullet):
        return add
    origin = delta.provenance.tainted(operation.taints)
    # Without its evidence an imported bullet is a candidate again; what was switched off stays so.
    status = Status.CANDIDATE if operation.status is Status.VALIDATED else operation.status
    counts = {"helpful": operation.helpful, "harmful": operation.harmful, "neutral": operation.neutral}
    return add.model_copy(update={"status": status, "provenance": origin, **counts})


def rival(bullet: Bullet, new_id: str, content: str, delta: Delta) -> Add:
    """Return what adds another wording of `bullet`, as a bullet of its own that starts from nothing."""
    return Add(
        bullet=new_id,
        domain=bullet.domain,
        kind=bullet.kind,
        content=content,
        trigger=bullet.trigger,
        provenance=delta.provenance.tainted(bullet.provenance.taints),
    )


def successor(bullet: Bullet, new_id: str, content: str, delta: Delta) -> Add:
    """Return what adds a bullet that takes over from `bullet`, with its counts.

    A sealed line is never edited, or the prompt's prefix would change.
    """
    counts = {"helpful": bullet.helpful, "harmful": bullet.harmful, "neutral": bullet.neutral}
    return rival(bullet, new_id, content, delta).model_copy(update={"supersedes": bullet.id, **counts})
