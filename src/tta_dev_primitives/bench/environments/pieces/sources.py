"""Where the items of a task come from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from ..library.books import DAYS, FIRST_DAY, Books
from .setting import Setting, Source, SourceMaker


def named(setting: Setting) -> Source:
    """Six items that the task names."""
    return _named(setting, 6)


def named_few(setting: Setting) -> Source:
    """Three items that the task names."""
    return _named(setting, 3)


def _named(setting: Setting, count: int) -> Source:
    chosen = sorted(setting.draw.some(list(setting.books.summaries), count))
    return Source(
        phrase=f"the $items {', '.join(chosen[:-1])} and {chosen[-1]} of the $site {setting.books.name}",
        body=f"codes = {chosen!r}\n",
        helpers=(),
        codes=lambda _: chosen,
    )


def of_kind(setting: Setting) -> Source:
    """All items of one kind, from the list."""
    kind = setting.draw.pick(setting.words.kinds)
    return Source(
        phrase=_all(setting, f"whose $kind is {kind}"),
        body=f'codes = sorted(entry.code for entry in listed(session) if entry.$kind == "{kind}")\n',
        helpers=("listed",),
        codes=lambda books: sorted(entry.code for entry in books.summaries.values() if entry.kind == kind),
    )


def in_slots(setting: Setting) -> Source:
    """The items in a range of slots, from the list."""
    low = setting.draw.between(1, 22)
    high = low + setting.draw.between(9, 13)
    return Source(
        phrase=_all(setting, f"that are in the $slots {low} to {high}, both included,"),
        body=f"codes = sorted(entry.code for entry in listed(session) if {low} <= entry.$slot <= {high})\n",
        helpers=("listed",),
        codes=lambda books: sorted(
            entry.code for entry in books.summaries.values() if low <= entry.slot <= high
        ),
    )


def in_zone(setting: Setting) -> Source:
    """The items of one zone."""
    zone = setting.draw.pick(setting.words.zones)
    return Source(
        phrase=_all(setting, f"that are in the $zone {zone}"),
        body=f'chosen = found(session, "{zone}")\ncodes = sorted(entry.code for entry in chosen)\n',
        helpers=("found",),
        codes=lambda books: sorted(code for code, other in books.zones.items() if other == zone),
    )


def that_moved(setting: Setting) -> Source:
    """The items with a movement in a period of a few days."""
    return _moved(setting, 3, 5)


def _moved(setting: Setting, least: int, most: int) -> Source:
    first = FIRST_DAY + timedelta(days=setting.draw.between(3, DAYS - most - 6))
    last = first + timedelta(days=setting.draw.between(least, most))

    def codes(books: Books) -> list[str]:
        return sorted({movement.item for movement in books.period(first, last)})

    return Source(
        phrase=_all(setting, f"that had at least one $event from {first} to {last}, both days included,"),
        body=f'codes = sorted({{event.$item for event in events(session, "{first}", "{last}")}})\n',
        helpers=("events",),
        codes=codes,
    )


def in_zone_and_moved(setting: Setting) -> Source:
    """The items of a zone with a movement in a period."""
    return _both(setting, in_zone(setting), _moved(setting, 8, 12))


def moved_and_in_slots(setting: Setting) -> Source:
    """The items in a range of slots with a movement in a period."""
    return _both(setting, _moved(setting, 8, 12), in_slots(setting))


def in_zone_and_slots(setting: Setting) -> Source:
    """The items of a zone in a range of slots."""
    return _both(setting, in_zone(setting), in_slots(setting))


def _all(setting: Setting, clause: str) -> str:
    return f"all $items of the $site {setting.books.name} {clause}"


def _both(setting: Setting, first: Source, second: Source) -> Source:
    """Return what comes from both; the second may hold an item twice, and then that stays so."""
    clause = second.phrase.removeprefix(_all(setting, ""))
    return Source(
        phrase=f"{first.phrase} and {clause}",
        body=f"{first.body}others = codes\n{second.body}codes = [code for code in codes if code in others]\n",
        helpers=(*first.helpers, *second.helpers),
        codes=lambda books: [code for code in second.codes(books) if code in first.codes(books)],
    )


def of_largest(setting: Setting) -> Source:
    """The item of the largest movement of two weeks."""
    first = FIRST_DAY + timedelta(days=setting.draw.between(3, DAYS - 22))
    last = first + timedelta(days=setting.draw.between(12, 16))

    def codes(books: Books) -> list[str]:
        return [max(books.period(first, last), key=lambda movement: movement.amount).item]

    return Source(
        phrase=(
            f"the $item of the $site {setting.books.name} that had the $event with the largest $amount from "
            f"{first} to {last}, both days included"
        ),
        body=(
            f'rows = events(session, "{first}", "{last}")\n'
            "codes = [max((moved(session, event), event.$item) for event in rows)[1]]\n"
        ),
        helpers=("events", "moved"),
        codes=codes,
    )


SOURCES: Final[Mapping[str, SourceMaker]] = {
    "named": named,
    "named few": named_few,
    "kind": of_kind,
    "slots": in_slots,
    "zone": in_zone,
    "moved": that_moved,
    "zone, moved": in_zone_and_moved,
    "moved, slots": moved_and_in_slots,
    "zone, slots": in_zone_and_slots,
    "largest": of_largest,
}
"""Sources by their names. Phrases and bodies have `$role` for the library's names."""
