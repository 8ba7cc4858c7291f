"""What a task asks about its items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from ..library.books import Books
from .setting import Question, QuestionMaker, Setting
from .withdrawals import emptied, withdrawal

_ITEMS: Final = "items = [look(session, code) for code in codes]\n"
_COUNTED: Final = "lines = [f'{key} {counts[key]}' for key in sorted(counts)]\n"


def _counted(counts: Mapping[str, int]) -> list[str]:
    return [f"{key} {counts[key]}" for key in sorted(counts)]


def kinds(setting: Setting) -> Question:
    """How many of each kind, which the lines of a list show."""
    return Question(
        sentence=setting.words.fill(
            "Count them by $kind. Print one line per $kind that occurs, in alphabetical order: the $kind, a "
            "space, the number of $items."
        ),
        body=setting.words.fill("counts = Counter(entry.$kind for entry in chosen)\n") + _COUNTED,
        helpers=(),
        answer=lambda books, codes: _counted(Counter(books.summaries[code].kind for code in codes)),
    )


def grades(setting: Setting) -> Question:
    """How many of each grade."""
    return Question(
        sentence=setting.words.fill(
            "Count them by $grade. Print one line per $grade that occurs, in alphabetical order: the "
            "$grade, a space, the number of $items."
        ),
        body=_ITEMS + setting.words.fill("counts = Counter(item.$grade for item in items)\n") + _COUNTED,
        helpers=("look",),
        answer=lambda books, codes: _counted(Counter(books.grades[code] for code in codes)),
    )


def grade_of_each(setting: Setting) -> Question:
    """The grade of each."""
    return Question(
        sentence=setting.words.fill(
            "Print one line per $item, sorted by code: the code, a space, its $grade."
        ),
        body=_ITEMS + setting.words.fill("lines = [f'{item.code} {item.$grade}' for item in items]\n"),
        helpers=("look",),
        answer=lambda books, codes: [f"{code} {books.grades[code]}" for code in codes],
    )


def flags(setting: Setting) -> Question:
    """Which ones are flagged."""

    def answer(books: Books, codes: Sequence[str]) -> list[str]:
        return [",".join(code for code in codes if books.flagged[code]) or "none"]

    return Question(
        sentence=setting.words.fill(
            "Print the codes of those that are $flag on one line, in alphabetical order, separated by "
            "commas without spaces, or `none`."
        ),
        body=_ITEMS + "lines = [','.join(item.code for item in items if flagged(item)) or 'none']\n",
        helpers=("look", "flagged"),
        answer=answer,
    )


def contents(setting: Setting) -> Question:
    """How much they hold together."""
    net = ", without the $vessels" if setting.net else ""

    def answer(books: Books, codes: Sequence[str]) -> list[str]:
        return [f"{sum(books.amounts[code] for code in codes) / setting.scale:.3f}"]

    return Question(
        sentence=setting.words.fill(
            f"Add up what they hold{net}. Print the total in $unit with three decimals, and nothing else."
        ),
        body=_ITEMS + "lines = [f'{sum(contents(item) for item in items):.3f}']\n",
        helpers=("look", "contents"),
        answer=answer,
    )


def fullest(setting: Setting) -> Question:
    """Which ones hold the most."""
    net = ", without its $vessels," if setting.net else ""

    def answer(books: Books, codes: Sequence[str]) -> list[str]:
        best = sorted(codes, key=lambda code: (-books.amounts[code], code))[:3]
        return [f"{code} {books.amounts[code] / setting.scale:.3f}" for code in best]

    return Question(
        sentence=setting.words.fill(
            "Find the three that hold the most (all, if there are fewer; of equal ones the first code "
            "comes first). Print one line per $item, the fullest first: its code, a space, what it "
            f"holds{net} in $unit with three decimals."
        ),
        body=_ITEMS
        + (
            "rows = sorted((-contents(item), item.code) for item in items)[:3]\n"
            "lines = [f'{code} {-amount:.3f}' for amount, code in rows]\n"
        ),
        helpers=("look", "contents"),
        answer=answer,
    )


def readings_sum(setting: Setting) -> Question:
    """The sum of all readings that were taken."""

    def answer(books: Books, codes: Sequence[str]) -> list[str]:
        return [
            f"{code} {sum(value for value in books.readings[code] if value is not None)}" for code in codes
        ]

    return Question(
        sentence=setting.words.fill(
            "Add up the $reading readings of each, leaving out any that were never taken. Print one line "
            "per $item, sorted by code: the code, a space, the sum."
        ),
        body="lines = [f'{code} {sum(readings(session, code))}' for code in codes]\n",
        helpers=("readings",),
        answer=answer,
    )


def readings_lowest(setting: Setting) -> Question:
    """The lowest and the highest reading, and how many there are."""

    def answer(books: Books, codes: Sequence[str]) -> list[str]:
        taken = [value for code in codes for value in books.readings[code] if value is not None]
        return [f"{min(taken)} {max(taken)} {len(taken)}"]

    return Question(
        sentence=setting.words.fill(
            "Of all their $reading readings together, leaving out any that were never taken, print on one "
            "line the lowest, the highest and the number of readings, separated by spaces."
        ),
        body=(
            "rows = [value for code in codes for value in readings(session, code)]\n"
            "lines = [f'{min(rows)} {max(rows)} {len(rows)}']\n"
        ),
        helpers=("readings",),
        answer=answer,
    )


def readings_change(setting: Setting) -> Question:
    """How much the latest reading differs from the oldest."""

    def answer(books: Books, codes: Sequence[str]) -> list[str]:
        taken = {code: [value for value in books.readings[code] if value is not None] for code in codes}
        return [f"{code} {rows[-1] - rows[0]}" for code, rows in taken.items()]

    return Question(
        sentence=setting.words.fill(
            "Subtract the oldest $reading reading of each from its latest one. Print one line per $item, "
            "sorted by code: the code, a space, the difference."
        ),
        body=(
            "taken = [(code, readings(session, code)) for code in codes]\n"
            "lines = [f'{code} {rows[-1] - rows[0]}' for code, rows in taken]\n"
        ),
        helpers=("readings",),
        answer=answer,
    )


def rating_of_each(setting: Setting) -> Question:
    """The rating of each."""
    return Question(
        sentence=setting.words.fill(
            "Print one line per $item, sorted by code: the code, a space, its $rating."
        ),
        body="lines = [f'{code} {rating}' for code, rating in zip(codes, ratings(session, codes))]\n",
        helpers=("ratings",),
        answer=lambda books, codes: [f"{code} {books.ratings[code]}" for code in codes],
    )


def ratings_in_all(setting: Setting) -> Question:
    """The sum of the ratings."""
    return Question(
        sentence=setting.words.fill("Print the sum of their $ratings, and nothing else."),
        body="lines = [str(sum(ratings(session, codes)))]\n",
        helpers=("ratings",),
        answer=lambda books, codes: [str(sum(books.ratings[code] for code in codes))],
    )


def best_rated(setting: Setting) -> Question:
    """The highest ratings and whose they are."""

    def answer(books: Books, codes: Sequence[str]) -> list[str]:
        best = sorted(codes, key=lambda code: (-books.ratings[code], code))[:3]
        return [f"{code} {books.ratings[code]}" for code in best]

    return Question(
        sentence=setting.words.fill(
            "Find the three with the highest $ratings (all, if there are fewer; of equal ones the first "
            "code comes first). Print one line per $item, the best first: its code, a space, its $rating."
        ),
        body=(
            "rows = sorted((-rating, code) for code, rating in zip(codes, ratings(session, codes)))[:3]\n"
            "lines = [f'{code} {-rating}' for rating, code in rows]\n"
        ),
        helpers=("ratings",),
        answer=answer,
    )


QUESTIONS: Final[Mapping[str, QuestionMaker]] = {
    "kinds": kinds,
    "grades": grades,
    "grade of each": grade_of_each,
    "flags": flags,
    "contents": contents,
    "fullest": fullest,
    "rating of each": rating_of_each,
    "ratings in all": ratings_in_all,
    "best rated": best_rated,
    "sum": readings_sum,
    "extremes": readings_lowest,
    "change": readings_change,
    "withdrawal": withdrawal,
    "emptied": emptied,
}
"""Questions by their names. A program has the codes of the items in `codes`."""
