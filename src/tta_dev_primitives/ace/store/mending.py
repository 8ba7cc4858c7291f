"""Mending: a single flipped bit in a record is found by trying each, as its hash proves which one it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..events import event_hash
from .kept import EventRow

_MOST_CHARS: Final = 4_096
"""Of a payload: some 30,000 hashes, a tenth of a second. Longer ones are set aside."""
_BITS: Final = 7  # what is written is ASCII; a flipped eighth bit shows as no character at all
_INTEGER_BITS: Final = 63
_NO_CHARACTER: Final = "\ufffd"


def mended(row: EventRow) -> EventRow | None:
    """Return the row as it was written if a single bit of it is wrong, else None."""
    if len(row.payload) > _MOST_CHARS:
        return None
    return next((one for one in _candidates(row) if _matches(one)), None)


def _matches(row: EventRow) -> bool:
    return event_hash(row.payload, at=row.at, run_id=row.run_id, actor=row.actor) == row.event_id


def _candidates(row: EventRow) -> Iterator[EventRow]:
    for bit in range(_INTEGER_BITS):
        yield row._replace(at=row.at ^ (1 << bit))
    for text in flipped(row.run_id):
        yield row._replace(run_id=text)
    for text in flipped(row.actor):
        yield row._replace(actor=text)
    for text in flipped(row.payload):
        yield row._replace(payload=text)


def flipped(text: str) -> Iterator[str]:
    """Yield what `text` may have been if a single bit of it is wrong."""
    place = text.find(_NO_CHARACTER)
    if place >= 0:
        yield from (f"{text[:place]}{chr(code)}{text[place + 1 :]}" for code in range(1 << _BITS))
        return
    for place, character in enumerate(text):
        for bit in range(_BITS):
            code = ord(character) ^ (1 << bit)
            yield f"{text[:place]}{chr(code)}{text[place + 1 :]}"
