"""Where the items of a task come from."""

from __future__ import annotations

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
    listed = ", ".join(chosen[:-1]) + f" and {chosen[-1]}"
    return Source(
        phrase=setting.words.fill(f"the $items {listed} of the $site {setting.books.name}"),
        body=f"codes = {chosen!r}\n",
        helpers=(),
        codes=lambda _: chosen,
    )


def of_kind(setting: Setting) -> Source:
    """All items of one kind, from the list."""
    kind = setting.draw.pick(setting.words.kinds)
    return Source(
        phrase=setting.words.fill(f"all $items of the $site {setting.books.name} whose $kind is {kind}"),
        body=setting.words.fill(
            f'codes = sorted(entry.code for entry in listed(session) if entry.$kind == "{kind}")\n'
        ),
        helpers=("listed",),
        codes=lambda books: sorted(entry.code for entry in books.summaries.values() if entry.kind == kind),
    )


def in_slots(setting: Setting) -> Source:
    """The items in a range of slots, from the list."""
    low = setting.draw.between(1, 22)
    high = low + setting.draw.between(9, 13)
    return Source(
        phrase=setting.words.fill(
            f"the $items of the $site {setting.books.name} in the $slots {low} to {high}, both included"
        ),
        body=setting.words.fill(
            f"codes = sorted(entry.code for entry in listed(session) if {low} <= entry.$slot <= {high})\n"
        ),
        helpers=("listed",),
        codes=lambda books: sorted(
            entry.code for entry in books.summaries.values() if low <= entry.slot <= high
        ),
    )


def in_zone(setting: Setting) -> Source:
    """The items of one zone."""
    zone = setting.draw.pick(setting.words.zones)
    return Source(
        phrase=setting.words.fill(f"all $items in the $zone {zone} of the $site {setting.books.name}"),
        body=(f'chosen = found(session, "{zone}")\ncodes = sorted(entry.code for entry in chosen)\n'),
        helpers=("found",),
        codes=lambda books: sorted(code for code, other in books.zones.items() if other == zone),
    )


def that_moved(setting: Setting) -> Source:
    """The items with a movement in a period of a few days."""
    start = FIRST_DAY + timedelta(days=setting.draw.between(3, DAYS - 12))
    first, last = start, start + timedelta(days=setting.draw.between(3, 5))

    def codes(books: Books) -> list[str]:
        return sorted({movement.item for movement in books.period(first, last)})

    return Source(
        phrase=setting.words.fill(
            f"the $items of the $site {setting.books.name} that had at least one $event from {first} to "
            f"{last}, both days included"
        ),
        body=setting.words.fill(
            f'codes = sorted({{event.$item for event in events(session, "{first}", "{last}")}})\n'
        ),
        helpers=("events",),
        codes=codes,
    )


def of_largest(setting: Setting) -> Source:
    """The item of the largest movement of two weeks."""
    start = FIRST_DAY + timedelta(days=setting.draw.between(3, DAYS - 22))
    first, last = start, start + timedelta(days=setting.draw.between(12, 16))

    def codes(books: Books) -> list[str]:
        return [max(books.period(first, last), key=lambda movement: movement.amount).item]

    return Source(
        phrase=setting.words.fill(
            f"the $item of the $site {setting.books.name} that had the $event with the largest $amount from "
            f"{first} to {last}, both days included"
        ),
        body=setting.words.fill(
            f'rows = events(session, "{first}", "{last}")\n'
            "codes = [max((moved(session, event), event.$item) for event in rows)[1]]\n"
        ),
        helpers=("events", "moved"),
        codes=codes,
    )


SOURCES: Final[dict[str, SourceMaker]] = {
    "named": named,
    "named few": named_few,
    "kind": of_kind,
    "slots": in_slots,
    "zone": in_zone,
    "moved": that_moved,
    "largest": of_largest,
}
