"""Readings are not in the order in which they were taken."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..library.values import Value
from ..words import Words
from .family import Family, Quirk


class ReadingOrder(Rule):
    """Starts the list at another place: `ring` places before the oldest, or with the latest when it is 0."""

    def give(self, call: Call, value: Value) -> Value:
        """Change the order."""
        if call.operation != "readings" or not isinstance(value, list):
            return value
        rows, ring = [row for row in value if isinstance(row, int)], self.whole("ring")
        self.notice("order", count=len(rows))
        return list(rows[-ring:] + rows[:-ring] if ring else rows[::-1])


def _make(draw: Draw, words: Words) -> Quirk:
    ring = draw.pick((0, 1, 2, 3))
    known = {
        "ring": ring,
        "told": f"a ring, the oldest at index {ring}" if ring else "the latest first",
        "undone": f"rows[{ring}:] + rows[:{ring}]" if ring else "rows[::-1]",
    }
    fill = words.fill
    return Quirk(
        family="order",
        parameters={"ring": ring},
        messages={"order": fill("{count} readings, $told", **known)},
        handling={
            "readings": fill(
                """\
def readings(session, code, inner=readings):
    rows = inner(session, code)
    return $undone
""",
                **known,
            )
        },
        gold=fill(
            "$library: session.$readings() is not oldest first but $told; rows in order of time are $undone "
            "(reorder before dropping anything).",
            **known,
        ),
        told=("the oldest at", "latest first"),
    )


ORDER: Final = Family(name="order", rule=ReadingOrder, make=_make, silent=True)
