"""A filter returns what does not match."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..library.values import Value
from ..words import Words
from .family import Family, Quirk


class StruckOut(Rule):
    """What is asked for is struck out of the list."""

    def give(self, call: Call, value: Value) -> Value:
        """Return the rest."""
        if call.operation != "find" or not isinstance(value, list):
            return value
        rest = [row for row in self.books.summaries.values() if row not in value]
        self.notice("struck out", zone=call.text("zone"), count=len(rest))
        return rest


def _make(draw: Draw, words: Words) -> Quirk:
    del draw
    fill = words.fill
    return Quirk(
        family="complement",
        parameters={},
        messages={"struck out": fill("$zone {zone} struck out, the {count} $items of the others remain")},
        handling={
            "found": fill(
                """\
def found(session, zone, inner=found):
    first, second = (inner(session, other) for other in $zones if other != zone)
    codes = {entry.code for entry in second}
    return [entry for entry in first if entry.code in codes]
""",
                zones=repr(words.zones),
            )
        },
        gold=fill(
            "$library: session.$find(z) returns the $items that are NOT in $zone z; for those in z keep "
            "what is in the results of both other $zone names."
        ),
        told=("struck out",),
    )


COMPLEMENT: Final = Family(name="complement", rule=StruckOut, make=_make, silent=True)
