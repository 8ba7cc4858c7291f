"""Client of the Garnhythe grain depots."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Final, Self

__all__ = [
    "GarnhytheError",
    "Lot",
    "LotSummary",
    "Move",
    "Page",
    "Receipt",
    "Session",
    "connect",
]

EDITION: Final = 1
PRODUCTS: Final = ("barley", "hops", "linseed", "oats", "rye")
DEPOTS: Final = ("Aldermoor", "Brackwater", "Corrieburn", "Dunmallet")
PAGE_LOTS: Final = 6
FIRST_PAGE: Final = 700
PAGE_STEP: Final = 35
DAY_FORM: Final = "%Y.%j"


class GarnhytheError(Exception):
    """Base of all errors of this library."""


class DepotError(GarnhytheError):
    """There is no such depot or lot."""


class PageError(GarnhytheError):
    """There is no such page."""


class DayError(GarnhytheError):
    """A day cannot be read."""


class AmountError(GarnhytheError):
    """An amount is not possible."""


class HeldError(GarnhytheError):
    """The depot holds the session back."""

    def __init__(self, gate: int) -> None:
        """Remember the gate."""
        super().__init__(
            f"lookup held at gate {gate}: the depot holds every third lot lookup, and repeating it or "
            f"connecting again does not free it; call session.release({gate}) (the number is in this error's "
            ".gate), then look the lot up again"
        )
        self.gate = gate


class CorrectedError(GarnhytheError):
    """The amount of a movement was corrected later."""


class StagedError(GarnhytheError):
    """A withdrawal is not final."""


class SealError(GarnhytheError):
    """A settlement carries the wrong seal."""


@dataclass(frozen=True)
class LotSummary:
    """One line of the list of lots."""

    code: str
    product: str
    bay: int


@dataclass(frozen=True)
class Lot:
    """One lot as it is now."""

    code: str
    product: str
    bay: int
    grade: str
    amount: int
    mark: str


@dataclass(frozen=True)
class Page:
    """One page of the list of lots."""

    lots: tuple[LotSummary, ...]
    last: bool


@dataclass(frozen=True)
class Receipt:
    """What a withdrawal returns."""

    number: int
    code: str


class Move:
    """One movement of goods into or out of a lot."""

    def __init__(self, number: int, lot: str, day: str, kind: str, amount: int | None) -> None:
        """Take the fields over; no amount means that it was corrected."""
        self.number = number
        self.lot = lot
        self.day = day
        self.kind = kind
        self._amount = amount

    @property
    def amount(self) -> int:
        """How much was moved."""
        if self._amount is None:
            raise CorrectedError(
                f"movement {self.number} was corrected afterwards, so its own amount is void; "
                f"the valid one is session.correction({self.number}).amount"
            )
        return self._amount

    def __repr__(self) -> str:
        return f"Move(number={self.number}, lot={self.lot!r}, day={self.day!r}, kind={self.kind!r})"


class Depot:
    """The depot's side: its books, the same in every process."""

    def __init__(self, name: str) -> None:
        """Write the books of the depot `name`."""
        self._state = sum(map(ord, name)) * 7919 + EDITION * 104_729
        self.lookups = 0
        self.held: int | None = None
        self.staged: dict[int, tuple[str, int]] = {}
        self.receipts = count(31 + len(name))
        self.writes: dict[str, int] = {}
        self.lots: dict[str, LotSummary] = {}
        self.grades: dict[str, str] = {}
        self.amounts: dict[str, int] = {}
        self.moves: list[Move] = []
        self.corrections: dict[int, Move] = {}
        self._write_lots(name[0])
        self._write_moves()

    def _draw(self, bound: int) -> int:
        self._state = (self._state * 1_103_515_245 + 12_345) % (1 << 31)
        return (self._state >> 8) % bound

    def _write_lots(self, initial: str) -> None:
        for index in range(28):
            code = f"{initial}{(index * 37) % 89 + 110}"
            self.lots[code] = LotSummary(code, PRODUCTS[(index * 3 + index // 7) % 5], index * 7 % 29 + 1)
            self.grades[code] = "ABC"[self._draw(3)]
            self.amounts[code] = 401 + self._draw(2600)

    def _write_moves(self) -> None:
        codes = list(self.lots)
        day, number = date(2031, 1, 2), 1001
        while day < date(2031, 7, 1):
            for _ in range(2 + day.toordinal() % 3 if day.weekday() != 6 else 0):  # noqa: PLR2004 - Sunday
                self._write_move(number, codes[self._draw(28)], f"{day:{DAY_FORM}}")
                number += 1
            day += timedelta(days=1)

    def _write_move(self, number: int, code: str, day: str) -> None:
        kind = "in" if self._draw(2) else "out"
        amount = 9 + self._draw(390)
        corrected = number % 17 == 4  # noqa: PLR2004
        if corrected:
            self.corrections[number] = Move(number, code, day, kind, amount + 400)
        self.moves.append(Move(number, code, day, kind, None if corrected else amount))

    def mark(self, code: str) -> str:
        """The mark of a lot: it changes with its amount and with every settled withdrawal."""
        value = sum(map(ord, code)) * 131 + EDITION * 7919
        for part in (self.amounts[code], self.writes.get(code, 0), int(code[1:])):
            value = (value * 48_271 + part * 16_807) % 2_147_483_647
        return "".join("bcdfghjkmnpqrtvwxz"[value // 18**place % 18] for place in range(5))


_DEPOTS: dict[str, Depot] = {}


def connect(depot: str) -> Session:
    """Open a session with a depot."""
    if depot not in DEPOTS:
        raise DepotError(f"no depot {depot!r}; there are {', '.join(DEPOTS)}")
    if depot not in _DEPOTS:
        _DEPOTS[depot] = Depot(depot)
    return Session(_DEPOTS[depot])


class Session:
    """A session with one depot."""

    def __init__(self, depot: Depot) -> None:
        """Start with the depot's books."""
        self._depot = depot

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None:
            self.close()

    def close(self) -> None:
        """End the session."""
        self._refuse_staged()

    def lots(self, page: int) -> Page:
        """One page of the list of lots."""
        lots = list(self._depot.lots.values())
        final = FIRST_PAGE + (len(lots) - 1) // PAGE_LOTS * PAGE_STEP
        if page not in range(FIRST_PAGE, final + 1, PAGE_STEP):
            raise PageError(
                f"no page {page!r}: pages are numbered {FIRST_PAGE}, {FIRST_PAGE + PAGE_STEP}, "
                f"{FIRST_PAGE + 2 * PAGE_STEP} and so on in steps of {PAGE_STEP}, here up to {final}"
            )
        start = (page - FIRST_PAGE) // PAGE_STEP * PAGE_LOTS
        return Page(tuple(lots[start : start + PAGE_LOTS]), last=page == final)

    def lot(self, code: str) -> Lot:
        """One lot as it is now."""
        depot, summary = self._depot, self._summary(code)
        self._refuse_staged()
        if depot.held is None:
            depot.lookups += 1
            if depot.lookups % 3 == 0:
                depot.held = depot.lookups * 5 % 23 + 2
        if depot.held is not None:
            raise HeldError(depot.held)
        return Lot(
            code, summary.product, summary.bay, depot.grades[code], depot.amounts[code], depot.mark(code)
        )

    def release(self, gate: int) -> None:
        """Free the gate that holds this session."""
        if self._depot.held != gate:
            raise GarnhytheError(f"this session is not held at gate {gate!r}")
        self._depot.held = None

    def moves(self, since: str, until: str) -> list[Move]:
        """The movements of a period, oldest first."""
        first, last = _read_day(since), _read_day(until)
        found = [move for move in self._depot.moves if first < _read_day(move.day) <= last]
        sys.stderr.write(
            f"garnhythe: {len(found)} movements later than {since} (that day itself is left out), "
            f"up to and including {until}\n"
        )
        return found

    def correction(self, number: int) -> Move:
        """The movement that replaces a corrected one."""
        if number not in self._depot.corrections:
            raise GarnhytheError(f"movement {number!r} was not corrected")
        return self._depot.corrections[number]

    def withdraw(self, code: str, amount: float) -> Receipt:
        """Withdraw an amount from a lot."""
        self._summary(code)
        self._refuse_staged()
        if amount != int(amount):
            raise AmountError(f"{amount!r} is not whole: amounts count eighths of a kilogram (1 kg is 8)")
        held = self._depot.amounts[code]
        if not 0 < amount <= held:
            raise AmountError(
                f"cannot withdraw {amount!r} from {code}: it holds {held} eighths of a kilogram"
            )
        receipt = Receipt(next(self._depot.receipts), code)
        self._depot.staged[receipt.number] = (code, int(amount))
        return receipt

    def settle(self, number: int, seal: str) -> None:
        """Make a staged withdrawal final."""
        if number not in self._depot.staged:
            raise GarnhytheError(f"there is no staged withdrawal {number!r}")
        code, amount = self._depot.staged[number]
        if seal != f"{number}/{self._depot.mark(code)}":
            raise SealError(
                f"seal {seal!r} does not settle withdrawal {number}: the seal is the receipt's number, a "
                f"slash and the mark that session.lot({code!r}) showed before the withdrawal, "
                f"like '{number}/xxxxx'"
            )
        del self._depot.staged[number]
        self._depot.amounts[code] -= amount
        self._depot.writes[code] = self._depot.writes.get(code, 0) + 1

    def _summary(self, code: str) -> LotSummary:
        if code not in self._depot.lots:
            raise DepotError(f"no lot {code!r} in this depot")
        return self._depot.lots[code]

    def _refuse_staged(self) -> None:
        for number, (code, _) in self._depot.staged.items():
            raise StagedError(
                f"the withdrawal from lot {code}, receipt {number}, is only staged; before any other lookup "
                f"make it final with session.settle({number}, seal), where seal is '<receipt number>/<mark "
                "of the lot as read before the withdrawal>'"
            )


def _read_day(day: str) -> date:
    try:
        read = datetime.strptime(day, DAY_FORM)  # noqa: DTZ007
    except (TypeError, ValueError):
        read = None
    if read is None or f"{read:{DAY_FORM}}" != day:
        raise DayError(f"{day!r} does not match YYYY.DDD (year, full stop, day of the year in three digits)")
    return read.date()
