"""How a delta becomes events: each operation is applied, a duplicate, or rejected with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field

from .bullet import LIVE, Bullet, Status
from .content import bullet_id, clean_content, clean_reason, content_fault, domain_fault
from .delta import (
    AddBullet,
    AnyOperation,
    Delta,
    ImportBullet,
    KeepApart,
    MarkConflict,
    MergeBullets,
    Outcome,
    Result,
    RetireBullet,
    ReviseBullet,
    TagBullet,
)
from .events import Add, Alias, Apart, Conflict, PlaybookEvent, Recorded, Retire, Revise, Tag, record
from .fold import State, named
from .sameness import says_the_same

MAX_BULLETS = 5
"""Most bullets that one delta may add or reword. It bounds what one run can spoil."""
_LIMIT_REASON = f"a delta may add or reword at most {MAX_BULLETS} bullets"


@dataclass(slots=True, kw_only=True)
class Application:
    """One delta being applied to `state`; `records` are the events that it caused."""

    state: State
    delta: Delta
    at: int
    run_id: str
    records: list[Recorded] = field(default_factory=list[Recorded])
    _worded: set[str] = field(default_factory=set[str])

    def outcome(self, operation: AnyOperation) -> Outcome:
        """Apply `operation` and return what became of it."""
        match operation:
            case AddBullet() | ImportBullet():
                return self._add(operation)
            case ReviseBullet():
                return self._revise(operation)
            case MergeBullets():
                return self._merge(operation)
            case MarkConflict() | KeepApart():
                return self._compare(operation)
            case TagBullet():
                return self._tag(operation)
            case RetireBullet():
                return self._retire(operation)

    def emit(self, *events: PlaybookEvent) -> None:
        """Record `events` and fold them into the state, each a nanosecond later than the one before."""
        for event in events:
            actor = self.delta.provenance.actor
            item = record(event, at=self.at, run_id=self.run_id, actor=actor)
            self.at += 1
            self.records.append(item)
            self.state.step(item)

    def _add(self, operation: AddBullet | ImportBullet) -> Outcome:
        trigger = operation.trigger.cleaned()
        fault = (
            domain_fault(operation.domain)
            or content_fault(operation.kind, operation.content)
            or trigger.fault()
        )
        if fault:
            return _rejected(operation, fault)
        new_id = bullet_id(operation.domain, operation.kind, operation.content)
        known = self.state.find(new_id) or self._same_as(operation)
        if known is not None and not (known.unread and known.status in LIVE):
            return self._known(operation, known)
        if isinstance(operation, AddBullet) and not self._may_word(new_id):
            return _rejected(operation, _LIMIT_REASON)
        self.emit(_add_event(operation, new_id, self.delta).model_copy(update={"trigger": trigger}))
        return _applied(operation, new_id)

    def _same_as(self, operation: AddBullet | ImportBullet) -> Bullet | None:
        """Return the bullet that the lesson was taken for, if it still says the same."""
        if isinstance(operation, ImportBullet) or operation.same_as is None:
            return None
        bullet = self.state.find(operation.same_as)
        return bullet if bullet is not None and says_the_same(operation, bullet) else None

    def _known(self, operation: AddBullet | ImportBullet, known: Bullet) -> Outcome:
        if known.provenance == self.delta.provenance:
            self._may_word(known.id)  # this delta was applied before: what it brought then counts now too
        if known.status is Status.RETIRED:
            return _rejected(operation, f"{known.alias} was retired before and is not learned again", known)
        suspended = " and is suspended" if known.status is Status.SUSPENDED else ""
        suspended = " and is not used, as a record about it is damaged" if known.damaged else suspended
        return _duplicate(operation, f"{known.alias} says the same{suspended}", known)

    def _revise(self, operation: ReviseBullet) -> Outcome:
        bullet = self.state.find(operation.bullet)
        if bullet is None:
            return _unknown(operation, operation.bullet)
        read = named(self.state.bullets, self.state.names, operation.bullet)
        moved = f"it was merged into {bullet.alias}; revise that" if read != bullet else None
        trigger = operation.trigger and operation.trigger.cleaned()
        fault = moved or _edit_fault(bullet) or content_fault(bullet.kind, operation.content)
        if fault is None and trigger is not None:
            fault = trigger.fault()
        if fault:
            return _rejected(operation, fault, bullet)
        content = clean_content(bullet.kind, operation.content)
        same = self._same(bullet, content)
        if same is not None:
            return self._said_before(operation, bullet, same)
        if operation.revision != bullet.revision:
            return _rejected(operation, _stale(operation, bullet), bullet)
        return self._reword(
            operation, bullet.model_copy(update={"trigger": trigger or bullet.trigger}), content
        )

    def _same(self, bullet: Bullet, content: str) -> Bullet | None:
        if content == bullet.content:
            return bullet
        same = self.state.find(bullet_id(bullet.domain, bullet.kind, content))
        # Its own wording may come back, but not as the successor of a sealed one: the id would be the same.
        own = same is not None and same.id == bullet.id and bullet.sealed is None
        return None if own else same

    def _said_before(self, operation: AnyOperation, bullet: Bullet, same: Bullet) -> Outcome:
        if bullet.id in {same.id, same.supersedes}:
            self._may_word(same.id)
            return _duplicate(operation, f"{same.alias} stands for that already", same)
        if same.status is Status.RETIRED:
            return _rejected(operation, f"{same.alias} says so and was retired before", bullet)
        return _rejected(operation, f"{same.alias} says so already; merge the two", bullet)

    def _reword(self, operation: AnyOperation, bullet: Bullet, content: str) -> Outcome:
        new_id = bullet_id(bullet.domain, bullet.kind, content) if bullet.sealed is not None else bullet.id
        if bullet.id in self._worded:
            return _rejected(operation, f"{bullet.alias} was added or reworded by this delta already", bullet)
        if not self._may_word(new_id):
            return _rejected(operation, _LIMIT_REASON, bullet)
        if bullet.sealed is None:
            changed = bullet.trigger if bullet.trigger != self.state.bullets[bullet.id].trigger else None
            revise = Revise(bullet=bullet.id, revision=bullet.revision, content=content, trigger=changed)
            self.emit(revise)
        else:
            self.emit(_successor(bullet, new_id, content, self.delta))
        return _applied(operation, new_id)

    def _may_word(self, reference: str) -> bool:
        if reference not in self._worded and len(self._worded) >= MAX_BULLETS:
            return False
        self._worded.add(reference)
        return True

    def _merge(self, operation: MergeBullets) -> Outcome:
        bullet, into = self.state.find(operation.bullet), self.state.find(operation.into)
        if bullet is None or into is None:
            return _unknown(operation, operation.bullet if bullet is None else operation.into)
        if into.id in {bullet.id, bullet.supersedes}:
            if operation.content is not None:
                self._may_word(bullet.id)
            return _duplicate(operation, f"{bullet.alias} stands for both already", bullet)
        fault = _edit_fault(bullet) or _edit_fault(into)
        if fault:
            return _rejected(operation, fault, bullet)
        worded = self._merged_wording(operation, bullet, into)
        if worded.result is Result.REJECTED:
            return worded
        target = worded.bullet_id or into.id
        self.emit(Alias(bullet=bullet.id, into=target))
        return _applied(operation, target)

    def _merged_wording(self, operation: MergeBullets, bullet: Bullet, into: Bullet) -> Outcome:
        if operation.content is None:
            return _applied(operation, into.id)
        fault = content_fault(into.kind, operation.content)
        if fault:
            return _rejected(operation, fault, bullet)
        content = clean_content(into.kind, operation.content)
        same = self._same(into, content)
        if same is None or (same.id == bullet.id and into.sealed is None):
            return self._reword(operation, into, content)
        if same.id == bullet.id:
            return _rejected(operation, f"{into.alias} is sealed; merge it into {bullet.alias} instead", into)
        return self._said_before(operation, into, same)

    def _compare(self, operation: MarkConflict | KeepApart) -> Outcome:
        bullet, other = self.state.find(operation.bullet), self.state.find(operation.other)
        if bullet is None or other is None:
            return _unknown(operation, operation.bullet if bullet is None else operation.other)
        if bullet.id == other.id:
            return _rejected(operation, f"{bullet.alias} cannot contradict or differ from itself", bullet)
        conflict = isinstance(operation, MarkConflict)
        if other in map(self.state.find, bullet.apart):
            known = f"that it differs from {other.alias} is known"
            return (_rejected if conflict else _duplicate)(operation, known, bullet)
        if conflict and other in map(self.state.find, bullet.conflicts):
            return _duplicate(operation, f"its conflict with {other.alias} is known", bullet)
        event = Conflict if conflict else Apart
        self.emit(event(bullet=bullet.id, other=other.id, reason=clean_reason(operation.reason)))
        return _applied(operation, bullet.id)

    def _tag(self, operation: TagBullet) -> Outcome:
        bullet = self.state.find(operation.bullet)
        if bullet is None:
            return _unknown(operation, operation.bullet)
        if self.delta.episode in bullet.tagged_in:
            return _duplicate(operation, f"{bullet.alias} was tagged in this episode already", bullet)
        self.emit(Tag(bullet=bullet.id, tag=operation.tag, episode_id=self.delta.episode))
        return _applied(operation, bullet.id)

    def _retire(self, operation: RetireBullet) -> Outcome:
        bullet = self.state.find(operation.bullet)
        if bullet is None:
            return _unknown(operation, operation.bullet)
        if bullet.status is Status.RETIRED:
            return _duplicate(operation, f"{bullet.alias} is retired", bullet)
        fault = _edit_fault(bullet)
        if fault:
            return _rejected(operation, fault, bullet)
        self.emit(Retire(bullet=bullet.id, reason=clean_reason(operation.reason)))
        return _applied(operation, bullet.id)


def _add_event(operation: AddBullet | ImportBullet, new_id: str, delta: Delta) -> Add:
    add = Add(
        bullet=new_id,
        domain=operation.domain,
        kind=operation.kind,
        content=clean_content(operation.kind, operation.content),
        provenance=delta.provenance,
    )
    if isinstance(operation, AddBullet):
        return add
    # Without its evidence an imported bullet is a candidate again; what was switched off stays so.
    status = Status.CANDIDATE if operation.status is Status.VALIDATED else operation.status
    counts = {"helpful": operation.helpful, "harmful": operation.harmful, "neutral": operation.neutral}
    return add.model_copy(update={"status": status, **counts})


def _successor(bullet: Bullet, new_id: str, content: str, delta: Delta) -> Add:
    """A sealed line is never edited, or the prompt's prefix would change: a new bullet supersedes it."""
    return Add(
        bullet=new_id,
        domain=bullet.domain,
        kind=bullet.kind,
        content=content,
        trigger=bullet.trigger,
        provenance=delta.provenance,
        helpful=bullet.helpful,
        harmful=bullet.harmful,
        neutral=bullet.neutral,
        supersedes=bullet.id,
    )


def _edit_fault(bullet: Bullet) -> str | None:
    if bullet.pinned:
        return f"{bullet.alias} is pinned; unpin it first"
    if bullet.status is Status.RETIRED:
        return f"{bullet.alias} is retired"
    return None


def _stale(operation: ReviseBullet, bullet: Bullet) -> str:
    return (
        f"conflict: {bullet.alias} is at revision {bullet.revision}, not {operation.revision}, "
        f"and now reads {bullet.content!r}"
    )


def _applied(operation: AnyOperation, changed: str) -> Outcome:
    return Outcome(operation=operation, result=Result.APPLIED, bullet_id=changed)


def _duplicate(operation: AnyOperation, reason: str, bullet: Bullet) -> Outcome:
    return Outcome(operation=operation, result=Result.DUPLICATE, reason=reason, bullet_id=bullet.id)


def _rejected(operation: AnyOperation, reason: str, bullet: Bullet | None = None) -> Outcome:
    changed = bullet.id if bullet else None
    return Outcome(operation=operation, result=Result.REJECTED, reason=reason, bullet_id=changed)


def _unknown(operation: AnyOperation, reference: str) -> Outcome:
    return _rejected(operation, f"there is no bullet {reference[:80]!r}")
