"""A list of codes may only have some length."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..words import Words
from .family import Family, Quirk


class BatchLimit(Rule):
    """Refuses longer lists, or, where `silent` is 1, leaves the rest out."""

    def take(self, call: Call) -> None:
        """Look at the length."""
        if call.operation != "ratings":
            return
        codes, most = call.texts("codes"), self.whole("most")
        if len(codes) <= most:
            return
        if not self.whole("silent"):
            raise self.refuse("batch", "too many", count=len(codes))
        self.notice("cut", count=len(codes))
        call.arguments["codes"] = codes[:most]


def _make(draw: Draw, words: Words) -> Quirk:
    most, silent = draw.between(3, 4), draw.below(2)
    fill = words.fill
    return Quirk(
        family="batch",
        parameters={"most": most, "silent": silent},
        messages={
            "too many": fill(
                "{count} codes are too many for one call of session.$list_ratings(): at most $most", most=most
            ),
            "cut": fill("session.$list_ratings() took the first $most of {count} codes, its most", most=most),
        },
        handling={
            "ratings": fill(
                """\
def ratings(session, codes, inner=ratings):
    parts = [codes[start : start + $most] for start in range(0, len(codes), $most)]
    return [rating for part in parts for rating in inner(session, part)]
""",
                most=most,
            )
        },
        gold=fill(
            "$library: session.$list_ratings() $does with more than $most codes; call it for at most $most "
            "codes at a time.",
            most=most,
            does="silently leaves the rest out"
            if silent
            else "raises $library.BatchError".replace("$library", words.names["library"]),
        ),
        told=("too many for", "took the first"),
        errors={} if silent else {"batch": "BatchError"},
    )


BATCH: Final = Family(name="batch", rule=BatchLimit, make=_make)
