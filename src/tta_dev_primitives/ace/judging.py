"""Judging: what a tag, a replay and a decision do to the bullet that they are about."""

from __future__ import annotations

from collections.abc import Mapping

from .bullet import Bullet, Status
from .events import Promote, Reinstate, Replayed, Retire, Suspend, Tag
from .standing import Replay


def tagged(bullet: Bullet, event: Tag) -> Bullet:
    """Return the bullet with the tag counted, once for each episode."""
    if event.episode_id in bullet.tagged_in:
        return bullet
    counts: Mapping[str, int] = {
        "helpful": bullet.helpful,
        "harmful": bullet.harmful,
        "neutral": bullet.neutral,
    }
    return bullet.model_copy(
        update={"tagged_in": (event.episode_id,), event.tag.value: counts[event.tag.value] + 1}
    )


def replayed(bullet: Bullet, event: Replayed) -> Bullet:
    """Return the bullet with a replay of the present wording; a task counts once."""
    if event.revision != bullet.revision or event.task_id in {replay.task_id for replay in bullet.replays}:
        return bullet
    replay = Replay(
        task_id=event.task_id, with_success=event.with_success, without_success=event.without_success
    )
    return bullet.model_copy(update={"replays": (*bullet.replays, replay)})


def decided(bullet: Bullet, event: Promote | Suspend | Retire | Reinstate) -> Bullet:
    """Return the bullet with the status that was decided on, if it may have that."""
    status = _status(bullet, event)
    if status is bullet.status:
        return bullet
    return bullet.model_copy(update={"status": status, "evidence": event.evidence})


def _status(bullet: Bullet, event: Promote | Suspend | Retire | Reinstate) -> Status:
    off = bullet.status in {Status.SUSPENDED, Status.RETIRED}
    match event:
        case Promote():
            return bullet.status if off else event.status
        case Suspend():
            return bullet.status if bullet.status is Status.RETIRED else Status.SUSPENDED
        case Retire():
            return Status.RETIRED
        case Reinstate():
            return Status.CANDIDATE if off else bullet.status
