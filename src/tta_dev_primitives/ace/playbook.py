"""The playbook: an immutable value, folded from its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Never

from .apply import Application
from .bullet import Bullet
from .delta import Delta, Outcome
from .events import Crown, Recorded, union
from .fold import State, resolve


def _nothing() -> Mapping[str, Never]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)  # no slots: the cached views below live in the instance's __dict__
class Playbook:
    """Every bullet ever learned and what became of it.

    `version` is the number of events folded, `head` the place of the latest one. `bullets` has all of them by
    id, also retired ones, in admission order; `names` leads from display ids and reworded contents to ids;
    `sealed` are the ids in CORE by position, `crown` says which version was made the champion.
    """

    version: int = 0
    head: tuple[int, str] | None = None
    bullets: Mapping[str, Bullet] = field(default_factory=_nothing)
    names: Mapping[str, str] = field(default_factory=_nothing)
    sealed: tuple[str, ...] = ()
    crown: Crown | None = None

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
        return _freeze(state)

    def apply(self, delta: Delta, *, at: int, run_id: str) -> Applied:
        """Return the playbook with `delta` applied, the records to store and one outcome per operation.

        `at` is nanoseconds since 1970, UTC, moved up where needed, so that the records are later than `head`.
        """
        application = Application(state=self._thaw(), delta=delta, at=self.next_at(at), run_id=run_id)
        outcomes = tuple(application.outcome(operation) for operation in delta.operations)
        records = tuple(application.records)
        return Applied(
            playbook=_freeze(application.state) if records else self, records=records, outcomes=outcomes
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

    @cached_property
    def active(self) -> tuple[Bullet, ...]:
        """The bullets in use, in admission order: candidates and validated ones that nothing supersedes."""
        superseded = {bullet.supersedes for bullet in self.bullets.values() if bullet.live}
        return tuple(b for b in self.bullets.values() if b.live and b.id not in superseded)

    @cached_property
    def core(self) -> tuple[Bullet, ...]:
        """The sealed bullets in the order sealed.

        A superseded or merged one stays, as its successor corrects it further down; a suspended or retired
        one goes.
        """
        sealed = (self.bullets[reference] for reference in self.sealed)
        return tuple(b for b in sealed if (b.live or b.merged_into is not None) and not b.forgotten)

    @property
    def size(self) -> int:
        """How many bullets are in use."""
        return len(self.active)

    def _thaw(self) -> State:
        return State(
            version=self.version,
            head=self.head,
            bullets=dict(self.bullets),
            names=dict(self.names),
            sealed=list(self.sealed),
            crown=self.crown,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What `Playbook.apply` returns; `len(outcomes) == len(delta.operations)`, in the same order."""

    playbook: Playbook
    records: tuple[Recorded, ...]
    outcomes: tuple[Outcome, ...]


def _freeze(state: State) -> Playbook:
    return Playbook(
        version=state.version,
        head=state.head,
        bullets=MappingProxyType(state.bullets),
        names=MappingProxyType(state.names),
        sealed=tuple(state.sealed),
        crown=state.crown,
    )
