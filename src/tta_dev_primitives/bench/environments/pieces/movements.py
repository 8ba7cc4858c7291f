"""Questions about movements themselves: a source whose question needs no item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from ..library.books import DAYS, FIRST_DAY, Movement
from .setting import Question, Setting


def _period(setting: Setting, low: int, high: int) -> tuple[date, date]:
    first = FIRST_DAY + timedelta(days=setting.draw.between(3, DAYS - high - 6))
    return first, first + timedelta(days=setting.draw.between(low, high))


def _question(
    setting: Setting,
    *,
    days: tuple[int, int],
    sentence: str,
    body: str,
    helpers: tuple[str, ...],
    lines: Callable[[list[Movement]], list[str]],
) -> Question:
    first, last = _period(setting, *days)
    opening = (
        f"Take the $events of the $site {setting.books.name} from {first} to {last}, both days included. "
    )
    return Question(
        sentence=setting.words.fill(opening + sentence),
        body=f'rows = events(session, "{first}", "{last}")\n' + setting.words.fill(body),
        helpers=("events", *helpers),
        answer=lambda books, _: lines(books.period(first, last)),
    )


def ways(setting: Setting) -> Question:
    """How many went in and out."""

    def lines(movements: list[Movement]) -> list[str]:
        counts = Counter(movement.way for movement in movements)
        return [f"in={counts['in']} out={counts['out']}"]

    return _question(
        setting,
        days=(8, 12),
        sentence="Count them by way. Print one line of the form `in=4 out=7`.",
        body="counts = Counter(event.way for event in rows)\nlines = [f\"in={counts['in']} out={counts['out']}\"]\n",
        helpers=(),
        lines=lines,
    )


def balance(setting: Setting) -> Question:
    """What went in less what went out."""

    def lines(movements: list[Movement]) -> list[str]:
        total = sum(one.amount if one.way == "in" else -one.amount for one in movements)
        return [f"{total / setting.scale:.3f}"]

    return _question(
        setting,
        days=(7, 11),
        sentence=(
            "Subtract the $amounts of those that went `out` from the $amounts of those that went `in`. "
            "Print the "
            "result in $unit with three decimals, and nothing else."
        ),
        body=(
            "total = sum(moved(session, event) * {'in': 1, 'out': -1}[event.way] for event in rows)\n"
            "lines = [f'{total:.3f}']\n"
        ),
        helpers=("moved",),
        lines=lines,
    )


def largest(setting: Setting) -> Question:
    """The numbers of the largest ones."""

    def lines(movements: list[Movement]) -> list[str]:
        best = sorted(movements, key=lambda one: (-one.amount, one.number))[:5]
        return [",".join(str(one.number) for one in best)]

    return _question(
        setting,
        days=(9, 13),
        sentence=(
            "Find the five with the largest $amounts. Print their numbers on one line, largest $amount "
            "first (of equal "
            "ones the lower number first), separated by commas without spaces."
        ),
        body=(
            "best = sorted((-moved(session, event), event.number) for event in rows)[:5]\n"
            "lines = [','.join(str(number) for _, number in best)]\n"
        ),
        helpers=("moved",),
        lines=lines,
    )


def busiest(setting: Setting) -> Question:
    """The items that moved most often."""

    def lines(movements: list[Movement]) -> list[str]:
        counts = Counter(one.item for one in movements)
        return [f"{code} {counts[code]}" for code in sorted(counts) if counts[code] > 1]

    return _question(
        setting,
        days=(6, 9),
        sentence=(
            "Print one line per $item that had two $events or more, sorted by code: the code, a space, the "
            "number of its "
            "$events."
        ),
        body=(
            "counts = Counter(event.$item for event in rows)\n"
            "lines = [f'{code} {counts[code]}' for code in sorted(counts) if counts[code] > 1]\n"
        ),
        helpers=(),
        lines=lines,
    )


def total(setting: Setting) -> Question:
    """All that moved one way."""
    way = setting.draw.pick(("in", "out"))

    def lines(movements: list[Movement]) -> list[str]:
        return [f"{sum(one.amount for one in movements if one.way == way) / setting.scale:.3f}"]

    return _question(
        setting,
        days=(7, 11),
        sentence=(
            f"Add up the $amounts of those that went `{way}`. Print the total in $unit with three "
            "decimals, and "
            "nothing else."
        ),
        body=(
            f"total = sum(moved(session, event) for event in rows if event.way == '{way}')\n"
            "lines = [f'{total:.3f}']\n"
        ),
        helpers=("moved",),
        lines=lines,
    )


MOVEMENTS: Final = {"ways": ways, "busiest": busiest, "balance": balance, "total": total, "largest": largest}
