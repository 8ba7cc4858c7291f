"""Each page of the list begins with the end of the page before."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..library.values import Page, Value
from ..words import Words
from .family import Family, Quirk


class PageOverlap(Rule):
    """The last `count` lines of a page stand at the top of the next one again."""

    def give(self, call: Call, value: Value) -> Value:
        """Put the lines of the page before on top."""
        start = (call.whole("page") - 1) * self.books.spec["page_size"] if call.operation == "list" else 0
        if not start or not isinstance(value, Page):
            return value
        count = self.whole("count")
        repeated = tuple(self.books.summaries.values())[start - count : start]
        self.notice("overlap", lines=len(value.entries) + count)
        return Page(repeated + value.entries, value.last)


def _make(draw: Draw, words: Words) -> Quirk:
    count = draw.between(2, 3)
    return Quirk(
        family="overlap",
        parameters={"count": count},
        messages={"overlap": f"page of {{lines}} lines, the top {count} carried over from the page before"},
        handling={
            "entries": words.fill(
                """\
def entries(page, index, inner=entries):
    return inner(page, index)[$count if index > 1 else 0 :]
""",
                count=count,
            )
        },
        gold=words.fill(
            "$library: every page of session.$list() after the first begins with the last $count $items of "
            "the page before; drop these $count or count them twice.",
            count=count,
        ),
        told=("carried over",),
    )


OVERLAP: Final = Family(name="overlap", rule=PageOverlap, make=_make, silent=True)
