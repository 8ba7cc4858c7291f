"""Archives: files beside a playbook to which compaction moved the payloads of old events.

An archive is a gzip file of JSON lines, one event a line, all columns of its row. It is proved by what stays
of each event in the playbook: its id, which is the hash of all else, and its place in the chain.
"""

from __future__ import annotations

import gzip
import json
import shutil
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from ...core.errors import ConfigurationError, PlaybookArchiveMissing, PlaybookCorrupt
from ..erasure import Known, erase
from ..events import Recorded, encode
from .base import SUFFIX, ArchiveRow
from .kept import EventRow, RowFault, read_event
from .rows import Rows
from .sync import sync

_LINE_BYTES: Final = 1 << 24
"""Longest line that is read: far more than any event has, and no more than fits into memory."""
_ROW: Final[TypeAdapter[tuple[int, str, int, str, str, str, str, str]]] = TypeAdapter(
    tuple[int, str, int, str, str, str, str, str]
)


def all_beside(playbook: Path) -> list[Path]:
    """Return the archives beside `playbook`, also one that a crash has left before it was noted."""
    return sorted(playbook.parent.glob(f"{_escaped(playbook.name)}-archive-*{SUFFIX}"))


def remove_unfinished(playbook: Path) -> None:
    """Delete what a crash has left of archives beside `playbook`. The caller holds the writers' lock."""
    for left in playbook.parent.glob(f".{_escaped(playbook.name)}-archive-*{SUFFIX}.tmp"):
        left.unlink()


def refuse_other(archive: Path, rows: Rows, *, since: int) -> None:
    """Raise if `archive` has anything but events after `since` of `rows`, which a crash may have left.

    Raises:
        ConfigurationError: it is another archive, whose events may be nowhere else.
    """
    if not archive.exists():
        return
    with suppress(PlaybookCorrupt):
        if all(line.seq > since and rows.hash_at(line.seq) == line.hash for line in read_archive(archive)):
            return
    raise ConfigurationError(
        f"{str(archive)!r} exists and does not have what is to be moved; name another file with --archive"
    )


def write_archive(target: Path, rows: Iterable[EventRow]) -> None:
    """Write `rows` to `target`; it appears when it is whole and safe on disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with _replacing(target) as made, gzip.open(made, "wb") as file:
        for row in rows:
            file.write(json.dumps(row).encode() + b"\n")


def read_archive(archive: Path) -> Generator[EventRow]:
    """Yield the events in `archive`, oldest first; whether they are those of a playbook is not checked.

    Raises:
        PlaybookArchiveMissing: it is not there.
        PlaybookCorrupt: it is damaged.
    """
    try:
        if archive.exists() and not archive.is_file():
            raise damaged(archive, "it is no file")
        with gzip.open(archive) as file:
            while line := file.readline(_LINE_BYTES):
                yield EventRow(*_ROW.validate_json(line))
    except FileNotFoundError as error:
        raise missing(archive) from error
    except (EOFError, zlib.error, gzip.BadGzipFile, ValidationError) as error:
        raise damaged(archive, f"it cannot be read to its end ({type(error).__name__})") from error


def copy_archive(archive: Path, target: Path) -> None:
    """Copy `archive`, as it is, to `target`, which appears when it is whole and safe on disk."""
    with _replacing(target) as made:
        shutil.copyfile(archive, made)


def erase_archive(archive: Path, gone: frozenset[str], known: Known) -> bool:
    """Take the texts of the bullets `gone` out of `archive`, and return whether there were any.

    Raises:
        PlaybookArchiveMissing: it is not there.
        PlaybookCorrupt: it is damaged, and was not changed.
    """
    if not any(row != _erased(archive, row, gone, known) for row in read_archive(archive)):
        return False
    write_archive(archive, (_erased(archive, row, gone, known) for row in read_archive(archive)))
    return True


def with_archived(rows: Rows, *, since: int, until: int) -> Iterator[EventRow]:
    """Yield the events after `since` up to `until`, those that were moved from their archives.

    Raises:
        PlaybookArchiveMissing: an archive is not there.
        PlaybookCorrupt: an archive does not have what was moved to it.
    """
    moved = rows.moved() if since < until else None
    start = moved.base.seq if moved is not None and since < moved.base.seq else since
    for archive in moved.archives() if moved is not None and start > since else ():
        first, last = max(since, archive.first - 1), min(until, archive.last)
        if first < last:
            yield from _filled(rows.events(since=first, until=last), archive)
    yield from rows.events(since=start, until=until)


def _filled(kept: Iterable[EventRow], archive: ArchiveRow) -> Iterator[EventRow]:
    """Yield the events with the payloads that `archive` has of them."""
    place = Path(archive.place)
    with closing(read_archive(place)) as moved:
        for row in kept:
            line = next((line for line in moved if line.seq >= row.seq), None)
            try:
                read_archived(row, line)
            except RowFault as fault:
                raise damaged(place, f"event {row.seq} {fault}") from fault
            if line is not None:
                yield line


def read_archived(kept: EventRow, line: EventRow | None) -> Recorded:
    """Return the event in `line`, which must be what was moved of the event `kept`.

    Raises:
        RowFault: it is not.
    """
    if line is None or line.seq != kept.seq:
        raise RowFault("is missing")
    if line.event_id != kept.event_id and line.hash != kept.hash:  # one of the two may be what is damaged
        raise RowFault("is that of another playbook")
    return read_event(line)


def missing(archive: Path) -> PlaybookArchiveMissing:
    """Return the error that `archive` is not there."""
    return PlaybookArchiveMissing(
        f"old versions of this playbook were moved to the archive {str(archive)!r}, which is not there; put "
        "it back, or ask for later versions: `playbox playbook verify` names the first one that is left"
    )


def damaged(archive: Path, what: str) -> PlaybookCorrupt:
    """Return the error that `archive` is damaged at `what`."""
    return PlaybookCorrupt(
        f"the archive {str(archive)!r} is damaged: {what}; it was not changed; restore it from a copy; later "
        "versions of its playbook can be read without it"
    )


def _erased(archive: Path, row: EventRow, gone: frozenset[str], known: Known) -> EventRow:
    if not any(bullet in row.payload for bullet in gone):
        return row
    try:
        recorded = read_event(row)
    except RowFault as fault:
        raise damaged(archive, f"event {row.seq} {fault}") from fault
    erased = erase(recorded, gone, known)
    return row if erased is recorded else row._replace(payload=encode(erased.event))


@contextmanager
def _replacing(target: Path) -> Generator[Path]:
    """Yield the name of a new file, which takes the place of `target` once it is whole and safe on disk."""
    target = target.resolve()  # a link is written through
    made = target.with_name(f".{target.name}.tmp")
    try:
        yield made
        sync(made)
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)
    sync(target.parent)


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
