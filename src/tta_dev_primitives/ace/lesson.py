"""What a bullet and a lesson that is not one yet have in common, and where each belongs."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, Protocol

from .bullet import Trigger
from .content import Kind


class Lesson(Protocol):
    """Text with a kind, a domain and a trigger: a `Bullet`, or an `AddBullet` that asks for one."""

    @property
    def domain(self) -> str:
        """The slug of the domain."""
        ...

    @property
    def kind(self) -> Kind:
        """What sort of strategy it is."""
        ...

    @property
    def content(self) -> str:
        """The text."""
        ...

    @property
    def trigger(self) -> Trigger:
        """When it is relevant."""
        ...


class Place(NamedTuple):
    """Lessons can only say the same at the same place: what they are about is equal but for their text."""

    domain: str
    form: str
    language: str | None
    libraries: frozenset[str]


def place_of(lesson: Lesson) -> Place:
    """Return where `lesson` belongs.

    Rules, facts, workflows and checks are one form, as models do not tell them apart reliably; a pitfall
    may name what not to do, and a snippet is code.
    """
    when = _when(lesson.trigger)
    form = lesson.kind.value if lesson.kind in {Kind.SNIPPET, Kind.PITFALL} else "statement"
    return Place(lesson.domain, form, when.language, when.libraries)


def same_trigger(one: Lesson, other: Lesson) -> bool:
    """Tell whether both are relevant at the same tasks: equal language, libraries and error signatures."""
    return place_of(one) == place_of(other) and _when(one.trigger) == _when(other.trigger)


class _When(NamedTuple):
    language: str | None
    libraries: frozenset[str]
    errors: frozenset[str]


def _when(trigger: Trigger) -> _When:
    """Return what decides in a trigger; its keywords only help to find it."""
    return _cleaned(trigger.language, trigger.libraries, trigger.error_signatures)


@lru_cache(maxsize=1 << 14)
def _cleaned(language: str | None, libraries: tuple[str, ...], errors: tuple[str, ...]) -> _When:
    cleaned = Trigger(language=language, libraries=libraries, error_signatures=errors).cleaned()
    return _When(cleaned.language, _folded(cleaned.libraries), _folded(cleaned.error_signatures))


def _folded(entries: tuple[str, ...]) -> frozenset[str]:
    return frozenset(entry.casefold() for entry in entries)
