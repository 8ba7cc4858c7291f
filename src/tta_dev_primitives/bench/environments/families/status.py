"""A state is told by numbers with an unexpected meaning."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..library.values import Item, Value
from ..words import Words
from .family import Family, Quirk


class StatusNumbers(Rule):
    """`yes` and `no` stand for the two states; the first time a notice says so."""

    def start(self) -> None:
        """Nothing was said yet."""
        self.said = False

    def give(self, call: Call, value: Value) -> Value:
        """Return the numbers."""
        del call
        return self._numbered(value) if isinstance(value, Item) else value

    def _numbered(self, item: Item) -> Item:
        if not self.said:
            self.said = True
            self.notice("status yes" if item.flag else "status no", code=item.code)
        return item._replace(flag=self.whole("yes") if item.flag else self.whole("no"))


def _make(draw: Draw, words: Words) -> Quirk:
    yes, no = draw.pick(((0, 1), (0, 7), (3, 5), (4, 2), (6, 1)))
    fill = words.fill
    known = {"yes": yes, "no": no}
    return Quirk(
        family="status",
        parameters={"yes": yes, "no": no},
        messages={
            "status yes": fill("$item {code} is $flag (state $yes; state $no is not $flag)", **known),
            "status no": fill("$item {code} is not $flag (state $no; state $yes is $flag)", **known),
        },
        handling={
            "flagged": fill("def flagged(item, inner=flagged):\n    return item.$flag == $yes\n", yes=yes),
        },
        gold=fill("$library: $Item.$flag is a state number: $yes means $flag, $no means not $flag.", **known),
        told=(fill("is not $flag"),),
    )


STATUS: Final = Family(name="status", rule=StatusNumbers, make=_make, silent=True)
