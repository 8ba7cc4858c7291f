"""What a site holds: the same in every process, and free of any quirk."""

from __future__ import annotations

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
_HIDDEN_VALUE = 2


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
        self._fixed = Draw(spec["seed"], name)
        self._varied = Draw(spec["seed"], name, spec["edition"] * 7919)
        self.writes: dict[str, int] = {}
        self.summaries: dict[str, Summary] = {}
        self.grades: dict[str, str] = {}
        self.zones: dict[str, str] = {}
        self.amounts: dict[str, int] = {}
        self.vessels: dict[str, int] = {}
        self.flagged: dict[str, bool] = {}
        self.readings: dict[str, list[int | None]] = {}
        self.movements: list[Movement] = []
        self._write_items()
        self._write_movements()

    def _write_items(self) -> None:
        numbers = sorted(self._fixed.some(range(110, 990), ITEMS), key=lambda number: number * 37 % 997)
        slots = self._fixed.some(range(1, ITEMS + 9), ITEMS)
        for index, number in enumerate(numbers):
            code, kinds = f"{self.name[0]}{number}", self.spec["kinds"]
            kind = kinds[(index * 3 + index // len(kinds)) % len(kinds)]
            self.summaries[code] = Summary(code, kind, slots[index])
            self._write_item(code)

    def _write_item(self, code: str) -> None:
        draw = self._varied
        self.grades[code] = draw.pick(self.spec["grades"])
        self.zones[code] = draw.pick(self.spec["zones"])
        self.amounts[code] = draw.between(1201, 7200)
        self.vessels[code] = draw.between(2, 9)
        self.flagged[code] = draw.below(5) < _HIDDEN_VALUE
        count = draw.between(6, 9)
        self.readings[code] = [draw.between(105, 890) for _ in range(count)]
        if self.spec["missing"]:
            for place in draw.some(range(1, count - 1), draw.between(1, 2)):
                self.readings[code][place] = None

    def _write_movements(self) -> None:
        draw, codes, used = self._varied, list(self.summaries), set[int]()
        number, day = self._fixed.between(1001, 4000), FIRST_DAY
        for _ in range(DAYS):
            for _ in range(self._fixed.between(2, 3) if day.weekday() != 6 else 0):  # noqa: PLR2004  # Sunday
                amount = draw.between(60, 4000)
                while amount in used:
                    amount = draw.between(60, 4000)
                used.add(amount)
                movement = Movement(
                    number, draw.pick(codes), day, draw.pick(WAYS), amount, self._void(number)
                )
                self.movements.append(movement)
                number += 1
            day += timedelta(days=1)

    def _void(self, number: int) -> bool:
        chosen = self.spec["corrected"]
        return bool(chosen) and number % chosen[0] == chosen[1]

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
