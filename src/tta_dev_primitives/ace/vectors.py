"""Vectors of texts that were asked for before, by the hash of the text; in a file if one is named."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_BUSY_S = 2.0
_BYTES = 4  # of a number in a vector
_AT_ONCE = 500  # values in one statement
_TABLE = (
    "CREATE TABLE IF NOT EXISTS vectors"
    " (model TEXT, hash BLOB, vector BLOB, PRIMARY KEY (model, hash)) STRICT, WITHOUT ROWID"
)


def text_hash(text: str) -> bytes:
    """Return what stands for `text`."""
    return hashlib.sha256(text.encode(errors="replace")).digest()


class Vectors:
    """The known vectors of `model`. A file that cannot be read or written is done without: it is a copy."""

    def __init__(self, model: str, file: Path | None = None) -> None:
        self._model, self._file = model, file
        self._known: dict[bytes, NDArray[np.float32]] = {}

    def get(self, hashes: Iterable[bytes]) -> Mapping[bytes, NDArray[np.float32]]:
        """Return the vectors that are known of these texts."""
        wanted = list(dict.fromkeys(hashes))
        missing = [each for each in wanted if each not in self._known]
        if missing and self._file is not None and self._file.exists():
            with suppress(sqlite3.Error, OSError), self._opened(self._file) as connection:
                for start in range(0, len(missing), _AT_ONCE):
                    self._read(connection, missing[start : start + _AT_ONCE])
        return {each: self._known[each] for each in wanted if each in self._known}

    def put(self, vectors: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Keep these vectors."""
        self._known.update(vectors)
        if self._file is None:
            return
        with suppress(sqlite3.Error, OSError), self._opened(self._file) as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                [(self._model, each, vector.tobytes()) for each, vector in vectors.items()],
            )

    def _read(self, connection: sqlite3.Connection, hashes: list[bytes]) -> None:
        marks = ", ".join("?" * len(hashes))
        query = f"SELECT hash, vector FROM vectors WHERE model = ? AND hash IN ({marks})"  # noqa: S608  # marks
        for each, stored in connection.execute(query, (self._model, *hashes)):
            whole = len(stored) and len(stored) % _BYTES == 0
            if whole and np.isfinite(vector := np.frombuffer(stored, dtype=np.float32)).all():
                self._known[each] = vector

    @contextmanager
    def _opened(self, file: Path) -> Generator[sqlite3.Connection]:
        with closing(sqlite3.connect(file, timeout=_BUSY_S)) as connection, connection:
            connection.execute(_TABLE)
            yield connection
