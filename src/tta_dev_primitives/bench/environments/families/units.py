"""Amounts count a fraction of the unit."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..words import Words
from .family import Family, Quirk


class Fractions(Rule):
    """The books are kept in fractions; only impossible amounts say so."""

    def take(self, call: Call) -> None:
        """Refuse amounts that are not whole, or too large, with a word on what they count."""
        amount = call.arguments.get("amount")
        if call.operation != "withdraw" or not isinstance(amount, int | float):
            return
        if amount != int(amount):
            raise self.refuse("amount", "fraction", amount=str(amount))
        code = call.text("code")
        held = self.books.amounts.get(code, 0)
        if amount > held:
            raise self.refuse("amount", "more than held", amount=int(amount), code=code, held=held)


def _make(draw: Draw, words: Words) -> Quirk:
    scale = draw.pick((8, 20, 25, 40, 50, 125, 200))
    fill = words.fill
    return Quirk(
        family="units",
        parameters={"scale": scale},
        messages={
            "fraction": fill(
                "{amount} is not whole: amounts count 1/$scale of a $one_unit (1 $one_unit is $scale)",
                scale=scale,
            ),
            "more than held": fill(
                "cannot take {amount} out of {code}: it holds {held}, counted in 1/$scale of a $one_unit",
                scale=scale,
            ),
        },
        handling={
            "contents": f"def contents(item, inner=contents):\n    return inner(item) / {scale}\n",
            "moved": f"def moved(session, event, inner=moved):\n    return inner(session, event) / {scale}\n",
            "given": f"def given(quantity, inner=given):\n    return round(inner(quantity) * {scale})\n",
        },
        gold=fill(
            "$library: every $amount, returned or passed in, counts 1/$scale of a $one_unit: divide by "
            "$scale for $unit, multiply $unit by $scale (a whole number) before passing them in.",
            scale=scale,
        ),
        told=(f"1/{scale} of", "not whole"),
        errors={"amount": "AmountError"},
    )


UNITS: Final = Family(name="units", rule=Fractions, make=_make, silent=True)
