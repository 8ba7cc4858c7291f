"""Editing: a person rewords a bullet, and hears of an edit that came first."""

from __future__ import annotations

from ..core.context import new_id
from ..core.errors import ConfigurationError, PlaybookConflict
from .bullet import Bullet, Provenance, Trigger
from .delta import Delta, EditConflict, Result, ReviseBullet
from .store import Commit, PlaybookStore


async def edit(  # noqa: PLR0913  # what, where, how, on top of what, and who
    store: PlaybookStore,
    reference: str,
    content: str,
    *,
    revision: int,
    trigger: Trigger | None = None,
    actor: str = "user",
) -> Bullet:
    """Return the bullet `reference`, an id or display id, reworded as `content`.

    `revision` is the one that was read. A sealed bullet gets a successor, which is returned. What says the
    same already is left as it is.

    Raises:
        PlaybookConflict: it has another revision by now; the error has both versions, nothing was stored.
        ConfigurationError: there is no such bullet, or it cannot be reworded so.
        StoreError: another of its leaves; nothing was stored.
    """
    run_id = f"editing {new_id()[:8]}"
    source = Provenance(task_id="edit", run_id=run_id, model="", actor=actor, origin="user")
    operation = ReviseBullet(bullet=reference, revision=revision, content=content, trigger=trigger)
    committed = await store.commit(
        Commit(run_id=run_id, delta=Delta(operations=(operation,), provenance=source), actor=actor)
    )
    (outcome,) = committed.outcomes
    if outcome.conflict is not None:
        raise _conflict(outcome.conflict)
    if outcome.result is Result.REJECTED or outcome.bullet_id is None:
        raise ConfigurationError(f"{reference!r} was not changed: {outcome.reason}")
    return committed.playbook.bullets[outcome.bullet_id]


def _conflict(found: EditConflict) -> PlaybookConflict:
    current, wanted = found.current, found.wanted
    return PlaybookConflict(
        f"{found.alias} reads {current.content!r} by now, at revision {current.revision}: another was first; "
        f"you wanted {wanted.content!r} on revision {wanted.revision}; nothing was changed; edit "
        f"{found.alias} on revision {current.revision} with what shall hold of both",
        bullet=found.bullet,
        wanted=wanted.content,
        based_on=wanted.revision,
        current=current.content,
        revision=current.revision,
    )
