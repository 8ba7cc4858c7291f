"""Programs for the tasks, by somebody who knows some quirks of the library and no others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .families import Quirk
from .words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """A function as the documentation alone leads to it, and the helpers that it or its wrappers call."""

    source: str
    uses: tuple[str, ...] = ()


HELPERS: Final[Mapping[str, Helper]] = {
    "spelled": Helper(source="def spelled(code):\n    return code\n"),
    "page_at": Helper(source="def page_at(session, index):\n    return session.$list(index)\n"),
    "entries": Helper(source="def entries(page, index):\n    return list(page.$items)\n"),
    "listed": Helper(
        source="""\
def listed(session):
    rows, index = [], 1
    while True:
        page = page_at(session, index)
        rows += entries(page, index)
        if page.last:
            return rows
        index += 1
""",
        uses=("page_at", "entries"),
    ),
    "look": Helper(
        source="def look(session, code):\n    return session.$look(spelled(code))\n", uses=("spelled",)
    ),
    "ratings": Helper(
        source="""\
def ratings(session, codes):
    return session.$list_ratings([spelled(code) for code in codes])
""",
        uses=("spelled",),
    ),
    "contents": Helper(source="def contents(item):\n    return item.$amount\n"),
    "flagged": Helper(source="def flagged(item):\n    return bool(item.$flag)\n"),
    "day": Helper(source="def day(iso):\n    return iso\n"),
    "kept": Helper(source="def kept(sheet):\n    return list(sheet)\n"),
    "events": Helper(
        source="""\
def events(session, first, last):
    return kept(session.$list_events(day(first), day(last)))
""",
        uses=("day", "kept"),
    ),
    "moved": Helper(source="def moved(session, event):\n    return event.$amount\n"),
    "zone_key": Helper(source="def zone_key(zone):\n    return zone\n"),
    "taken": Helper(source="def taken(session, found):\n    return list(found)\n"),
    "found": Helper(
        source="def found(session, zone):\n    return taken(session, session.$find(zone_key(zone)))\n",
        uses=("taken", "zone_key"),
    ),
    "readings": Helper(
        source="def readings(session, code):\n    return list(session.$readings(spelled(code)))\n",
        uses=("spelled",),
    ),
    "given": Helper(source="def given(quantity):\n    return quantity\n"),
    "withdraw": Helper(
        source="""\
def withdraw(session, code, quantity):
    return session.$withdraw(spelled(code), given(quantity))
""",
        uses=("spelled", "given", "look"),
    ),
    "written": Helper(source="def written(text):\n    return text\n"),
    "post": Helper(
        source="def post(session, text):\n    return session.$post(written(text)).number\n", uses=("written",)
    ),
}
"""In an order in which each stands behind what it uses, with `$role` for the library's names."""


def program(words: Words, body: str, helpers: Collection[str], known: Sequence[Quirk]) -> str:
    """Return a program with this body (statements with a `session`), whose author knows these quirks."""
    needed = _with_used(helpers)
    parts = [
        "from collections import Counter\nfrom datetime import date, timedelta\n",
        f"import {words.names['library']}\n",
    ]
    for name, helper in HELPERS.items():
        if name in needed:
            parts.append("\n" + words.fill(helper.source))
            parts += ["\n" + quirk.handling[name] for quirk in known if name in quirk.handling]
    opening, *lines = body.splitlines()
    return "\n".join([*parts, "", opening, *(f"    {line}" for line in lines)]) + "\n"


def _with_used(helpers: Collection[str]) -> set[str]:
    needed, left = set[str](), list(helpers)
    while left:
        name = left.pop()
        if name not in needed:
            needed.add(name)
            left += HELPERS[name].uses
    return needed
