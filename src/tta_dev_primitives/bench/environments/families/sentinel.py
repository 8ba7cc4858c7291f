"""A reading that was never taken is a number too."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..library.values import Value
from ..words import Words
from .family import Family, Quirk


class MissingReadings(Rule):
    """Shows `value` in place of what is missing."""

    def give(self, call: Call, value: Value) -> Value:
        """Put the number in."""
        if call.operation != "readings" or not isinstance(value, list):
            return value
        shown = [self.whole("value") if row == -1 else row for row in value if isinstance(row, int)]
        self.notice("missing", missing=shown.count(self.whole("value")), count=len(shown))
        return shown


def _make(draw: Draw, words: Words) -> Quirk:
    value = draw.pick((7, 11, 13, 911, 917, 950, 1203))
    fill = words.fill
    return Quirk(
        family="sentinel",
        parameters={"value": value},
        messages={"missing": fill("{missing} of {count} readings never taken, shown as $value", value=value)},
        handling={
            "readings": fill(
                """\
def readings(session, code, inner=readings):
    return [value for value in inner(session, code) if value != $value]
""",
                value=value,
            )
        },
        gold=fill(
            "$library: a value of $value in session.$readings() means that the reading was never taken; "
            "drop it.",
            value=value,
        ),
        told=(f"shown as {value}",),
    )


SENTINEL: Final = Family(name="sentinel", rule=MissingReadings, make=_make, silent=True)
