"""Some movements were put right later, and their own amount is void."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..library.values import Event, Value
from ..words import Words
from .family import Family, Method, Quirk


class Corrections(Rule):
    """Which ones is written in the books."""

    def enter(self, call: Call) -> None:
        """Refuse void amounts."""
        if call.operation == "amount" and self._event(call.whole("number")):
            raise self.refuse("void", "void", number=call.whole("number"))

    def perform(self, call: Call) -> tuple[Value] | None:
        """Return what replaces a void movement."""
        if call.operation != "correction":
            return None
        event = self._event(call.whole("number"))
        if event is None:
            raise self.refuse("other", "not void", number=call.whole("number"))
        return (event,)

    def _event(self, number: int) -> Event | None:
        for one in self.books.movements:
            if one.number == number and one.void:
                return Event(one.number, one.item, one.day.isoformat(), one.way, one.amount)
        return None


def _make(draw: Draw, words: Words) -> Quirk:
    modulus = draw.between(7, 9)
    fill = words.fill
    return Quirk(
        family="corrected",
        parameters={"chosen": [modulus, draw.below(modulus)]},
        messages={
            "void": fill(
                "$event {number} was put right afterwards, so its own $amount is void; the valid one is "
                "session.$correction({number}).$amount"
            ),
            "not void": fill("$event {number} was never put right"),
        },
        handling={
            "moved": fill(
                """\
def moved(session, event, inner=moved):
    try:
        return inner(session, event)
    except $library.${Correction}Error:
        return inner(session, session.$correction(event.number))
"""
            )
        },
        gold=fill(
            "$library: reading .$amount of a $Event may raise $library.${Correction}Error; then the valid "
            "one is session.$correction(event.number).$amount; never skip such $events."
        ),
        told=("put right", "is void"),
        errors={"void": fill("${Correction}Error")},
        methods=(
            Method(
                role="correction",
                arguments={"number": "int"},
                doc=fill("Return the $correction of a number."),
            ),
        ),
    )


CORRECTED: Final = Family(name="corrected", rule=Corrections, make=_make)
