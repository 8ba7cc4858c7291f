"""A note needs a checksum at its end."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..words import Words
from .family import Family, Quirk


class Checksums(Rule):
    """The sum of all characters, to some modulus."""

    def take(self, call: Call) -> None:
        """Take the checksum off."""
        if call.operation != "post":
            return
        text, separator = call.text("text"), self.text("separator")
        body, _, given = text.rpartition(separator)
        if not body:
            raise self.refuse("note", "no checksum")
        if given != f"{sum(map(ord, body)) % self.whole('modulus'):03d}":
            raise self.refuse("note", "wrong checksum", given=given)
        call.arguments["text"] = body


def _make(draw: Draw, words: Words) -> Quirk:
    modulus, separator = draw.pick((211, 307, 401, 509, 613, 701, 809, 907)), draw.pick("*!&%^|")
    known = {"modulus": modulus, "separator": separator}
    fill = words.fill
    rule = "the sum of the characters' code points before it, modulo $modulus, in three digits"
    return Quirk(
        family="checksum",
        parameters={"modulus": modulus, "separator": separator},
        messages={
            "no checksum": fill(f"the text lacks its check: it ends with '$separator' and {rule}", **known),
            "wrong checksum": fill(f"'{{given}}' is not the check of the text: that is {rule}", **known),
        },
        handling={
            "written": fill(
                """\
def written(text, inner=written):
    text = inner(text)
    return f"{text}$separator{sum(map(ord, text)) % $modulus:03d}"
""",
                **known,
            )
        },
        gold=fill(
            "$library: a text for session.$post() needs a check at its end: "
            'f"{text}$separator{sum(map(ord, text)) % $modulus:03d}".',
            **known,
        ),
        told=("lacks its check", "code points"),
        errors={"note": "NoteError"},
    )


CHECKSUM: Final = Family(name="checksum", rule=Checksums, make=_make)
