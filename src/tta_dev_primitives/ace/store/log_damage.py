"""Damage in SQLite's log, which SQLite itself takes for its end, and what was committed after for nothing.

Source of the format: https://www.sqlite.org/fileformat2.html, section 4.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .faults import corrupt

_HEADER: Final = struct.Struct(">8I")
_FRAME: Final = struct.Struct(">6I")
_MAGIC: Final = 0x377F0682
_COVERED: Final = 8
"""Bytes of a frame's header that its checksum covers, before the page."""
_BYTES: Final = 4
_WORD: Final = 1 << 32
_PAGES: Final = frozenset(1 << power for power in range(9, 17))

Sums = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    salts: Sums
    sums: Sums
    covered: bytes


def refuse_damaged_log(path: Path, *, attended: bool = False) -> None:
    """Raise if the log of the playbook at `path` is damaged before its end.

    A log is looked at while nobody writes: `attended` says that the caller holds the writers' lock; else it
    is left to who does. A last frame that was never written whole is no damage: it was not acknowledged.

    Raises:
        PlaybookCorrupt: it is damaged.
    """
    log = path.with_name(f"{path.name}-wal")
    try:
        if not log.stat().st_size:
            return
        with _nobody_writing(path, attended=attended) as quiet:
            found = log_damage(log.read_bytes()) if quiet else None
    except FileNotFoundError:
        return
    if found is not None:
        raise corrupt(path, f"its log {found}, so what was committed after that is not read")


def log_damage(content: bytes) -> str | None:
    """Return what is damaged in a log, as the end of a sentence, or None."""
    if len(content) < _HEADER.size:
        return None
    magic, _, page, _, *salts_and_sums = _HEADER.unpack_from(content)
    salts, sums = (salts_and_sums[0], salts_and_sums[1]), (salts_and_sums[2], salts_and_sums[3])
    words = "<" if magic == _MAGIC else ">"
    if magic | 1 != _MAGIC | 1 or page not in _PAGES or _summed(content[:24], (0, 0), words) != sums:
        return "has a damaged beginning"
    return _Log(frames=tuple(_frames(content, page)), salts=salts, first=sums, words=words).damage()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Log:
    """The frames after a sound header; `first` is its checksum, `words` the byte order of checksums."""

    frames: tuple[_Frame, ...]
    salts: Sums
    first: Sums
    words: str

    def damage(self) -> str | None:
        """Return at which frame the log is damaged, or None if it only ends."""
        end = next((number for number in range(len(self.frames)) if not self._is_whole(number)), None)
        if end is None or not (self._goes_on_after(end) or self._has_one_wrong_bit(end)):
            return None
        return f"is damaged at frame {end + 1}"

    def _is_whole(self, number: int) -> bool:
        frame = self.frames[number]
        return frame.salts == self.salts and self._summed(number) == frame.sums

    def _goes_on_after(self, end: int) -> bool:
        """Tell whether a later frame was written whole after the one before it."""
        return any(self._is_whole(number) for number in range(end + 1, len(self.frames)))

    def _has_one_wrong_bit(self, end: int) -> bool:
        frame = self.frames[end]
        if frame.salts != self.salts:  # both are new when a log begins anew over an older one
            return (frame.salts[0] == self.salts[0]) != (frame.salts[1] == self.salts[1])
        summed = self._summed(end)
        wrong = sum((real ^ told).bit_count() for real, told in zip(summed, frame.sums, strict=True))
        return wrong == 1 or _explains_one_bit(summed, frame.sums, len(frame.covered) // _BYTES)

    def _summed(self, number: int) -> Sums:
        before = self.frames[number - 1].sums if number else self.first
        return _summed(self.frames[number].covered, before, self.words)


def _frames(content: bytes, page: int) -> Iterator[_Frame]:
    size = _FRAME.size + page
    for start in range(_HEADER.size, len(content) - size + 1, size):
        _, _, one, two, first, second = _FRAME.unpack_from(content, start)
        covered = content[start : start + _COVERED] + content[start + _FRAME.size : start + size]
        yield _Frame(salts=(one, two), sums=(first, second), covered=covered)


def _summed(content: bytes, before: Sums, words: str) -> Sums:
    first, second = before
    values = struct.unpack(f"{words}{len(content) // _BYTES}I", content)
    for even, odd in zip(values[::2], values[1::2], strict=True):
        first = (first + even + second) % _WORD
        second = (second + odd + first) % _WORD
    return first, second


def _explains_one_bit(summed: Sums, told: Sums, words: int) -> bool:
    """Tell whether one flipped bit in so many words makes the difference of two checksums."""
    off = tuple((two - one) % _WORD for one, two in zip(summed, told, strict=True))
    even, odd = (1, 1), (0, 1)  # what 1 more in the last two words adds
    for _ in range(words // 2):
        for weight in (even, odd):
            for bit in range(32):
                added = tuple((one << bit) % _WORD for one in weight)
                if off in {added, tuple(-one % _WORD for one in added)}:
                    return True
        even, odd = _earlier(even), _earlier(odd)
    return False


def _earlier(weight: Sums) -> Sums:
    first = weight[0] + weight[1]
    return first % _WORD, (weight[1] + first) % _WORD


@contextmanager
def _nobody_writing(path: Path, *, attended: bool) -> Generator[bool]:
    """Yield whether nobody else writes, nor can begin to before the end of the block."""
    if attended:
        yield True
        return
    try:
        descriptor = os.open(path.with_name(f"{path.name}-lock"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # a copy without side files, which nobody writes
        yield True
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)
