"""The names of one invented library, and how texts are filled with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Template
from typing import Final

from .library.draw import Draw
from .vocabulary import ENDS, GRADES, KINDS, MIDDLES, ROLES, SITE_ENDS, SITE_STARTS, STARTS, ZONES

SITES: Final = 4
_LOOKS: Final = ("$item", "look_$item", "read_$item", "show_$item")
_LISTS: Final = ("$items", "list_$items", "all_$items")
_RATINGS: Final = ("$ratings", "list_$ratings", "read_$ratings", "${item}_$ratings")
_EVENTS: Final = ("$events", "list_$events", "read_$events")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Every name that a library, its documentation and its tasks use: role -> name."""

    names: Mapping[str, str]
    sites: tuple[str, ...]
    kinds: tuple[str, ...]
    zones: tuple[str, ...]
    grades: tuple[str, ...]

    def fill(self, text: str, **more: object) -> str:
        """Return `text` with every `$role` replaced by its name, and every `$key` of `more` by its value."""
        return Template(text).substitute(self.names, **{key: str(value) for key, value in more.items()})


def draw_words(draw: Draw) -> Words:
    """Return names that nobody can guess."""
    names = {role: draw.pick(choices) for role, choices in ROLES.items()}
    title = draw.pick(STARTS) + draw.pick(MIDDLES) + draw.pick(ENDS)
    names |= {"library": title, "Library": title.capitalize()}
    names |= {"items": _plural(names["item"]), "events": _plural(names["event"])}
    names |= {"amounts": _plural(names["amount"]), "slots": _plural(names["slot"])}
    names |= {"sites": _plural(names["site"])}
    names |= {"ratings": _plural(names["rating"])}
    for role, forms in (
        ("look", _LOOKS),
        ("list", _LISTS),
        ("list_ratings", _RATINGS),
        ("list_events", _EVENTS),
    ):
        names[role] = Template(draw.pick(forms)).substitute(names)
    names["one_unit"] = names["unit"].removesuffix("s")
    names["find"] = f"by_{names['zone']}"
    names["readings"] = names["reading"]
    names |= _classes(names)
    return Words(
        names=names,
        sites=tuple(_sites(draw)),
        kinds=tuple(sorted(draw.some(KINDS, 5))),
        zones=tuple(sorted(draw.some(ZONES, 3))),
        grades=tuple(sorted(draw.some(GRADES, 3))),
    )


def _classes(names: Mapping[str, str]) -> dict[str, str]:
    def camel(role: str) -> str:
        return "".join(part.capitalize() for part in names[role].split("_"))

    item, event = camel("item"), camel("event")
    return {
        "Item": item,
        "Summary": f"{item}Line",
        "Event": event,
        "EventSheet": f"{event}Sheet",
        "FoundSheet": f"{item}Sheet",
        "Error": f"{names['Library']}Error",
        "Gate": camel("gate"),
        "Seal": camel("seal"),
        "Correction": camel("correction"),
        "Credit": camel("credit"),
        "Withdraw": camel("withdraw"),
        "Reserve": camel("reserve"),
        "Finish": camel("finish"),
        "Mark": camel("mark"),
        "Grade": camel("grade"),
        "Zone": camel("zone"),
    }


def _sites(draw: Draw) -> list[str]:
    """Return names with different initials, as codes begin with them."""
    starts: list[str] = []
    for start in draw.shuffled(SITE_STARTS):
        if start[0] not in {other[0] for other in starts}:
            starts.append(start)
    return sorted(start + end for start, end in zip(starts[:SITES], draw.some(SITE_ENDS, SITES), strict=True))


def _plural(noun: str) -> str:
    return noun[:-1] + "ies" if noun.endswith("y") and noun[-2] not in "aeiou" else noun + "s"
