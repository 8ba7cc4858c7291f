"""What a person changed in the JSON file, as records of the playbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ...core.errors import PlaybookCorrupt
from ..bullet import LIVE, Bullet, Provenance, Status, bullet_id
from ..content import clean_content
from ..delta import AnyOperation, Delta, ImportBullet, Outcome, Result, ReviseBullet
from ..events import Decision, Pin, Promote, Recorded, Reinstate, Retire, Suspend, record
from ..fold import named
from ..formats.imported import Entry, Imported, Skipped, entry_of
from ..playbook import Playbook

MANY: Final = 3
"""From so many on, the removal of more than half of the entries is taken for an accident."""
_REMOVED: Final = "removed from the JSON file"
_SET: Final = "set in the JSON file"
_OFF: Final = frozenset({Status.SUSPENDED, Status.RETIRED})
_ORIGIN: Final = frozenset({"alias", "revision", "supersedes", "merged_into", "learned_from"})
_SHOWN_CHARS: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The playbook with a person's changes, their records, and what could not be taken over.

    `erased` says that the file still had a bullet that was forgotten, so that no copy of it may be kept.
    """

    playbook: Playbook
    records: tuple[Recorded, ...]
    skipped: tuple[Skipped, ...]
    erased: bool


def edited(
    imported: Imported, playbook: Playbook, base: Playbook | None, *, provenance: Provenance, at: int
) -> Edited:
    """Return `playbook` with what a person changed in the file since it showed `base`.

    An entry is known by its id; without one by its display id, or else by its content. A changed content
    revises, a changed status retires, suspends, reinstates or promotes, a changed `pinned` pins, and an entry
    that is not known is imported. One that is gone is retired if `base` is given: without it, nobody can
    tell whether it ever was in the file. What else was changed is skipped, with the reason.

    Raises:
        PlaybookCorrupt: more than half of the entries in use are gone, and at least `MANY`.
    """
    changes = _Changes(playbook=playbook, base=base or playbook, provenance=provenance, at=at)
    items = _items(imported)
    known = _known(items, playbook, changes.base)
    if base is not None:
        changes.retire(_removed(base, known))
    for reference, item in known.items():
        changes.edit(reference, item)
    originals = {item.number for item in known.values()}
    changes.add([item for item in items if item.number not in originals])
    return Edited(
        playbook=changes.playbook,
        records=tuple(changes.records),
        skipped=(*imported.skipped, *changes.skipped),
        erased=any(playbook.bullets[reference].forgotten for reference in known),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """A bullet in the file, the `number`-th of those that were read; `entry` is None in an older format."""

    number: int
    bullet: ImportBullet
    entry: Entry | None

    def skipped(self, reason: str) -> Skipped:
        return Skipped(place=f"entry {self.number}", text=self.bullet.content[:_SHOWN_CHARS], reason=reason)


def _items(imported: Imported) -> list[_Item]:
    entries = imported.entries or (None,) * len(imported.bullets)
    pairs = zip(imported.bullets, entries, strict=True)
    return [_Item(number=n, bullet=bullet, entry=entry) for n, (bullet, entry) in enumerate(pairs, start=1)]


def _known(items: Iterable[_Item], playbook: Playbook, base: Playbook) -> Mapping[str, _Item]:
    """Return the items by the ids that they have in the playbook; of copies with one id the original."""
    known: dict[str, _Item] = {}
    for item in items:
        bullet = _named(item, playbook)
        if bullet is not None and (bullet.id not in known or _reworded(known[bullet.id], bullet.id, base)):
            known[bullet.id] = item
    return known


def _named(item: _Item, playbook: Playbook) -> Bullet | None:
    entry = item.entry
    if entry is None:
        return None
    name = entry.id or entry.alias or bullet_id(entry.domain, entry.kind, entry.content)
    return named(playbook.bullets, playbook.names, name)


def _reworded(item: _Item, reference: str, base: Playbook) -> bool:
    before = base.bullets.get(reference)
    return before is None or clean_content(before.kind, item.bullet.content) != before.content


def _removed(base: Playbook, known: Mapping[str, _Item]) -> tuple[Bullet, ...]:
    """Return the bullets that were in the file, not retired, and are no longer."""
    shown = [
        bullet
        for bullet in base.bullets.values()
        if bullet.status is not Status.RETIRED and not bullet.unread
    ]
    gone = tuple(bullet for bullet in shown if bullet.id not in known)
    if len(gone) >= MANY and 2 * len(gone) > len(shown):
        raise PlaybookCorrupt(
            f"{len(gone)} of its {len(shown)} bullets are missing, which looks like an accident; "
            'delete the file to have it written anew, and set "status": "retired" to retire so many'
        )
    return gone


def _is_unchanged(item: _Item, forgotten: Bullet) -> bool:
    """Tell whether the file still has the text of which the playbook has only the hash."""
    bullet = item.bullet
    return bullet_id(bullet.domain, bullet.kind, bullet.content) == forgotten.id


@dataclass(slots=True, kw_only=True)
class _Changes:
    """A person's changes being applied to `playbook`; `base` is what the file showed before them."""

    playbook: Playbook
    base: Playbook
    provenance: Provenance
    at: int
    records: list[Recorded] = field(default_factory=list[Recorded])
    skipped: list[Skipped] = field(default_factory=list[Skipped])

    def retire(self, removed: Iterable[Bullet]) -> None:
        """Retire what is no longer in the file."""
        for bullet in removed:
            now = self.playbook.bullets[bullet.id]
            if now.status is not Status.RETIRED:
                self._decide(Retire(bullet=now.id, reason=_REMOVED))

    def edit(self, reference: str, item: _Item) -> None:
        """Apply what was changed in the entry of the bullet `reference`."""
        now = self.playbook.bullets[reference]
        before = self.base.bullets.get(reference, now)
        changed = _changed(item, before)
        if item.entry is None or not changed:
            return
        if now.forgotten:
            if before.forgotten or not _is_unchanged(item, now):
                reason = f"{now.alias} was erased and cannot be changed"
                self.skipped.append(replace(item.skipped(reason), text=now.alias))
        elif now.merged_into is not None:
            self.skipped.append(item.skipped(f"{now.alias} was merged and cannot be changed"))
        else:
            self._refuse(changed, now, item)
            self._edit(now, item.entry, item, changed)

    def _refuse(self, changed: frozenset[str], now: Bullet, item: _Item) -> None:
        """Report the changed fields that no event changes."""
        fixed = changed - {"content", "status", "pinned"} - ({"trigger"} if "content" in changed else set())
        if fixed:
            names = ", ".join(sorted(fixed))
            self.skipped.append(item.skipped(f"{names} of {now.alias} cannot be changed in the JSON file"))

    def add(self, items: list[_Item]) -> None:
        """Import entries that the playbook does not know."""
        outcomes = self._apply(*(item.bullet for item in items))
        for item, outcome in zip(items, outcomes, strict=True):
            self._report(item, outcome)
            if item.entry is not None and item.entry.pinned and outcome.result is Result.APPLIED:
                self._decide(Pin(bullet=outcome.bullet_id or ""))

    def _edit(self, now: Bullet, entry: Entry, item: _Item, changed: frozenset[str]) -> None:
        reference = now.id
        if "pinned" in changed and now.pinned and not entry.pinned:
            self._decide(Pin(bullet=reference, pinned=False))
        if "status" in changed and now.status is Status.RETIRED and entry.status is not Status.RETIRED:
            self._decide(Reinstate(bullet=reference, reason=_SET))
        if "content" in changed and clean_content(now.kind, entry.content) != now.content:
            reference = self._reword(reference, item)
        if "status" in changed:
            self._set_status(reference, entry.status, item)
        if "pinned" in changed and entry.pinned and not self.playbook.bullets[reference].pinned:
            self._decide(Pin(bullet=reference))

    def _reword(self, reference: str, item: _Item) -> str:
        """Reword the bullet and return the id of what stands for it then: a sealed one gets a successor."""
        before = self.base.bullets.get(reference, self.playbook.bullets[reference])
        trigger = item.bullet.trigger if item.bullet.trigger.cleaned() != before.trigger else None
        operation = ReviseBullet(
            bullet=reference, revision=before.revision, content=item.bullet.content, trigger=trigger
        )
        (outcome,) = self._apply(operation)
        self._report(item, outcome)
        applied = outcome.result is Result.APPLIED and outcome.bullet_id is not None
        return outcome.bullet_id if applied and outcome.bullet_id else reference

    def _set_status(self, reference: str, wanted: Status, item: _Item) -> None:
        bullet = self.playbook.bullets[reference]
        now = bullet.status
        if bullet.damaged and wanted in LIVE:  # perhaps the file is only older than the damage
            reason = f"a record about {bullet.alias} is damaged; see `playbox playbook trust`"
            self.skipped.append(item.skipped(reason))
            return
        if now is wanted:
            return
        if now in _OFF and wanted in {Status.CANDIDATE, Status.VALIDATED}:
            self._decide(Reinstate(bullet=reference, reason=_SET))
        match wanted:
            case Status.RETIRED:
                self._decide(Retire(bullet=reference, reason=_SET))
            case Status.SUSPENDED:
                self._decide(Suspend(bullet=reference, reason=_SET))
            case Status.CANDIDATE | Status.VALIDATED:
                if self.playbook.bullets[reference].status is not wanted:
                    self._decide(Promote(bullet=reference, status=wanted, reason=_SET))
            case Status.PROPOSED:
                self.skipped.append(item.skipped(f"a bullet that is {now} cannot become {wanted}"))

    def _decide(self, event: Decision) -> None:
        item = record(
            event,
            at=self.playbook.next_at(self.at),
            run_id=self.provenance.run_id,
            actor=self.provenance.actor,
        )
        self.playbook = self.playbook.extend([item])
        self.records.append(item)

    def _apply(self, *operations: AnyOperation) -> tuple[Outcome, ...]:
        """Apply operations as one delta, of which there may be any number: each rewording is its own."""
        delta = Delta(operations=operations, provenance=self.provenance)
        applied = self.playbook.apply(delta, at=self.at, run_id=self.provenance.run_id)
        self.playbook = applied.playbook
        self.records.extend(applied.records)
        return applied.outcomes

    def _report(self, item: _Item, outcome: Outcome) -> None:
        """Note what was not taken over; a duplicate that says the same is no loss."""
        same = self.playbook.bullets.get(outcome.bullet_id or "")
        said = same is not None and _said(item, same)
        if outcome.result is Result.REJECTED or (outcome.result is Result.DUPLICATE and not said):
            self.skipped.append(replace(item.skipped(outcome.reason), conflict=outcome.conflict))


def _said(item: _Item, bullet: Bullet) -> bool:
    mine = bullet_id(bullet.domain, bullet.kind, item.bullet.content)
    return mine == bullet_id(bullet.domain, bullet.kind, bullet.content)


def _changed(item: _Item, before: Bullet) -> frozenset[str]:
    """Return the fields in which the entry differs from what was written for `before`."""
    if item.entry is None:
        return frozenset()
    written, content = entry_of(before), clean_content(before.kind, item.entry.content)
    update = {"content": content, "trigger": item.entry.trigger.cleaned()}
    entry = item.entry.model_copy(update=update)
    return frozenset(name for name in _compared(entry) if getattr(entry, name) != getattr(written, name))


def _compared(entry: Entry) -> frozenset[str]:
    """Return the fields that say something: a default is not written, where the bullet came from may be cut.

    An entry without an id was written by a person; it is known by its content and says only what it names.
    """
    if entry.id or entry.alias:
        return (frozenset(Entry.model_fields) - {"id"} - _ORIGIN) | (_ORIGIN & entry.model_fields_set)
    return frozenset(entry.model_fields_set) - {"content"}
