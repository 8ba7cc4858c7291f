"""The fold: how each event changes the state of a playbook."""

from __future__ import annotations

from dataclasses import dataclass

from .aside import Aside, causes, doubted
from .bullet import NO_TRIGGER, Bullet, Status, alias_of
from .draft import Draft, Lookup
from .erasure import content_id
from .events import (
    Add,
    Alias,
    Apart,
    Compacted,
    Conflict,
    Forget,
    Gated,
    GateResult,
    Observe,
    Pin,
    PlaybookEvent,
    Promote,
    Recorded,
    Reinstate,
    Replayed,
    Restore,
    Retire,
    Revise,
    Seal,
    SetAside,
    Suspend,
    Tag,
)
from .judging import decided, replayed, tagged


@dataclass(slots=True, kw_only=True)
class State:
    """A playbook while it is being folded. `names` leads from display ids and reworded contents to ids.

    `count` is the number of bullets.
    """

    version: int
    head: tuple[int, str] | None
    bullets: Draft[Bullet]
    names: Draft[str]
    sealed: list[str]
    count: int
    gated: Gated | None
    champion: Gated | None
    set_aside: list[Aside]

    def step(self, item: Recorded) -> None:
        """Fold one record. An event about a bullet that is not there, or that is stale, only counts."""
        if not isinstance(item.event, Observe):  # evidence, which episodes count
            self._change(item.event, item.event_id)
        self.version += 1
        self.head = item.key

    def find(self, reference: str) -> Bullet | None:
        """Return the bullet that `reference` means now; see `resolve`."""
        return resolve(self.bullets, self.names, reference)

    def _doubt(self, event: SetAside, event_id: str) -> None:
        """Use nothing any more that the unreadable record may have been about."""
        found = doubted(event, self.bullets, self.names)
        everything = [bullet for bullet in self.bullets.values() if not bullet.forgotten]
        for bullet in everything if found is None else found:
            if bullet.id not in self.bullets:
                self._admit(bullet)
            elif not bullet.forgotten:
                self._put(_with(bullet, damaged=True))
        named = () if found is None else tuple(bullet.id for bullet in found)
        aside = Aside(record=self.version + 1, event_id=event_id, bullets=named, everything=found is None)
        self.set_aside.append(aside)

    def _change(self, event: PlaybookEvent, event_id: str) -> None:
        if isinstance(event, Add):
            self._add(event)
        elif isinstance(event, Alias):
            self._merge(event)
        elif isinstance(event, Restore):
            self._restore(event)
        elif isinstance(event, Forget):
            self._forget(event)
        elif isinstance(event, SetAside):
            self._doubt(event, event_id)
        elif isinstance(event, Gated):
            self.gated = event
            self.champion = event if event.result is GateResult.ACCEPTED else self.champion
        elif not isinstance(event, Compacted):
            bullet = self.find(event.bullet)
            if bullet is not None and not bullet.forgotten:
                self._put(self._changed(bullet, event))

    def _put(self, bullet: Bullet) -> None:
        self.bullets[bullet.id] = bullet

    def _changed(self, bullet: Bullet, event: PlaybookEvent) -> Bullet:  # noqa: PLR0911  # one per event
        match event:
            case Tag():
                return tagged(bullet, event)
            case Revise():
                return self._revised(bullet, event)
            case Conflict():
                return self._contradicted(bullet, event)
            case Apart():
                return self._parted(bullet, event)
            case Seal():
                return self._seal(bullet)
            case Pin():
                return _with(bullet, pinned=event.pinned)
            case Replayed():
                return replayed(bullet, event)
            case Promote() | Suspend() | Retire() | Reinstate():
                return decided(bullet, event)
            case _:
                return bullet

    def _add(self, event: Add) -> None:
        known = self.bullets.get(event.bullet)
        if known is not None and known.unread:
            self._read_again(known, event)
        elif known is None and event.bullet not in self.names:
            self._admit(_added(event))

    def _admit(self, bullet: Bullet) -> None:
        self.count += 1
        alias = alias_of(self.count)
        self.names[alias] = bullet.id
        self._put(_with(bullet, alias=alias))

    def _read_again(self, bullet: Bullet, event: Add) -> None:
        """Give a bullet its text back: its id is the hash of it, so this is what was lost."""
        still = len(causes(self.set_aside, bullet.id)) > 1
        self._put(
            _with(
                bullet,
                damaged=still,
                status=event.status if bullet.status is Status.CANDIDATE else bullet.status,
                held=event.reason,
                domain=event.domain,
                kind=event.kind,
                content=event.content,
                trigger=event.trigger,
                provenance=event.provenance,
                supersedes=event.supersedes,
            )
        )

    def _merge(self, event: Alias) -> None:
        bullet, into = self.find(event.bullet), self.find(event.into)
        if bullet is None or into is None or bullet.id == into.id or into.forgotten:
            return
        self._put(_with(bullet, status=Status.RETIRED, merged_into=into.id))
        self._put(_joined(into, bullet))
        for other in filter(None, map(self.find, self.bullets[into.id].apart)):
            self._reconcile(self.bullets[into.id], other)

    def _reconcile(self, bullet: Bullet, other: Bullet) -> None:
        """Lift a conflict of two that were found to differ, which a merge may bring."""
        if other.id != bullet.id:
            self._put(_with(bullet, conflicts=self._without(bullet.conflicts, other)))
            self._put(_with(other, conflicts=self._without(other.conflicts, bullet)))

    def _revised(self, bullet: Bullet, event: Revise) -> Bullet:
        if event.revision != bullet.revision:
            return bullet
        self._remember(content_id(event, bullet), bullet)
        trigger = event.trigger or bullet.trigger
        # What was replayed was another wording.
        reworded = _with(bullet, content=event.content, trigger=trigger, replays=())
        origin = bullet.provenance.tainted(event.taints)
        return _with(reworded, provenance=origin, revision=bullet.revision + 1)

    def _remember(self, content_id: str, bullet: Bullet) -> None:
        if content_id not in self.bullets and content_id not in self.names:
            self.names[content_id] = bullet.id

    def _contradicted(self, bullet: Bullet, event: Conflict) -> Bullet:
        other = self.find(event.other)
        if other is None or other.id == bullet.id:
            return bullet
        if other in map(self.find, (*bullet.conflicts, *bullet.apart)):
            return bullet
        self._put(_with(other, conflicts=(*other.conflicts, bullet.id)))
        return _with(bullet, conflicts=(*bullet.conflicts, other.id))

    def _parted(self, bullet: Bullet, event: Apart) -> Bullet:
        other = self.find(event.other)
        if other is None or other.id == bullet.id or other in map(self.find, bullet.apart):
            return bullet
        rest = self._without(other.conflicts, bullet)
        self._put(_with(other, conflicts=rest, apart=(*other.apart, bullet.id)))
        rest = self._without(bullet.conflicts, other)
        return _with(bullet, conflicts=rest, apart=(*bullet.apart, other.id))

    def _without(self, references: tuple[str, ...], bullet: Bullet) -> tuple[str, ...]:
        """Return the references that do not lead to `bullet`."""
        found = ((reference, self.find(reference)) for reference in references)
        return tuple(reference for reference, other in found if other is None or other.id != bullet.id)

    def _restore(self, event: Restore) -> None:
        bullet = self.bullets.get(event.bullet)
        if bullet is None or bullet.forgotten:
            return
        if event.revision != bullet.revision and not event.despite:
            return
        reworded = (event.content, event.trigger) != (bullet.content, bullet.trigger)
        if reworded and bullet.sealed is not None:
            return
        self._remember(content_id(event, bullet), bullet)
        self._put(
            _with(
                bullet,
                content=event.content,
                trigger=event.trigger,
                revision=max(bullet.revision, event.revision) + reworded,
                status=event.status,
                merged_into=None,
                damaged=not set(causes(self.set_aside, bullet.id)) <= set(event.despite),
                replays=() if reworded else bullet.replays,
            )
        )
        self._take_back(bullet)

    def _forget(self, event: Forget) -> None:
        """Forget the bullet, what it was merged into, and all else that was: they say the same."""
        root = self.find(event.bullet)
        if root is None:
            return
        for bullet in [other for other in self.bullets.values() if self.find(other.id) == root]:
            bare = _with(bullet, content="", trigger=NO_TRIGGER, held="")
            self._put(_with(bare, status=Status.RETIRED, forgotten=True))

    def _take_back(self, bullet: Bullet) -> None:
        """Take from all that `bullet` was merged into what it brought them: counts and conflicts."""
        into = self.bullets.get(bullet.merged_into) if bullet.merged_into else None
        while into is not None:
            brought = [reference for reference in bullet.conflicts if not self._contradicts(reference, into)]
            self._put(
                _with(
                    into,
                    helpful=into.helpful - bullet.helpful,
                    harmful=into.harmful - bullet.harmful,
                    neutral=into.neutral - bullet.neutral,
                    conflicts=tuple(other for other in into.conflicts if other not in brought),
                )
            )
            into = self.bullets.get(into.merged_into) if into.merged_into else None

    def _contradicts(self, reference: str, bullet: Bullet) -> bool:
        other, root = self.find(reference), self.find(bullet.id)
        return other is not None and root in map(self.find, other.conflicts)

    def _seal(self, bullet: Bullet) -> Bullet:
        if bullet.sealed is not None:
            return bullet
        self.sealed.append(bullet.id)
        return _with(bullet, sealed=len(self.sealed) - 1)


