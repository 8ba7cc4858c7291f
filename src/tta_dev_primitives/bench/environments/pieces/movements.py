"""Questions about movements themselves, which need no item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final, TypeAlias

from ..library.books import DAYS, FIRST_DAY, Movement
from .setting import Question, QuestionMaker, Setting

_Lines: TypeAlias = Callable[[Sequence[Movement], Setting], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """`days`: the least and the most days of the period. `body` sets `lines` from `rows`."""

    days: tuple[int, int]
    sentence: str
    body: str
    helpers: tuple[str, ...]
    lines: _Lines


def _question(asked: _Asked, setting: Setting) -> Question:
    low, high = asked.days
    first = FIRST_DAY + timedelta(days=setting.draw.between(3, DAYS - high - 6))
    last = first + timedelta(days=setting.draw.between(low, high))
    opening = (
        f"Take the $events of the $site {setting.books.name} from {first} to {last}, both days included."
    )
    return Question(
        sentence=setting.words.fill(f"{opening} {asked.sentence}"),
        body=f'rows = events(session, "{first}", "{last}")\n' + setting.words.fill(asked.body),
        helpers=("events", *asked.helpers),
        answer=lambda books, _: asked.lines(books.period(first, last), setting),
    )


def _ways(movements: Sequence[Movement], setting: Setting) -> list[str]:
    del setting
    counts = Counter(movement.way for movement in movements)
    return [f"in={counts['in']} out={counts['out']}"]


def _busiest(movements: Sequence[Movement], setting: Setting) -> list[str]:
    del setting
    counts = Counter(one.item for one in movements)
    return [f"{code} {counts[code]}" for code in sorted(counts) if counts[code] > 1]


def _balance(movements: Sequence[Movement], setting: Setting) -> list[str]:
    total = sum(one.amount if one.way == "in" else -one.amount for one in movements)
    return [f"{total / setting.scale:.3f}"]


def _total(movements: Sequence[Movement], setting: Setting) -> list[str]:
    return [f"{sum(one.amount for one in movements if one.way == 'out') / setting.scale:.3f}"]


def _largest(movements: Sequence[Movement], setting: Setting) -> list[str]:
    del setting
    best = sorted(movements, key=lambda one: (-one.amount, one.number))[:5]
    return [",".join(str(one.number) for one in best)]


MOVEMENTS: Final[Mapping[str, QuestionMaker]] = {
    "ways": partial(
        _question,
        _Asked(
            days=(8, 12),
            sentence="Count them by way. Print one line of the form `in=4 out=7`.",
            body=(
                "counts = Counter(event.way for event in rows)\n"
                "lines = [f\"in={counts['in']} out={counts['out']}\"]\n"
            ),
            helpers=(),
            lines=_ways,
        ),
    ),
    "busiest": partial(
        _question,
        _Asked(
            days=(6, 9),
            sentence=(
                "Print one line per $item that had two $events or more, sorted by code: the code, a space, "
                "the number of its $events."
            ),
            body=(
                "counts = Counter(event.$item for event in rows)\n"
                "lines = [f'{code} {counts[code]}' for code in sorted(counts) if counts[code] > 1]\n"
            ),
            helpers=(),
            lines=_busiest,
        ),
    ),
    "balance": partial(
        _question,
        _Asked(
            days=(7, 11),
            sentence=(
                "Subtract the $amounts of those that went `out` from the $amounts of those that went `in`. "
                "Print the result in $unit with three decimals, and nothing else."
            ),
            body=(
                "total = sum(moved(session, event) * {'in': 1, 'out': -1}[event.way] for event in rows)\n"
                "lines = [f'{total:.3f}']\n"
            ),
            helpers=("moved",),
            lines=_balance,
        ),
    ),
    "total": partial(
        _question,
        _Asked(
            days=(7, 11),
            sentence=(
                "Add up the $amounts of those that went `out`. Print the total in $unit with three "
                "decimals, and nothing else."
            ),
            body=(
                "total = sum(moved(session, event) for event in rows if event.way == 'out')\n"
                "lines = [f'{total:.3f}']\n"
            ),
            helpers=("moved",),
            lines=_total,
        ),
    ),
    "largest": partial(
        _question,
        _Asked(
            days=(9, 13),
            sentence=(
                "Find the five with the largest $amounts. Print their numbers on one line, largest $amount "
                "first (of equal ones the lower number first), separated by commas without spaces."
            ),
            body=(
                "best = sorted((-moved(session, event), event.number) for event in rows)[:5]\n"
                "lines = [','.join(str(number) for _, number in best)]\n"
            ),
            helpers=("moved",),
            lines=_largest,
        ),
    ),
}
"""Questions by their names. A program has the movements in `rows`."""
