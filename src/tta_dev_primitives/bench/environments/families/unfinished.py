"""A result must be closed before the session does anything else."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..library.values import Event, EventSheet, Value
from ..words import Words
from .family import Family, Method, Quirk


class UnfinishedSheets(Rule):
    """Remembers the sheet that is open."""

    unhindered = ("amount", "correction", "finish")

    def start(self) -> None:
        """Nothing is open yet."""
        self.sheet, self.handed_out = 0, 0

    def enter(self, call: Call) -> None:
        """Refuse whatever comes before the sheet is closed."""
        if self.sheet and call.operation not in self.unhindered:
            raise self.refuse("finish", "unfinished")

    def perform(self, call: Call) -> tuple[Value] | None:
        """Close the sheet."""
        if call.operation != "finish":
            return None
        if call.whole("number") == self.sheet:
            self.sheet = 0
        return (None,)

    def give(self, call: Call, value: Value) -> Value:
        """Hand a sheet out."""
        if call.operation != "events" or not isinstance(value, list):
            return value
        self.handed_out += 1
        self.sheet = self.handed_out
        return EventSheet([row for row in value if isinstance(row, Event)], self.sheet)


def _make(draw: Draw, words: Words) -> Quirk:
    del draw
    fill = words.fill
    return Quirk(
        family="unfinished",
        parameters={},
        messages={
            "unfinished": fill(
                "the sheet that session.$list_events() returned is still open, and the session does nothing "
                "else, not even close, until its .$finish() was called"
            )
        },
        handling={
            "kept": fill(
                """\
def kept(sheet, inner=kept):
    rows = inner(sheet)
    sheet.$finish()
    return rows
"""
            )
        },
        gold=fill(
            "$library: session.$list_events() returns a list; call .$finish() on it before the next call of "
            "the session or the end of its with block; its $events stay usable."
        ),
        told=("still open",),
        errors={"finish": "SheetError"},
        methods=(Method(role="finish", arguments={}, doc="Be done with the sheet."),),
    )


UNFINISHED: Final = Family(name="unfinished", rule=UnfinishedSheets, make=_make)
