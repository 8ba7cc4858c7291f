"""What the operations of a library return, before its public classes are made of it."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Summary(NamedTuple):
    """One line of a list of items."""

    code: str
    kind: str
    slot: int


class Item(NamedTuple):
    """One item as it is now."""

    code: str
    kind: str
    slot: int
    grade: str
    vessels: int
    flag: int
    amount: int
    mark: str


class Page(NamedTuple):
    """One page of the list of items."""

    entries: tuple[Summary, ...]
    last: bool


class Event(NamedTuple):
    """One movement; its amount is asked for separately, or given here when it was put right later."""

    number: int
    item: str
    day: str
    way: str
    amount: int | None


class Receipt(NamedTuple):
    """What a withdrawal or a note returns."""

    number: int


class EventSheet(NamedTuple):
    """Movements that were handed out under a number."""

    rows: list[Event]
    number: int


class FoundSheet(NamedTuple):
    """Items that were handed out against a credit."""

    rows: list[Summary]
    credit: int


Value: TypeAlias = (
    Item
    | Page
    | Event
    | Receipt
    | EventSheet
    | FoundSheet
    | list[Summary]
    | list[Event]
    | list[int]
    | int
    | None
)
