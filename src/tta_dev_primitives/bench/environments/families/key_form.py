"""The key of a filter is spelt differently from what is documented and shown."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..words import Words
from .family import Family, Quirk

_FORMS: Final = {
    "short": ("zone[:3].upper()", "the first three letters in capitals"),
    "reversed": ("zone[::-1]", "the name spelt backwards"),
    "length": ('f"{zone}/{len(zone)}"', "the name, a slash and the number of its letters"),
    "ends": (
        "zone[0] + str(len(zone) - 2) + zone[-1]",
        "its first letter, the number of letters between, its last letter",
    ),
    "capital end": ("zone[:-1] + zone[-1].upper()", "the name with a capital at its end"),
}
"""Form -> expression in Python, and in words."""


class KeyForms(Rule):
    """Keys in other forms are unknown."""

    def take(self, call: Call) -> None:
        """Replace the key by what it means."""
        if call.operation != "find":
            return
        given = call.text("zone")
        for zone in self.books.spec["zones"]:
            if given == self._written(zone):
                call.arguments["zone"] = zone
                return
        known = given in self.books.spec["zones"]
        raise self.refuse(
            "zone", "key form" if known else "no key", zone=given, example=self._written("topaz")
        )

    def _written(self, zone: str) -> str:
        return {
            "short": zone[:3].upper(),
            "reversed": zone[::-1],
            "length": f"{zone}/{len(zone)}",
            "ends": zone[0] + str(len(zone) - 2) + zone[-1],
            "capital end": zone[:-1] + zone[-1].upper(),
        }[self.text("form")]


def _make(draw: Draw, words: Words) -> Quirk:
    form = draw.pick(tuple(_FORMS))
    expression, meaning = _FORMS[form]
    fill = words.fill
    known = {"expression": expression, "meaning": meaning}
    return Quirk(
        family="key form",
        parameters={"form": form},
        messages={
            "key form": fill(
                "'{zone}' is not how a $zone is keyed: a key is $meaning, like '{example}' for topaz",
                **known,
            ),
            "no key": fill("there is no $zone with the key '{zone}'"),
        },
        handling={
            "zone_key": fill(
                """\
def zone_key(zone, inner=zone_key):
    return inner($expression)
""",
                **known,
            )
        },
        gold=fill(
            "$library: session.$find() does not take the plain name of a $zone but $meaning; for a name "
            "zone that is $expression.",
            **known,
        ),
        told=("is keyed", "topaz"),
        errors={"zone": fill("${Zone}Error")},
    )


KEY_FORM: Final = Family(name="key form", rule=KeyForms, make=_make)
