"""Every n-th look-up is held until its gate is released."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..library.values import Value
from ..words import Words
from .family import Family, Method, Quirk


class HeldLookups(Rule):
    """Counts look-ups of all sessions with the site."""

    def start(self) -> None:
        """Hold nothing yet."""
        self.lookups, self.gate = 0, 0

    def enter(self, call: Call) -> None:
        """Hold every n-th look-up, and all that follow until the gate is released."""
        if call.operation != "look":
            return
        if not self.gate:
            self.lookups += 1
            if self.lookups % self.whole("every") == 0:
                self.gate = self.lookups * self.whole("factor") % 89 + 10
        if self.gate:
            raise self.refuse("gate", "held", gate=self.gate)

    def perform(self, call: Call) -> tuple[Value] | None:
        """Release the gate."""
        if call.operation != "release":
            return None
        if call.whole("gate") != self.gate:
            raise self.refuse("other", "not held", gate=call.whole("gate"))
        self.gate = 0
        return (None,)


def _make(draw: Draw, words: Words) -> Quirk:
    every = draw.between(4, 5)
    ordinal = {4: "fourth", 5: "fifth"}[every]
    fill = words.fill
    return Quirk(
        family="held",
        parameters={"every": every, "factor": draw.between(5, 40)},
        messages={
            "held": fill(
                "look-up held at $gate {gate}: every $ordinal look-up of one $item is held, and repeating "
                "it or connecting again does not free it; call session.$release({gate}) (the number is in "
                "this error's .$gate), then look the $item up again",
                ordinal=ordinal,
            ),
            "not held": fill("nothing is held at $gate {gate}"),
        },
        handling={
            "look": fill(
                """\
def look(session, code, inner=look):
    try:
        return inner(session, code)
    except $library.${Gate}Error as error:
        session.$release(error.$gate)
        return inner(session, code)
"""
            )
        },
        gold=fill(
            "$library: every $ordinal session.$look() raises $library.${Gate}Error and retries never help: "
            "catch it as e, call session.$release(e.$gate), then call session.$look() again.",
            ordinal=ordinal,
        ),
        told=("is held", f"every {ordinal}"),
        errors={"gate": fill("${Gate}Error")},
        attributes={"gate": words.names["gate"]},
        methods=(Method(role="release", arguments={"gate": "int"}, doc=fill("Release a $gate.")),),
    )


HELD: Final = Family(name="held", rule=HeldLookups, make=_make)
