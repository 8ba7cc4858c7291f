"""Each answer costs a credit that must be given back."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..library.values import FoundSheet, Summary, Value
from ..words import Words
from .family import Family, Method, Quirk


class Credits(Rule):
    """Hands out one credit at a time."""

    def start(self) -> None:
        """Nothing is handed out yet."""
        self.out, self.count = 0, 0

    def enter(self, call: Call) -> None:
        """Refuse another search, and the end, while a credit is out."""
        if self.out and call.operation in ("find", "close"):
            raise self.refuse("credit", "no credit", credit=self.out)

    def perform(self, call: Call) -> tuple[Value] | None:
        """Take a credit back."""
        if call.operation != "give_back":
            return None
        if call.whole("credit") != self.out:
            raise self.refuse("other", "wrong credit", credit=call.whole("credit"))
        self.out = 0
        return (None,)

    def give(self, call: Call, value: Value) -> Value:
        """Hand a credit out with what was found."""
        if call.operation != "find" or not isinstance(value, list):
            return value
        self.count += 1
        self.out = self.count * self.whole("factor") % 997 + 1000
        return FoundSheet([row for row in value if isinstance(row, Summary)], self.out)


def _make(draw: Draw, words: Words) -> Quirk:
    fill = words.fill
    return Quirk(
        family="credits",
        parameters={"factor": draw.between(111, 800)},
        messages={
            "no credit": fill(
                "$credit {credit} is still out: every result of session.$find() carries one in its "
                ".$credit, and before the next search or the end of the session it goes back by "
                "session.$give_back({credit})"
            ),
            "wrong credit": fill("$credit {credit} is not out"),
        },
        handling={
            "taken": fill(
                """\
def taken(session, found, inner=taken):
    rows = inner(session, found)
    session.$give_back(found.$credit)
    return rows
"""
            )
        },
        gold=fill(
            "$library: after each found = session.$find(...), a list, call "
            "session.$give_back(found.$credit), before the next search and before the with block ends, or it "
            "raises $library.${Credit}Error."
        ),
        told=("still out", "goes back"),
        errors={"credit": fill("${Credit}Error")},
        methods=(Method(role="give_back", arguments={"credit": "int"}, doc=fill("Return a $credit.")),),
    )


CREDITS: Final = Family(name="credits", rule=Credits, make=_make)
