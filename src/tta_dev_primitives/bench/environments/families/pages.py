"""Pages of the list are not numbered 1, 2, 3."""

from __future__ import annotations

from typing import Final

from ..library.call import Call, Rule
from ..library.draw import Draw
from ..words import Words
from .family import Family, Quirk


class PageNumbers(Rule):
    """Numbers start at `first` and go up, or down, by `step`."""

    def take(self, call: Call) -> None:
        """Replace the number by the place of the page, from 1."""
        if call.operation != "list":
            return
        page, first, step = call.whole("page"), self.whole("first"), self.whole("step")
        pages = -(-len(self.books.summaries) // self.books.spec["page_size"])
        place, rest = divmod(page - first, step)
        if rest or not 0 <= place < pages:
            final = first + (pages - 1) * step
            raise self.refuse("page", "pages", page=page, final=final)
        call.arguments["page"] = place + 1


def _make(draw: Draw, words: Words) -> Quirk:
    step = draw.pick((-35, -12, -7, 9, 15, 22, 35, 48))
    first = draw.between(3, 9) * 100 + draw.below(50)
    numbers = ", ".join(str(first + place * step) for place in range(3))
    steps = f"up in steps of {step}" if step > 0 else f"down in steps of {-step}"
    known = {"first": first, "step": step}
    return Quirk(
        family="pages",
        parameters=known,
        messages={
            "pages": f"no page {{page}}: pages are numbered {numbers} and so on, {steps}, here to {{final}}"
        },
        handling={
            "page_at": words.fill(
                """\
def page_at(session, index, inner=page_at):
    return inner(session, $first + ($step) * (index - 1))
""",
                **known,
            )
        },
        gold=words.fill(
            "$library: pages of session.$list() are numbered $numbers, ... ($steps); stop at the page whose "
            ".last is True.",
            numbers=numbers,
            steps=steps,
        ),
        told=("are numbered", numbers),
        errors={"page": "PageError"},
    )


PAGES: Final = Family(name="pages", rule=PageNumbers, make=_make)
