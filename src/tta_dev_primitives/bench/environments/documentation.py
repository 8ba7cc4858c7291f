"""The public documentation of a library: correct, and silent on its quirks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from .facade import returned_types
from .words import Words

OPERATIONS: Final[Mapping[str, str]] = {
    "list": """\
- `Session.$list(page: int) -> Page`: one page of the list of all $items.
  `Page.$items` holds `$Summary(code, $kind, $slot)` values; `Page.last` is True on the last page.""",
    "look": """\
- `Session.$look(code: str) -> $Item`: looks one $item up:
  `$Item(code, $kind, $slot, $grade, $vessels, $flag, $amount, $mark)`.
  `$vessels`: how many $vessels it is packed in. `$flag`: whether it is $flag. `$amount`: its $amount now.
  `$mark`: a short text that changes with every withdrawal.""",
    "ratings": """\
- `Session.$list_ratings(codes: list[str]) -> list[int]`: the $ratings of $items, in the order of codes.""",
    "find": """\
- `Session.$find($zone: str) -> $found_type`: $items by $zone, as `$Summary` values. Each is in one $zone.""",
    "readings": "- `Session.$readings(code: str) -> list[int]`: the $reading readings of a $item.",
    "events": """\
- `Session.$list_events(since: str, until: str) -> $event_type`: the $events of a period, oldest first.
  `$Event` has `number`, `$item` (a code), `day`, `way` ("in" or "out") and `$amount`.""",
    "withdraw": """\
- `Session.$withdraw(code: str, $amount) -> Receipt`: withdraws from a $item. `Receipt` has `number`.""",
    "post": """\
- `Session.$post(text: str) -> Receipt`: leaves a note of one line. `Receipt.number` is that of the note.""",
}
"""Operation -> its lines."""
_HEAD: Final = """\
# $library: client of the $Library $sites

`import $library` (Python, no other dependency). $Sites: $site_names.

    with $library.connect("$first_site") as session:
        ...

- `connect($site: str) -> Session`: opens a session. Use it in a `with` statement, or `close()` it."""
_TAIL: Final = """\
- All errors derive from `$Error`.

$Kinds: $kind_names. $Grades: $grade_names. $Zones: $zone_names. A $slot holds at most one $item.
Days are calendar days; the books begin in January 2031.
"""


def document(words: Words, operations: Collection[str], families: frozenset[str]) -> str:
    """Return the documentation of a library with these operations."""
    names = words.names
    more = {
        "Sites": names["sites"].capitalize(),
        "site_names": ", ".join(words.sites),
        "first_site": words.sites[0],
        "Kinds": f"{names['kind'].capitalize()}",
        "kind_names": ", ".join(words.kinds),
        "Grades": f"{names['grade'].capitalize()}s",
        "grade_names": ", ".join(words.grades),
        "Zones": f"{names['zone'].capitalize()}s",
        "zone_names": ", ".join(words.zones),
        **returned_types(words, families),
    }
    lines = [_HEAD, *(text for name, text in OPERATIONS.items() if name in operations), _TAIL]
    return words.fill("\n".join(lines), **more)
