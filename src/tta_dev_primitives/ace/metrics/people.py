"""Who changed a playbook: the loop, or a person."""

from __future__ import annotations

from typing import Final

from ..events import Recorded

PEOPLE: Final = frozenset({"import", "user"})
"""Actors of a person: what was imported, edited in the JSON file, or decided and rated by hand."""


def by_person(item: Recorded) -> bool:
    """Return whether a person caused this record."""
    return item.actor in PEOPLE
