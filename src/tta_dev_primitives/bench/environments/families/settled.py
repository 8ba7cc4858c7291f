"""A withdrawal is only staged until it is settled with a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..library.values import Receipt, Value
from ..words import Words
from .family import Family, Method, Quirk

_SEALS: Final = {
    "{number}/{mark}": ("the receipt's number, a slash, the $mark", 'f"{receipt.number}/{mark}"'),
    "{kram}-{number}": (
        "the $mark spelt backwards, a hyphen, the receipt's number",
        'f"{mark[::-1]}-{receipt.number}"',
    ),
    "{mark}:{twice}": ("the $mark, a colon, twice the receipt's number", 'f"{mark}:{receipt.number * 2}"'),
    "{number}{MARK}": (
        "the receipt's number and the $mark in capitals, nothing between",
        'f"{receipt.number}{mark.upper()}"',
    ),
}
"""Form -> in words, and as an expression."""


class StagedWithdrawals(Rule):
    """Puts a withdrawal back into the books until it is settled."""

    allowed = ("settle", "amount", "correction", "release", "finish", "give_back")

    def start(self) -> None:
        """Nothing is staged yet."""
        self.staged: dict[int, tuple[str, int]] = {}

    def enter(self, call: Call) -> None:
        """Refuse what comes before the staged withdrawal is settled."""
        if call.operation not in self.allowed:
            for number, (code, _) in self.staged.items():
                raise self.refuse("staged", "staged", code=code, number=number)

    def perform(self, call: Call) -> tuple[Value] | None:
        """Settle a withdrawal."""
        if call.operation != "settle":
            return None
        number, seal = call.whole("number"), call.text("seal")
        if number not in self.staged:
            raise self.refuse("other", "not staged", number=number)
        code, amount = self.staged[number]
        if seal != self._seal(number, self.books.mark(code)):
            raise self.refuse("seal", "wrong seal", seal=seal, number=number, code=code)
        del self.staged[number]
        self.books.withdraw(code, amount)
        return (None,)

    def give(self, call: Call, value: Value) -> Value:
        """Stage a withdrawal."""
        if call.operation == "withdraw" and isinstance(value, Receipt):
            code, amount = call.text("code"), call.whole("amount")
            self.books.put_back(code, amount)
            self.staged[value.number] = (code, amount)
        return value

    def _seal(self, number: int, mark: str) -> str:
        return self.text("form").format(
            number=number, mark=mark, kram=mark[::-1], twice=number * 2, MARK=mark.upper()
        )


def _make(draw: Draw, words: Words) -> Quirk:
    form = draw.pick(tuple(_SEALS))
    meaning, expression = _SEALS[form]
    fill = words.fill
    known = {"meaning": fill(meaning), "expression": expression}
    return Quirk(
        family="settled",
        parameters={"form": form},
        messages=_messages(words, known),
        handling={
            "withdraw": fill(
                """\
def withdraw(session, code, quantity, inner=withdraw):
    mark = look(session, code).$mark
    receipt = inner(session, code, quantity)
    session.$settle(receipt.number, $expression)
    return receipt
""",
                **known,
            )
        },
        gold=fill(
            "$library: session.$withdraw() only stages; read mark = session.$look(code).$mark before it, "
            "then call session.$settle(receipt.number, $expression) before anything else.",
            **known,
        ),
        told=("only staged", known["meaning"]),
        errors={"staged": fill("${Withdraw}Error"), "seal": fill("${Seal}Error")},
        methods=(
            Method(
                role="settle",
                arguments={"number": "int", "seal": "str"},
                doc=fill("$settle_ a withdrawal.", settle_="Settle"),
            ),
        ),
    )


def _messages(words: Words, known: Mapping[str, str]) -> Mapping[str, str]:
    fill = words.fill
    return {
        "staged": fill(
            "the withdrawal from $item {code}, receipt {number}, is only staged; before anything else "
            "make it final with session.$settle({number}, $seal), the $seal being $meaning, as the "
            "$item showed it before the withdrawal",
            **known,
        ),
        "wrong seal": fill(
            "$seal '{seal}' does not settle withdrawal {number}: it is $meaning that $item {code} "
            "showed before the withdrawal",
            **known,
        ),
        "not staged": "there is no staged withdrawal {number}",
    }


SETTLED: Final = Family(name="settled", rule=StagedWithdrawals, make=_make)
