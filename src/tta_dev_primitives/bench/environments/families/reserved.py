"""A withdrawal must be announced first."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..library.values import Receipt, Value
from ..words import Words
from .family import Family, Method, Quirk


class Reservations(Rule):
    """A reservation is for one withdrawal of one item."""

    def start(self) -> None:
        """Nothing is reserved yet."""
        self.reserved: set[str] = set()

    def take(self, call: Call) -> None:
        """Refuse a withdrawal that was not announced."""
        if call.operation == "withdraw" and call.text("code") not in self.reserved:
            raise self.refuse("reserve", "not reserved", code=call.text("code"))

    def perform(self, call: Call) -> tuple[Value] | None:
        """Reserve an item."""
        if call.operation != "reserve":
            return None
        code = call.text("code")
        if code not in self.books.summaries or call.whole("slot") != self.books.summaries[code].slot:
            raise self.refuse("other", "wrong slot", code=code, slot=call.whole("slot"))
        self.reserved.add(code)
        return (None,)

    def give(self, call: Call, value: Value) -> Value:
        """Use a reservation up."""
        if call.operation == "withdraw" and isinstance(value, Receipt):
            self.reserved.discard(call.text("code"))
        return value


def _make(draw: Draw, words: Words) -> Quirk:
    del draw
    fill = words.fill
    return Quirk(
        family="reserved",
        parameters={},
        messages={
            "not reserved": fill(
                "$item {code} is not reserved: each withdrawal needs session.$reserve(code, $slot) just "
                "before it, with the number of the $slot that the $item is in"
            ),
            "wrong slot": fill("$item {code} is not in $slot {slot}"),
        },
        handling={
            "withdraw": fill(
                """\
def withdraw(session, code, quantity, inner=withdraw):
    session.$reserve(spelled(code), look(session, code).$slot)
    return inner(session, code, quantity)
"""
            )
        },
        gold=fill(
            "$library: before each session.$withdraw(code, ...) call session.$reserve(code, item.$slot) "
            "with the $slot that session.$look(code) shows, or it raises $library.${Reserve}Error."
        ),
        told=("not reserved", "just before it"),
        errors={"reserve": fill("${Reserve}Error")},
        methods=(
            Method(
                role="reserve",
                arguments={"code": "str", "slot": "int"},
                doc=fill("$verb $item.", verb="Name a"),
            ),
        ),
    )


RESERVED: Final = Family(name="reserved", rule=Reservations, make=_make)
