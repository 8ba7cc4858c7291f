"""History: what a tuner saw and decided, in a file that only grows and survives a kill at any point."""

from __future__ import annotations

import fcntl
import os
from binascii import crc32
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from errno import ENOSPC
from io import FileIO
from pathlib import Path
from typing import IO, Final, Literal

from pydantic import TypeAdapter, ValidationError

from ...core.errors import ConfigurationError
from .configuration import Configuration
from .request import Request
from .tuner import State
from .utility import Utility
from .watch import Watch

_CROWDED: Final = 10
"""The file is written anew when it holds so many times as many requests as are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What was decided: the configuration in use, its watch, and what is left alone until which request.

    `utility` is what it was decided for.
    """

    kind: Literal["standing"] = "standing"
    champion: Configuration
    watch: Watch | None
    refused: tuple[tuple[Configuration, int], ...]
    refusals: int
    rests_until: int
    seen: int
    forgets: bool = False
    utility: Utility | None = None

    @classmethod
    def of(cls, state: State, utility: Utility) -> Standing:
        """Return what is kept of a state besides its log; `forgets` if the log before no longer counts."""
        return cls(
            champion=state.champion,
            watch=state.watch,
            refused=tuple(state.refused.items()),
            refusals=state.refusals,
            rests_until=state.rests_until,
            seen=state.seen,
            forgets=not state.log,
            utility=utility,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a file held: at most `window` requests since the last rollback, `since` of them after `standing`.

    `damaged` lines were skipped.
    """

    log: tuple[Request, ...] = ()
    standing: Standing | None = None
    since: int = 0
    damaged: int = 0


_LINE: Final = TypeAdapter[Standing | Request](Standing | Request)


class History:
    """The open file. One process at a time: another is refused when it opens it."""

    def __init__(self, path: Path, *, window: int) -> None:
        self._path, self._window = path, window
        try:
            self._opened()
        except OSError as error:
            raise ConfigurationError(
                f"file={str(path)!r} cannot be used: {error.strerror}; name a file in a folder to write to"
            ) from error

    def _opened(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(self._path)
        try:
            self.past = _read(self._path, self._window)
            self._file, self._lines = self._written_anew()
        except BaseException:
            self._lock.close()
            raise

    def add(self, *lines: Request | Standing) -> None:
        """Append lines; they survive the death of this process."""
        text = b"".join(map(_encoded, lines))
        if self._file.write(text) < len(text):
            raise OSError(ENOSPC, "the disk took a part of it", str(self._path))
        self._lines += len(lines)

    @property
    def crowded(self) -> bool:
        """Whether it is time to write only what still counts."""
        return self._lines > _CROWDED * self._window

    def compact(self, state: State, utility: Utility) -> None:
        """Replace the file by one that holds what still counts; until the end of it the old one stands."""
        self._file.close()
        self.past = Past(log=state.log, standing=Standing.of(state, utility))
        self._file, self._lines = self._written_anew()

    def close(self) -> None:
        """Close the file and let others have it."""
        self._file.close()
        self._lock.close()

    def _written_anew(self) -> tuple[FileIO, int]:
        """Write what counts beside the file, put it in its place, and return it open for more."""
        lines: list[Request | Standing] = [*self.past.log]
        if self.past.standing is not None:
            lines.insert(len(lines) - self.past.since, self.past.standing)
        beside = self._path.with_name(self._path.name + ".new")
        with beside.open("wb") as new:
            new.writelines(map(_encoded, lines))
            new.flush()
            os.fsync(new.fileno())
        beside.replace(self._path)
        return self._path.open("ab", buffering=0), len(lines)


def _locked(path: Path) -> IO[bytes]:
    """Return the lock beside the file; it goes with the process that holds it."""
    lock = path.with_name(path.name + ".lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise ConfigurationError(
            f"{str(path)!r} is in use by another adaptive step or process; "
            "give each its own file, or close the other"
        ) from error
    return lock


def _encoded(line: Request | Standing) -> bytes:
    text = _LINE.dump_json(line)
    return b"%08x %b\n" % (crc32(text), text)


def _read(path: Path, window: int) -> Past:
    if not path.exists():
        return Past()
    log, standing, since, damaged = list[Request](), None, 0, 0
    for line in _lines(path.read_bytes().splitlines()):
        if line is None:
            damaged += 1
        elif isinstance(line, Request):
            log, since = [*log[-window + 1 :], line] if window > 1 else [line], since + 1
        else:
            standing, since = line, 0
            log = [] if line.forgets else log
    return Past(log=tuple(log), standing=standing, since=min(since, len(log)), damaged=damaged)


def _lines(texts: Iterable[bytes]) -> Iterator[Request | Standing | None]:
    """Yield each line, or None for one that was damaged: a kill tears the last, a bad disk any."""
    for text in texts:
        found, _, content = text.partition(b" ")
        try:
            if found != b"%08x" % crc32(content):
                yield None
                continue
            yield _LINE.validate_json(content)
        except ValidationError:
            yield None
