"""A code that is passed in needs a check letter."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..words import Words
from .family import Family, Quirk

_STYLES: Final = ("{code}-{letter}", "{letter}/{code}", "{code}:{letter}", "{letter}.{code}")
_CONSONANTS: Final = "BCDFGHJKLMNPQRSTVWXZ"


class CheckLetters(Rule):
    """The letter depends on the number in the code; what the library returns has none."""

    def take(self, call: Call) -> None:
        """Replace codes with a letter by bare ones."""
        if "code" in call.arguments:
            call.arguments["code"] = self._bare(call.text("code"))
        if "codes" in call.arguments:
            call.arguments["codes"] = [self._bare(code) for code in call.texts("codes")]

    def _bare(self, given: str) -> str:
        for code in self.books.summaries:
            if given == self._spelled(code):
                return code
        if given in self.books.summaries:
            example = self.text("style").format(code=given, letter="x")
            raise self.refuse("code", "check letter", code=given, number=given[1:], example=example)
        raise self.refuse("missing", "wrong code", code=given)

    def _spelled(self, code: str) -> str:
        letters = self.text("letters")
        letter = letters[int(code[1:]) * self.whole("factor") % len(letters)]
        return self.text("style").format(code=code, letter=letter)


def _make(draw: Draw, words: Words) -> Quirk:
    letters = "".join(draw.some(_CONSONANTS, draw.pick((7, 11, 13))))
    factor, style = draw.between(2, 6), draw.pick(_STYLES)
    known = {"letters": letters, "factor": factor, "size": len(letters), "style": style}
    fill = words.fill
    return Quirk(
        family="check letter",
        parameters={"letters": letters, "factor": factor, "style": style},
        messages={
            "check letter": fill(
                "code '{code}' lacks its check letter: it is passed like '{example}', x being the letter of "
                "'$letters' at place {number} * $factor % $size (counted from 0)",
                **known,
            ),
            "wrong code": fill("no $item '{code}', or its check letter is wrong"),
        },
        handling={
            "spelled": fill(
                """\
def spelled(code, inner=spelled):
    letter = "$letters"[int(code[1:]) * $factor % $size]
    return inner(f"$style")
""",
                **known,
            )
        },
        gold=fill(
            "$library: every code passed to a method needs a check letter, f'$style' with letter = "
            "'$letters'[int(code[1:]) * $factor % $size]; returned codes have none.",
            **known,
        ),
        told=("check letter", letters),
        errors={"code": "CodeError"},
    )


CHECK_LETTER: Final = Family(name="check letter", rule=CheckLetters, make=_make)
