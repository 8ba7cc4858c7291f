"""The playbook: an immutable value, folded from its events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from rpds import HashTrieMap

from .apply import Application
from .aside import Aside
from .bullet import Bullet
from .bullets import Bullets
from .delta import Delta, Outcome
from .draft import Draft
from .events import Gated, Recorded, union
from .fold import State, resolve


def _no_names() -> HashTrieMap[str, str]:
    return HashTrieMap()


@dataclass(frozen=True, kw_only=True)  # no slots: the cached view below lives in the instance's __dict__
class Playbook:
    """Every bullet ever learned and what became of it.

    `version` is the number of events folded, `head` the place of the latest one. `bullets` has all of them by
    id, also retired ones, in admission order; `names` leads from display ids and reworded contents to ids;
    `sealed` are the ids in CORE by position. `gated` is what the gate found last, `champion` what it accepted
    last. `set_aside` are the damaged records: each counts as a version, and what it may have been about is in
    no prompt. A new version shares with the one before what did not change, so it costs the number of
    changes, whatever the number of bullets.
    """

    version: int = 0
    head: tuple[int, str] | None = None
    bullets: Bullets = field(default_factory=Bullets)
    names: HashTrieMap[str, str] = field(default_factory=_no_names)
    sealed: tuple[str, ...] = ()
    gated: Gated | None = None
    champion: Gated | None = None
    set_aside: tuple[Aside, ...] = ()

    @classmethod
    def fold(cls, records: Iterable[Recorded]) -> Playbook:
        """Return the playbook of these records, whatever their order and however often each is given."""
        return cls().extend(records)

    def extend(self, records: Iterable[Recorded]) -> Playbook:
        """Return the playbook with `records` folded in as well.

        Raises:
            ValueError: a record is not later than `head`; fold the union of both histories instead.
        """
        later = union(records)
        if not later:
            return self
        if self.head is not None and later[0].key <= self.head:
            raise ValueError(f"record {later[0].event_id!r} is not later than version {self.version}")
        state = self._thaw()
        for item in later:
            state.step(item)
        return self._with(state)

    def apply(self, delta: Delta, *, at: int, run_id: str) -> Applied:
        """Return the playbook with `delta` applied, the records to store and one outcome per operation.

        `at` is nanoseconds since 1970, UTC, moved up where needed, so that the records are later than `head`.
        """
        application = Application(
            state=self._thaw(),
            delta=delta,
            at=self.next_at(at),
            run_id=run_id,
            waiting=len(self.proposed),
        )
        outcomes = tuple(application.outcome(operation) for operation in delta.operations)
        records = tuple(application.records)
        return Applied(
            playbook=self._with(application.state) if records else self, records=records, outcomes=outcomes
        )

    def next_at(self, at: int) -> int:
        """Return `at`, or the first instant later than `head` if the clock went back."""
        return at if self.head is None else max(at, self.head[0] + 1)

    def get(self, reference: str) -> Bullet | None:
        """Return the bullet with this id or display id, or the one that it was merged into."""
        return resolve(self.bullets, self.names, reference)

    def compared(self, one: Bullet, other: Bullet) -> bool:
        """Tell whether two bullets are known to say different things, or to contradict each other."""
        return any(self.get(reference) == other for reference in (*one.apart, *one.conflicts))

    @property
    def active(self) -> tuple[Bullet, ...]:
        """The bullets in use, in admission order: candidates and validated ones that nothing supersedes."""
        return self.bullets.active

    @property
    def proposed(self) -> tuple[Bullet, ...]:
        """The bullets that wait for a person to admit or refuse them, in admission order."""
        return self.bullets.proposed

    @cached_property
    def core(self) -> tuple[Bullet, ...]:
        """The sealed bullets in the order sealed.

        A superseded or merged one stays, as its successor corrects it further down; a suspended or retired
        one goes.
        """
        sealed = (self.bullets[reference] for reference in self.sealed)
        return tuple(b for b in sealed if b.live or (b.merged_into is not None and not b.out))

    @property
    def size(self) -> int:
        """How many bullets are in use."""
        return self.bullets.active_count

    def _thaw(self) -> State:
        return State(
            version=self.version,
            head=self.head,
            bullets=Draft(base=self.bullets),
            names=Draft(base=self.names),
            sealed=list(self.sealed),
            count=len(self.bullets),
            gated=self.gated,
            champion=self.champion,
            set_aside=list(self.set_aside),
        )

    def _with(self, state: State) -> Playbook:
        names = state.names.changed
        return Playbook(
            version=state.version,
            head=state.head,
            bullets=self.bullets.updated(state.bullets.changed),
            names=self.names.update(names) if names else self.names,
            sealed=tuple(state.sealed),
            gated=state.gated,
            champion=state.champion,
            set_aside=tuple(state.set_aside),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What `Playbook.apply` returns; `len(outcomes) == len(delta.operations)`, in the same order."""

    playbook: Playbook
    records: tuple[Recorded, ...]
    outcomes: tuple[Outcome, ...]