def _added(event: Add) -> Bullet:
    return Bullet(
        id=event.bullet,
        alias="",
        domain=event.domain,
        kind=event.kind,
        content=event.content,
        trigger=event.trigger,
        provenance=event.provenance,
        status=event.status,
        helpful=event.helpful,
        harmful=event.harmful,
        neutral=event.neutral,
        supersedes=event.supersedes,
        held=event.reason,
    )


def named(bullets: Lookup[Bullet], names: Lookup[str], reference: str) -> Bullet | None:
    """Return the bullet with this id or display id, also if it was merged into another."""
    name = reference.strip(" []").lower()
    return bullets.get(names.get(name) or name)


def resolve(bullets: Lookup[Bullet], names: Lookup[str], reference: str) -> Bullet | None:
    """Return the bullet with this id or display id, or the one it was merged into, or None."""
    bullet = named(bullets, names, reference)
    while bullet is not None and bullet.merged_into is not None:
        bullet = bullets.get(bullet.merged_into)
    return bullet


def _with(bullet: Bullet, **changes: object) -> Bullet:
    """Return a copy; what changes was validated when its event was made."""
    return bullet.model_copy(update=changes)


def _joined(into: Bullet, bullet: Bullet) -> Bullet:
    conflicts = dict.fromkeys((*into.conflicts, *bullet.conflicts))
    apart = dict.fromkeys((*into.apart, *bullet.apart))
    return _with(
        into,
        helpful=into.helpful + bullet.helpful,
        harmful=into.harmful + bullet.harmful,
        neutral=into.neutral + bullet.neutral,
        conflicts=tuple(other for other in conflicts if other not in {into.id, bullet.id}),
        apart=tuple(other for other in apart if other not in {into.id, bullet.id}),
        provenance=into.provenance.tainted(bullet.provenance.taints),
        tagged_in=tuple(dict.fromkeys((*into.tagged_in, *bullet.tagged_in))),
    )
