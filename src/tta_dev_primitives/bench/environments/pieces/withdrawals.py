"""Withdrawals, and what they leave."""

from __future__ import annotations

from collections.abc import Sequence

from ..library.books import Books
from .setting import Question, Setting


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
