"""The amount of an item includes what it is packed in."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..library.values import Item, Value
from ..words import Words
from .family import Family, Quirk


class GrossAmounts(Rule):
    """Adds `each` for every vessel; the first time a notice says so."""

    def start(self) -> None:
        """Nothing was said yet."""
        self.said = False

    def give(self, call: Call, value: Value) -> Value:
        """Return gross amounts."""
        del call
        return self._gross(value) if isinstance(value, Item) else value

    def _gross(self, item: Item) -> Item:
        if not self.said:
            self.said = True
            self.notice("gross", code=item.code, count=item.vessels)
        return item._replace(amount=item.amount + item.vessels * self.whole("each"))


def _make(draw: Draw, words: Words) -> Quirk:
    each = draw.between(31, 94)
    fill = words.fill
    return Quirk(
        family="tare",
        parameters={"each": each},
        messages={
            "gross": fill(
                "{code} weighed with its {count} $vessels, $each each; so are all others", each=each
            )
        },
        handling={
            "contents": fill(
                """\
def contents(item, inner=contents):
    return inner(item) - $each * item.$vessels
""",
                each=each,
            )
        },
        gold=fill(
            "$library: $Item.$amount includes the $vessels: what the $item itself holds is item.$amount - "
            "$each * item.$vessels, in the same unit and before any conversion. No other $amount does.",
            each=each,
        ),
        told=("weighed with",),
    )


TARE: Final = Family(name="tare", rule=GrossAmounts, make=_make, silent=True)
