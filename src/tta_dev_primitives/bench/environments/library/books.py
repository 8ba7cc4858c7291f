"""What a site holds: the same in every process, and free of any quirk."""

from __future__ import annotations

from copy import copy
from datetime import date, timedelta
from typing import NamedTuple, TypedDict

from .draw import Draw
from .values import Item, Summary

WAYS = ("in", "out")
ITEMS = 28
DAYS = 150
FIRST_DAY = date(2031, 1, 6)
_MARK = "bcdfghjkmnpqrtvwxz"
_PRIME = 2_147_483_647
_SUNDAY = 6
_FLAGGED = 2
"""So many fifths of the items are."""


class BookSpec(TypedDict):
    """What the books of all sites have in common."""

    seed: int
    edition: int
    kinds: list[str]
    grades: list[str]
    zones: list[str]
    page_size: int
    corrected: list[int]
    """Modulus and remainder of the numbers of movements that were put right later; empty if none is."""
    missing: bool
    """Whether some readings were never taken."""


class Movement(NamedTuple):
    """One movement as it really was; `void` if it was written down with another amount at first."""

    number: int
    item: str
    day: date
    way: str
    amount: int
    void: bool


class Books:
    """The books of the site `name`. Amounts are whole numbers of the library's smallest unit."""

    def __init__(self, name: str, spec: BookSpec) -> None:
        self.name, self.spec = name, spec
        self.writes: dict[str, int] = {}
        self.summaries: dict[str, Summary] = {}
        self.grades: dict[str, str] = {}
        self.zones: dict[str, str] = {}
        self.amounts: dict[str, int] = {}
        self.vessels: dict[str, int] = {}
        self.flagged: dict[str, bool] = {}
        self.ratings: dict[str, int] = {}
        self.readings: dict[str, list[int | None]] = {}
        self._movements: list[Movement] = []
        self._write_items()

    def _write_items(self) -> None:
        fixed, varied = self._draw("items"), self._varied("items")
        numbers = sorted(fixed.some(range(110, 990), ITEMS), key=lambda number: number * 37 % 997)
        slots = fixed.some(range(1, ITEMS + 9), ITEMS)
        for index, number in enumerate(numbers):
            code, kinds = f"{self.name[0]}{number}", self.spec["kinds"]
            kind = kinds[(index * 3 + index // len(kinds)) % len(kinds)]
            self.summaries[code] = Summary(code, kind, slots[index])
            self._write_item(code, varied)

    def _draw(self, part: str) -> Draw:
        """Return what is the same in all editions."""
        return Draw(self.spec["seed"], self.name, part)

    def _varied(self, part: str) -> Draw:
        """Return what is not."""
        return Draw(self.spec["seed"], self.name, part, self.spec["edition"])

    def _write_item(self, code: str, draw: Draw) -> None:
        self.grades[code] = draw.pick(self.spec["grades"])
        self.zones[code] = draw.pick(self.spec["zones"])
        self.amounts[code] = draw.between(1201, 7200)
        self.vessels[code] = draw.between(2, 9)
        self.flagged[code] = draw.below(5) < _FLAGGED
        self.ratings[code] = draw.between(110, 9890)
        count = draw.between(6, 9)
        self.readings[code] = [draw.between(105, 890) for _ in range(count)]
        if self.spec["missing"]:
            for place in draw.some(range(1, count - 1), draw.between(1, 2)):
                self.readings[code][place] = None

    @property
    def movements(self) -> list[Movement]:
        """All movements, oldest first."""
        if not self._movements:
            self._write_movements()
        return self._movements

    def _write_movements(self) -> None:
        fixed, draw = self._draw("movements"), self._varied("movements")
        amounts = draw.some(range(60, 4000), 3 * DAYS)
        codes, number = list(self.summaries), fixed.between(1001, 4000)
        days = (FIRST_DAY + timedelta(days=count) for count in range(DAYS))
        for day in (day for day in days if day.weekday() != _SUNDAY):
            for _ in range(fixed.between(2, 3)):
                item, way = draw.pick(codes), draw.pick(WAYS)
                void = self._void(number)
                self._movements.append(Movement(number, item, day, way, amounts.pop(), void))
                number += 1

    def _void(self, number: int) -> bool:
        chosen = self.spec["corrected"]
        return bool(chosen) and number % chosen[0] == chosen[1]

    def fresh(self) -> Books:
        """Return the same books; what is written in one is not in the other."""
        twin = copy(self)
        twin.amounts, twin.writes = dict(self.amounts), dict(self.writes)
        return twin

    def item(self, code: str) -> Item:
        """Return an item as it is now; `flag` is 1 or 0."""
        return Item(
            *self.summaries[code],
            self.grades[code],
            self.vessels[code],
            int(self.flagged[code]),
            self.amounts[code],
            self.mark(code),
        )

    def period(self, first: date, last: date) -> list[Movement]:
        """Return the movements of all days from `first` to `last`, both included, oldest first."""
        return [movement for movement in self.movements if first <= movement.day <= last]

    def withdraw(self, code: str, amount: int) -> None:
        """Take an amount out, for good."""
        self.amounts[code] -= amount
        self.writes[code] = self.writes.get(code, 0) + 1

    def put_back(self, code: str, amount: int) -> None:
        """Undo a withdrawal."""
        self.amounts[code] += amount
        self.writes[code] -= 1

    def mark(self, code: str) -> str:
        """Return an item's mark: it changes with every withdrawal, and with the edition."""
        value = self.spec["edition"] * 7919 + self.spec["seed"] % 1009
        for part in (*map(ord, code), self.amounts[code], self.writes.get(code, 0)):
            value = (value * 48_271 + part * 16_807) % _PRIME
        return "".join(_MARK[value // 18**place % 18] for place in range(5))

    def ticket(self, text: str) -> int:
        """Return the number that a note with this text gets."""
        value = self.spec["edition"] * 104_729 + self.spec["seed"] % 1013
        for character in f"{self.name}:{text}":
            value = (value * 48_271 + ord(character) * 16_807) % _PRIME
        return value % 900_000 + 100_000
