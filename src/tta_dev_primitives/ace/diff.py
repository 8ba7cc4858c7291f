"""What changed from one version of a playbook to another."""

from __future__ import annotations

from dataclasses import dataclass

from .bullet import Bullet, Status
from .playbook import Playbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A bullet before and after; both have the same id."""

    old: Bullet
    new: Bullet


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookDiff:
    """What became of the bullets, each list in admission order; a bullet may be in several.

    `merged` pairs are of the bullet that went and what it was; `new.merged_into` names the one that stayed.
    """

    added: tuple[Bullet, ...] = ()
    removed: tuple[Bullet, ...] = ()
    revised: tuple[Change, ...] = ()
    merged: tuple[Change, ...] = ()
    retired: tuple[Change, ...] = ()
    status: tuple[Change, ...] = ()
    tagged: tuple[Change, ...] = ()
    sealed: tuple[Change, ...] = ()
    pinned: tuple[Change, ...] = ()
    conflicts: tuple[Change, ...] = ()
    apart: tuple[Change, ...] = ()

    @property
    def empty(self) -> bool:
        """True if nothing changed."""
        return not any(getattr(self, name) for name in self.__slots__)


def diff(old: Playbook, new: Playbook) -> PlaybookDiff:
    """Return what leads from `old` to `new`; `removed` is filled where `new` is the earlier one."""
    changes = tuple(
        Change(old=old.bullets[bullet.id], new=bullet)
        for bullet in new.bullets.values()
        if bullet.id in old.bullets and old.bullets[bullet.id] != bullet
    )
    return PlaybookDiff(
        added=tuple(bullet for bullet in new.bullets.values() if bullet.id not in old.bullets),
        removed=tuple(bullet for bullet in old.bullets.values() if bullet.id not in new.bullets),
        revised=tuple(c for c in changes if c.old.content != c.new.content),
        merged=tuple(c for c in changes if c.old.merged_into != c.new.merged_into),
        retired=tuple(c for c in changes if _retired(c)),
        status=tuple(c for c in changes if c.old.standing != c.new.standing and not _gone(c)),
        tagged=tuple(c for c in changes if _counts(c.old) != _counts(c.new)),
        sealed=tuple(c for c in changes if c.old.sealed != c.new.sealed),
        pinned=tuple(c for c in changes if c.old.pinned != c.new.pinned),
        conflicts=tuple(c for c in changes if c.old.conflicts != c.new.conflicts),
        apart=tuple(c for c in changes if c.old.apart != c.new.apart),
    )


def _gone(change: Change) -> bool:
    return change.new.merged_into is not None or _retired(change)


def _retired(change: Change) -> bool:
    is_new = change.old.status is not Status.RETIRED and change.new.status is Status.RETIRED
    return is_new and change.new.merged_into is None


def _counts(bullet: Bullet) -> tuple[int, ...]:
    return (bullet.helpful, bullet.harmful, bullet.neutral)
