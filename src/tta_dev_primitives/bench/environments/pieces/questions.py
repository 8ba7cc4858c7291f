"""What a task asks about its items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from ..library.books import Books
from .setting import Question, QuestionMaker, Setting

_COUNTED: Final = "lines = [f'{key} {counts[key]}' for key in sorted(counts)]\n"


def _counted(counts: Mapping[str, int]) -> list[str]:
    return [f"{key} {counts[key]}" for key in sorted(counts)]


def _items(*, batch: bool) -> tuple[str, str]:
    """Return the expression for all items in question, and its helper."""
    return (
        ("several(session, codes)", "several")
        if batch
        else ("[look(session, code) for code in codes]", "look")
    )


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


def grades(*, batch: bool) -> QuestionMaker:
    """How many of each grade."""

    def make(setting: Setting) -> Question:
        items, helper = _items(batch=batch)
        return Question(
            sentence=setting.words.fill(
                "Count them by $grade. Print one line per $grade that occurs, in alphabetical order: the "
                "$grade, a space, the number of $items."
            ),
            body=setting.words.fill(f"counts = Counter(item.$grade for item in {items})\n") + _COUNTED,
            helpers=(helper,),
            answer=lambda books, codes: _counted(Counter(books.grades[code] for code in codes)),
        )

    return make


def grade_of_each(*, batch: bool) -> QuestionMaker:
    """The grade of each."""

    def make(setting: Setting) -> Question:
        items, helper = _items(batch=batch)
        return Question(
            sentence=setting.words.fill(
                "Print one line per $item, sorted by code: the code, a space, its $grade."
            ),
            body=setting.words.fill(f"lines = [f'{{item.code}} {{item.$grade}}' for item in {items}]\n"),
            helpers=(helper,),
            answer=lambda books, codes: [f"{code} {books.grades[code]}" for code in codes],
        )

    return make


def flags(*, batch: bool) -> QuestionMaker:
    """Which ones are flagged."""

    def make(setting: Setting) -> Question:
        items, helper = _items(batch=batch)

        def answer(books: Books, codes: Sequence[str]) -> list[str]:
            return [",".join(code for code in codes if books.flagged[code]) or "none"]

        return Question(
            sentence=setting.words.fill(
                "Print the codes of those that are $flag on one line, in alphabetical order, separated by "
                "commas without spaces, or `none`."
            ),
            body=f"lines = [','.join(item.code for item in {items} if flagged(item)) or 'none']\n",
            helpers=(helper, "flagged"),
            answer=answer,
        )

    return make


def contents(*, batch: bool) -> QuestionMaker:
    """How much they hold together."""

    def make(setting: Setting) -> Question:
        items, helper = _items(batch=batch)
        net = ", without the $vessels" if setting.net else ""

        def answer(books: Books, codes: Sequence[str]) -> list[str]:
            return [f"{sum(books.amounts[code] for code in codes) / setting.scale:.3f}"]

        return Question(
            sentence=setting.words.fill(
                f"Add up what they hold{net}. Print the total in $unit with three decimals, and nothing else."
            ),
            body=f"lines = [f'{{sum(contents(item) for item in {items}):.3f}}']\n",
            helpers=(helper, "contents"),
            answer=answer,
        )

    return make


def fullest(*, batch: bool) -> QuestionMaker:
    """Which ones hold the most."""

    def make(setting: Setting) -> Question:
        items, helper = _items(batch=batch)
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
            body=(
                f"rows = sorted((-contents(item), item.code) for item in {items})[:3]\n"
                "lines = [f'{code} {-amount:.3f}' for amount, code in rows]\n"
            ),
            helpers=(helper, "contents"),
            answer=answer,
        )

    return make


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


def withdrawal(setting: Setting) -> Question:
    """The marks after a withdrawal."""
    fine = setting.draw.between(61, 990)
    if setting.scale > 1 and fine % setting.scale == 0:
        fine += 1
    quantity = fine / setting.scale if setting.scale > 1 else fine

    def answer(books: Books, codes: Sequence[str]) -> list[str]:
        for code in codes:
            books.withdraw(code, fine)
        return [f"{code} {books.mark(code)}" for code in codes]

    return Question(
        sentence=setting.words.fill(
            f"Withdraw {quantity:g} $unit from each, in alphabetical order of the codes. Then print one "
            "line per $item, in this order: the code, a space, its new $mark."
        ),
        body=setting.words.fill(
            f"for code in codes:\n    withdraw(session, code, {quantity:g})\n"
            "lines = [f'{code} {look(session, code).$mark}' for code in codes]\n"
        ),
        helpers=("withdraw", "look"),
        answer=answer,
    )


def emptied(setting: Setting) -> Question:
    """The marks after everything was withdrawn."""

    def answer(books: Books, codes: Sequence[str]) -> list[str]:
        for code in codes:
            books.withdraw(code, books.amounts[code])
        return [f"{code} {books.mark(code)}" for code in codes]

    net = " (all but the $vessels)" if setting.net else ""
    return Question(
        sentence=setting.words.fill(
            f"Withdraw from each all that it holds{net}, in alphabetical order of the codes. Then print one "
            "line per $item, in this order: the code, a space, its new $mark."
        ),
        body=setting.words.fill(
            "for code in codes:\n    withdraw(session, code, contents(look(session, code)))\n"
            "lines = [f'{code} {look(session, code).$mark}' for code in codes]\n"
        ),
        helpers=("withdraw", "look", "contents"),
        answer=answer,
    )


QUESTIONS: Final[dict[str, QuestionMaker]] = {
    "kinds": kinds,
    "grades": grades(batch=False),
    "grades at once": grades(batch=True),
    "grade of each": grade_of_each(batch=False),
    "grade of each at once": grade_of_each(batch=True),
    "flags": flags(batch=False),
    "flags at once": flags(batch=True),
    "contents": contents(batch=False),
    "contents at once": contents(batch=True),
    "fullest": fullest(batch=False),
    "fullest at once": fullest(batch=True),
    "sum": readings_sum,
    "extremes": readings_lowest,
    "change": readings_change,
    "withdrawal": withdrawal,
    "emptied": emptied,
}
