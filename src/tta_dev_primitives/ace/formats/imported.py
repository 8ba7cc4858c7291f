"""What reading a playbook's text gives: the bullets, and what had to be left out."""

from __future__ import annotations

from dataclasses import dataclass

from ..bullet import LIVE, NO_TRIGGER, Bullet, Kind, Status, Trigger
from ..content import clean_content, content_fault, domain_fault
from ..delta import Count, EditConflict, ImportBullet
from ..value import Value


class Entry(Value):
    """A bullet in this package's JSON format. An import reads what an `ImportBullet` has, and no more."""

    alias: str = ""
    id: str = ""
    domain: str = "general"
    kind: Kind
    content: str
    trigger: Trigger = NO_TRIGGER
    status: Status = Status.CANDIDATE
    helpful: Count = 0
    harmful: Count = 0
    neutral: Count = 0
    revision: int = 1
    pinned: bool = False
    supersedes: str | None = None
    merged_into: str | None = None
    learned_from: str = ""


def entry_of(bullet: Bullet) -> Entry:
    """Return `bullet` as it stands in the file; one that a damaged record is about, as suspended."""
    origin = bullet.provenance
    status = Status.SUSPENDED if bullet.damaged and bullet.status in LIVE else bullet.status
    return Entry(
        **bullet.model_dump(include=set(Entry.model_fields) - {"learned_from", "status"}),
        status=status,
        learned_from=f"task {origin.task_id}, run {origin.run_id}, {origin.origin} {origin.model}".rstrip(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A part of the text that is no bullet. `place` is for people: a line, or an entry of a list.

    `conflict` has both versions of a bullet that was reworded in the text, and before that elsewhere.
    """

    place: str
    text: str
    reason: str
    conflict: EditConflict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was read. `foreign` says that the text is not in this package's own JSON format.

    In that format `entries` are the bullets with all that the file says of them, in the same order, and
    `version` is that of the playbook it shows, None if it does not say.
    """

    bullets: tuple[ImportBullet, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    foreign: bool = True
    entries: tuple[Entry, ...] = ()
    version: int | None = None


def shown_content(bullet: Bullet) -> str:
    """Return what a bullet says, fit for a text form: no line of another writer looks like a second one."""
    return clean_content(bullet.kind, bullet.content)


def bullet_fault(bullet: ImportBullet) -> str | None:
    """Return why a playbook would not accept `bullet`, or None if it would."""
    return (
        domain_fault(bullet.domain)
        or content_fault(bullet.kind, bullet.content)
        or bullet.trigger.cleaned().fault()
    )
