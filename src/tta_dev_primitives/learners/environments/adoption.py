"""Adoption: before an environment says something of a bullet that is not its own, it takes it over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, TypeVar

from ...ace.bullet import Bullet, Provenance, Status, bullet_id
from ...ace.delta import AddBullet, AnyOperation, Delta, ImportBullet, ReviseBullet
from ...ace.events import Gated, Restore
from ...ace.playbook import Playbook
from ...ace.store import Commit
from ...ace.value import Value

_NAMING: Final = ("bullet", "into", "other", "same_as")
"""Fields of operations and events that name a bullet."""
_ADOPTED: Final = "adopted"
_Item = TypeVar("_Item", bound=Value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """Says a commit about the bullets of `merged`, those of all layers, in terms of the layer `own`."""

    merged: Playbook
    own: Playbook

    def first(self, commit: Commit) -> Commit | None:
        """Return the commit that takes over what `commit` is about and is not there yet, if anything is."""
        wanted = {found.id: found for name in _names(commit) if (found := self.merged.get(name)) is not None}
        missing = tuple(copied(one) for one in wanted.values() if self.own.get(self._id(one)) is None)
        if not missing:
            return None
        source = Provenance(task_id=_ADOPTED, run_id=commit.run_id, model="", actor=_ADOPTED, origin="import")
        return Commit(
            run_id=commit.run_id, delta=Delta(operations=missing, provenance=source), actor=_ADOPTED
        )

    def translated(self, commit: Commit) -> Commit:
        """Return `commit` with the ids that bullets have in this layer, instead of their display ids, too."""
        delta = commit.delta
        if delta is not None:
            by_model = delta.provenance.by_model
            operations = tuple(
                self._named(self._own_wording(one, by_model=by_model)) for one in delta.operations
            )
            delta = delta.model_copy(update={"operations": operations})
        return replace(
            commit,
            delta=delta,
            observations=tuple(map(self._named, commit.observations)),
            tags=tuple(map(self._named, commit.tags)),
            replays=tuple(map(self._named, commit.replays)),
            # What is restored is the bullet itself, also if it was merged into another.
            decisions=tuple(
                one if isinstance(one, Gated | Restore) else self._named(one) for one in commit.decisions
            ),
            seals=tuple(map(self._named, commit.seals)),
        )

    def _id(self, bullet: Bullet) -> str:
        """Return the id in this layer: that of the present wording, if it was taken over reworded."""
        if bullet.revision == 1 or self.own.get(bullet.id) is not None:
            return bullet.id
        return bullet_id(bullet.domain, bullet.kind, bullet.content)

    def _named(self, item: _Item) -> _Item:
        names = ((field, getattr(item, field, None)) for field in _NAMING)
        found = ((field, self.merged.get(name)) for field, name in names if isinstance(name, str))
        return item.model_copy(update={field: self._id(one) for field, one in found if one is not None})

    def _own_wording(self, operation: AnyOperation, *, by_model: bool) -> AnyOperation:
        """Return a revision of what was revised in another layer as a lesson of this one.

        By their order in time the two revisions could not be told from a conflict. So, too, where a model
        rewords what was validated elsewhere: here it is a candidate, and would be reworded in all layers.
        """
        bullet = self.merged.get(operation.bullet) if isinstance(operation, ReviseBullet) else None
        if bullet is None or not isinstance(operation, ReviseBullet):
            return operation
        protected = by_model and bullet.status is Status.VALIDATED
        if self._id(bullet) == bullet.id and not protected:
            return operation
        return AddBullet(
            kind=bullet.kind,
            content=operation.content,
            trigger=operation.trigger or bullet.trigger,
            domain=bullet.domain,
        )


def copied(bullet: Bullet) -> ImportBullet:
    """Return the operation that takes over a bullet in its present wording, without evidence.

    It is a candidate; one that waits for a person waits here as well, and what is switched off stays so.
    What tainted it goes with it.
    """
    return ImportBullet(
        status=bullet.status,
        kind=bullet.kind,
        content=bullet.content,
        trigger=bullet.trigger,
        domain=bullet.domain,
        taints=bullet.provenance.taints,
    )


def _names(commit: Commit) -> Iterator[str]:
    """Yield all references to bullets, and the ids of lessons that are to be added."""
    operations: Iterable[AnyOperation] = commit.delta.operations if commit.delta else ()
    events = chain(commit.observations, commit.tags, commit.replays, commit.decisions, commit.seals)
    for item in chain(operations, events):
        yield from (name for field in _NAMING if isinstance(name := getattr(item, field, None), str))
        if isinstance(item, AddBullet | ImportBullet):
            yield bullet_id(item.domain, item.kind, item.content)
