"""What reading a playbook's text gives: the bullets, and what had to be left out."""

from __future__ import annotations

from dataclasses import dataclass

from ..content import content_fault, domain_fault
from ..delta import ImportBullet


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A part of the text that is no bullet. `place` is for people: a line, or an entry of a list."""

    place: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was read. `foreign` says that the text is not in this package's own JSON format."""

    bullets: tuple[ImportBullet, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    foreign: bool = True


def bullet_fault(bullet: ImportBullet) -> str | None:
    """Return why a playbook would not accept `bullet`, or None if it would."""
    return (
        domain_fault(bullet.domain)
        or content_fault(bullet.kind, bullet.content)
        or bullet.trigger.cleaned().fault()
    )
