"""How a delta becomes events: each operation is applied, a duplicate, or rejected with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field

from .additions import new_bullet, rival, successor
from .admission import Admission, waits
from .bullet import LIVE, Bullet, Status
from .content import bullet_id, clean_content, clean_reason, content_fault, domain_fault
from .delta import (
    MAX_BULLETS,
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
from .outcomes import applied, conflict, duplicate, rejected, stale, unknown
from .sameness import says_the_same

__all__ = ["MAX_BULLETS", "Application"]
_NOT_IN_USE = {Status.SUSPENDED: " and is suspended", Status.PROPOSED: " and waits for a person to admit it"}
_BESIDE = "another wording of it; both are kept until evidence tells which is better"


@dataclass(slots=True, kw_only=True)
class Application:
    """One delta being applied to `state`; `records` are the events that it caused.

    `waiting` is how many proposals wait for a person already.
    """

    state: State
    delta: Delta
    at: int
    run_id: str
    waiting: int = 0
    records: list[Recorded] = field(default_factory=list[Recorded])
    _worded: set[str] = field(default_factory=set[str])
    _admission: Admission = field(init=False)

    def __post_init__(self) -> None:
        self._admission = Admission(delta=self.delta, waiting=self.waiting)

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
            or self._admission.refusal(operation.kind, operation.content, trigger)
        )
        if fault:
            return rejected(operation, fault)
        new_id = bullet_id(operation.domain, operation.kind, operation.content)
        known = self.state.find(new_id) or self._same_as(operation)
        if known is not None and not (known.unread and known.status in LIVE):
            return self._known(operation, known)
        held = self._admission.held(operation, new_id)
        fault = self._admission.failed(new_id) or (held and self._full())
        if fault:
            return rejected(operation, fault)
        if isinstance(operation, AddBullet) and not self._may_word(new_id):
            return rejected(operation, self._limit_reason)
        add = new_bullet(operation, new_id, self.delta).model_copy(update={"trigger": trigger})
        return self._added(operation, add, held)

    def _added(self, operation: AnyOperation, add: Add, held: str | None) -> Outcome:
        """Add a bullet, or propose it where it is `held` for a reason."""
        if held is None or add.status not in LIVE:
            self.emit(add)
            return applied(operation, add.bullet)
        self.emit(add.model_copy(update={"status": Status.PROPOSED, "reason": held}))
        return Outcome(operation=operation, result=Result.PROPOSED, reason=held, bullet_id=add.bullet)

    def _full(self) -> str | None:
        """Return why no more can be proposed, or None; a proposal that is made counts."""
        return self._admission.full(sum(_proposes(item.event) for item in self.records))

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
            return rejected(operation, f"{known.alias} was retired before and is not learned again", known)
        suspended = _NOT_IN_USE.get(known.status, "")
        suspended = " and is not used, as a record about it is damaged" if known.damaged else suspended
        return duplicate(operation, f"{known.alias} says the same{suspended}", known)

    def _revise(self, operation: ReviseBullet) -> Outcome:
        bullet = self.state.find(operation.bullet)
        if bullet is None:
            return unknown(operation, operation.bullet)
        read = named(self.state.bullets, self.state.names, operation.bullet)
        if read != bullet:
            return conflict(operation, bullet, f"it was merged into {bullet.alias}; revise that")
        trigger = operation.trigger and operation.trigger.cleaned()
        fault = (
            self._edit_fault(bullet)
            or content_fault(bullet.kind, operation.content)
            or (trigger.fault() if trigger is not None else None)
            or self._admission.refusal(bullet.kind, operation.content, trigger)
        )
        if fault:
            return rejected(operation, fault, bullet)
        content = clean_content(bullet.kind, operation.content)
        same = self._same(bullet, content)
        if same is not None:
            return self._said_before(operation, bullet, same)
        late = self._overtaken(operation, bullet)
        if late is not None:
            return late
        return self._reword(
            operation, bullet.model_copy(update={"trigger": trigger or bullet.trigger}), content
        )

    def _overtaken(self, operation: ReviseBullet, bullet: Bullet) -> Outcome | None:
        """Return the rejection of an edit of a wording that stands no more; if sealed, it has a successor."""
        if operation.revision != bullet.revision:
            return stale(operation, bullet)
        if bullet.sealed is None:
            return None
        known = self.state.bullets.values()
        newer = next((one for one in known if one.supersedes == bullet.id and one.live), None)
        if newer is None:
            return None
        return conflict(operation, newer, f"{newer.alias} stands for it by now; revise that")

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
            return duplicate(operation, f"{same.alias} stands for that already", same)
        if same.status is Status.RETIRED:
            return rejected(operation, f"{same.alias} says so and was retired before", bullet)
        return rejected(operation, f"{same.alias} says so already; merge the two", bullet)

    def _reword(self, operation: AnyOperation, bullet: Bullet, content: str) -> Outcome:
        own_id = bullet_id(bullet.domain, bullet.kind, content)
        held = (
            self._admission.held_wording(bullet.kind, content, own_id) if self._admission.by_model else None
        )
        beside = held is not None or self._admission.beside(bullet)
        new_id = own_id if beside or bullet.sealed is not None else bullet.id
        fault = self._admission.failed(own_id) or (held and self._full())
        if fault is None and bullet.id in self._worded:
            fault = f"{bullet.alias} was added or reworded by this delta already"
        if fault is None and beside and new_id == bullet.id:
            fault = f"{bullet.alias} said that before and was reworded; only a person takes that back"
        if fault or not self._may_word(new_id):
            return rejected(operation, fault or self._limit_reason, bullet)
        if beside:
            return self._worded_beside(operation, bullet, rival(bullet, new_id, content, self.delta), held)
        if bullet.sealed is None:
            self.emit(self._revision(bullet, content))
        else:
            self.emit(successor(bullet, new_id, content, self.delta))
        return applied(operation, new_id)

    def _revision(self, bullet: Bullet, content: str) -> Revise:
        before = self.state.bullets[bullet.id]
        return Revise(
            bullet=bullet.id,
            revision=bullet.revision,
            content=content,
            trigger=bullet.trigger if bullet.trigger != before.trigger else None,
            taints=tuple(t for t in self.delta.provenance.taints if t not in before.provenance.taints),
        )

    def _worded_beside(self, operation: AnyOperation, bullet: Bullet, add: Add, held: str | None) -> Outcome:
        """Add another wording beside the one in use, as a rival: a run gets one of them, evidence decides."""
        outcome = self._added(operation, add, held)
        self.emit(Conflict(bullet=add.bullet, other=bullet.id, reason=_BESIDE))
        return outcome

    def _edit_fault(self, bullet: Bullet) -> str | None:
        if bullet.pinned:
            return f"{bullet.alias} is pinned; unpin it first"
        if bullet.status is Status.RETIRED:
            return f"{bullet.alias} is retired"
        waiting = self._admission.by_model and bullet.status is Status.PROPOSED
        return waits(bullet) if waiting else None

    @property
    def _limit_reason(self) -> str:
        if self.delta.most == MAX_BULLETS:
            return f"a delta may add or reword at most {MAX_BULLETS} bullets"
        return f"the run may add or reword only {self.delta.most} more for its task"

    def _may_word(self, reference: str) -> bool:
        if reference not in self._worded and len(self._worded) >= self.delta.most:
            return False
        self._worded.add(reference)
        return True

    def _merge(self, operation: MergeBullets) -> Outcome:
        bullet, into = self.state.find(operation.bullet), self.state.find(operation.into)
        if bullet is None or into is None:
            return unknown(operation, operation.bullet if bullet is None else operation.into)
        if into.id in {bullet.id, bullet.supersedes}:
            if operation.content is not None:
                self._may_word(bullet.id)
            return duplicate(operation, f"{bullet.alias} stands for both already", bullet)
        fault = self._edit_fault(bullet) or self._edit_fault(into) or self._admission.removal(bullet)
        if fault:
            return rejected(operation, fault, bullet)
        worded = self._merged_wording(operation, bullet, into)
        if worded.result in {Result.REJECTED, Result.PROPOSED}:
            return worded
        target = worded.bullet_id or into.id
        self.emit(Alias(bullet=bullet.id, into=target))
        return applied(operation, target)

    def _merged_wording(self, operation: MergeBullets, bullet: Bullet, into: Bullet) -> Outcome:
        if operation.content is None:
            return applied(operation, into.id)
        fault = content_fault(into.kind, operation.content) or self._admission.refusal(
            into.kind, operation.content
        )
        if fault:
            return rejected(operation, fault, bullet)
        content = clean_content(into.kind, operation.content)
        same = self._same(into, content)
        if same is None or (same.id == bullet.id and into.sealed is None):
            return self._reword(operation, into, content)
        if same.id == bullet.id:
            return rejected(operation, f"{into.alias} is sealed; merge it into {bullet.alias} instead", into)
        return self._said_before(operation, into, same)

    def _compare(self, operation: MarkConflict | KeepApart) -> Outcome:
        bullet, other = self.state.find(operation.bullet), self.state.find(operation.other)
        if bullet is None or other is None:
            return unknown(operation, operation.bullet if bullet is None else operation.other)
        if bullet.id == other.id:
            return rejected(operation, f"{bullet.alias} cannot contradict or differ from itself", bullet)
        contradicts = isinstance(operation, MarkConflict)
        if other in map(self.state.find, bullet.apart):
            known = f"that it differs from {other.alias} is known"
            return (rejected if contradicts else duplicate)(operation, known, bullet)
        if contradicts and other in map(self.state.find, bullet.conflicts):
            return duplicate(operation, f"its conflict with {other.alias} is known", bullet)
        event = Conflict if contradicts else Apart
        self.emit(event(bullet=bullet.id, other=other.id, reason=clean_reason(operation.reason)))
        return applied(operation, bullet.id)

    def _tag(self, operation: TagBullet) -> Outcome:
        bullet = self.state.find(operation.bullet)
        if bullet is None:
            return unknown(operation, operation.bullet)
        if self.delta.episode in bullet.tagged_in:
            return duplicate(operation, f"{bullet.alias} was tagged in this episode already", bullet)
        self.emit(Tag(bullet=bullet.id, tag=operation.tag, episode_id=self.delta.episode))
        return applied(operation, bullet.id)

    def _retire(self, operation: RetireBullet) -> Outcome:
        bullet = self.state.find(operation.bullet)
        if bullet is None:
            return unknown(operation, operation.bullet)
        if bullet.status is Status.RETIRED:
            return duplicate(operation, f"{bullet.alias} is retired", bullet)
        fault = self._edit_fault(bullet) or self._admission.removal(bullet)
        if fault:
            return rejected(operation, fault, bullet)
        self.emit(Retire(bullet=bullet.id, reason=clean_reason(operation.reason)))
        return applied(operation, bullet.id)


def _proposes(event: PlaybookEvent) -> bool:
    return isinstance(event, Add) and event.status is Status.PROPOSED
