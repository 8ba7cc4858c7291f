"""Erasure: the texts of a forgotten bullet go from every event about it; that it was there stays.

What takes their place are hashes of them, so that a fold of the erased history comes to the same end, and
what was forgotten is not learned again. Who can guess a text can tell by its hash that it was there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final, Protocol

from .bullet import NO_TRIGGER, Bullet, Trigger
from .content import ERASED, bullet_id
from .events import (
    Add,
    Apart,
    Compacted,
    Conflict,
    Erasable,
    Gated,
    PlaybookEvent,
    Recorded,
    Restore,
    Revise,
    SetAside,
)

_MARK: Final = "erased:"


class Known(Protocol):
    """The bullets by id, for their domain and kind."""

    def get(self, key: str, /) -> Bullet | None:
        """Return the bullet, or None."""
        ...


def forgotten(bullets: Iterable[Bullet]) -> frozenset[str]:
    """Return the ids of those that are forgotten."""
    return frozenset(bullet.id for bullet in bullets if bullet.forgotten)


def subjects(event: PlaybookEvent) -> frozenset[str]:
    """Return the ids of the bullets that the event is about."""
    if isinstance(event, SetAside):
        return frozenset(event.bullets)
    named = [] if isinstance(event, Gated | Compacted) else [event.bullet]
    return frozenset([*named, event.other] if isinstance(event, Conflict | Apart) else named)


def erase(item: Recorded, gone: frozenset[str], known: Known) -> Recorded:
    """Return the record without its texts if it is about one of the bullets `gone`, else as it is."""
    event = item.event
    if not isinstance(event, Erasable) or event.erased or subjects(event).isdisjoint(gone):
        return item
    changes: dict[str, object] = {"erased": True}
    if "reason" in type(event).model_fields:
        changes["reason"] = ""
    if isinstance(event, Add | Revise | Restore):
        changes |= {"content": _hashed(event, known), "trigger": _without_words(event.trigger)}
    return item.model_copy(update={"event": event.model_copy(update=changes)})


def erase_bullet(bullet: Bullet) -> Bullet:
    """Return the bullet as it is after the events about it were erased."""
    if bullet.forgotten or is_erased_bullet(bullet):
        return bullet
    content = f"{_MARK}{bullet_id(bullet.domain, bullet.kind, bullet.content)}"
    return bullet.model_copy(
        update={"content": content, "trigger": _without_words(bullet.trigger), "held": ""}
    )


def is_erased_bullet(bullet: Bullet) -> bool:
    """Return whether this is a bullet without its texts."""
    bare = not bullet.held and all(map(ERASED.fullmatch, _words(bullet.trigger)))
    return bare and (ERASED.fullmatch(bullet.content) is not None or bullet.forgotten)


def is_erased(event: PlaybookEvent) -> bool:
    """Return whether this is an event without its texts, so that its record's id cannot be computed."""
    if not isinstance(event, Erasable) or not event.erased:
        return False
    if getattr(event, "reason", None):
        return False
    if not isinstance(event, Add | Revise | Restore):
        return True
    bare = all(map(ERASED.fullmatch, _words(event.trigger)))
    return bare and ERASED.fullmatch(event.content) is not None


def content_id(event: Revise | Restore, bullet: Bullet) -> str:
    """Return the id that a bullet with the event's content would have, also where that was erased."""
    if event.erased:
        return event.content.removeprefix(_MARK)
    return bullet_id(bullet.domain, bullet.kind, event.content)


def _hashed(event: Add | Revise | Restore, known: Known) -> str:
    if isinstance(event, Add):
        return f"{_MARK}{event.bullet}"
    bullet = known.get(event.bullet)
    return f"{_MARK}{content_id(event, bullet) if bullet else event.bullet}"


def _without_words(trigger: Trigger | None) -> Trigger | None:
    if trigger is None or trigger == NO_TRIGGER:
        return trigger
    return Trigger(keywords=(_MARK + hashlib.sha256(trigger.model_dump_json().encode()).hexdigest()[:16],))


def _words(trigger: Trigger | None) -> tuple[str, ...]:
    if trigger is None:
        return ()
    language = (trigger.language,) if trigger.language else ()
    return (*language, *trigger.libraries, *trigger.error_signatures, *trigger.keywords)
