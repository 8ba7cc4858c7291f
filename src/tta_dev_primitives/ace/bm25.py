"""BM25 over rows that come and go: an inverted index whose statistics are those of the rows it has now.

Written by hand for its speed: docs/adr/0011-relevance-by-an-index-in-memory.md.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

K1, B = 1.2, 0.75
"""Saturation by repetition, and by length. Source: SQLite's FTS5, function bm25, which has the usual ones."""
_LEAST_IDF = 1e-6  # of a word that most rows have: it tells them from those that share no word at all


@dataclass(slots=True)
class _Postings:
    """The rows that have a word and how often, also those removed since; `present` counts the others."""

    rows: array[int] = field(default_factory=lambda: array("I"))
    counts: array[int] = field(default_factory=lambda: array("I"))
    present: int = 0


class Bm25:
    """Rows of words, numbered in the order in which they are added. Not safe for threads at once."""

    def __init__(self) -> None:
        self._postings: dict[str, _Postings] = {}
        self._lengths = array("I")
        self._present = bytearray()
        self._words = 0
        self.size = 0
        """How many rows are present."""

    @property
    def removed(self) -> int:
        """How many rows were removed; they take space until another index is made."""
        return len(self._lengths) - self.size

    def add(self, words: Mapping[str, int]) -> int:
        """Add a row with these words and how often each occurs; return its number."""
        row, length = len(self._lengths), sum(words.values())
        for word, count in words.items():
            postings = self._postings.get(word)
            if postings is None:
                postings = self._postings[word] = _Postings()
            postings.rows.append(row)
            postings.counts.append(count)
            postings.present += 1
        self._lengths.append(length)
        self._present.append(1)
        self._words += length
        self.size += 1
        return row

    def remove(self, row: int, words: Mapping[str, int]) -> None:
        """Remove a row that is present and was added with `words`."""
        for word in words:
            self._postings[word].present -= 1
        self._present[row] = 0
        self._words -= self._lengths[row]
        self.size -= 1

    def scores(self, query: Mapping[str, float]) -> NDArray[np.float64]:
        """Return a score for each row ever added: 0.0 if it was removed or shares no word with the query.

        A word counts as often as `query` says. Source: Robertson and Zaragoza, The Probabilistic Relevance
        Framework: BM25 and Beyond, 2009, section 3; the least idf is that of SQLite's FTS5.
        """
        scores = np.zeros(len(self._lengths))
        if not self._words:
            return scores
        lengths = np.frombuffer(self._lengths, dtype=np.uintc)
        damping = K1 * (1 - B + B * lengths / (self._words / self.size))
        for word, weight in query.items():
            postings = self._postings.get(word)
            if postings is not None and postings.present:
                rows = np.frombuffer(postings.rows, dtype=np.uintc)
                counts = np.frombuffer(postings.counts, dtype=np.uintc)
                scores[rows] += weight * self._idf(postings) * counts * (K1 + 1) / (counts + damping[rows])
        return scores * np.frombuffer(self._present, dtype=np.uint8)

    def present(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Tell of each of `rows` whether it was not removed."""
        return np.array(self._present, dtype=np.bool_)[rows]

    def _idf(self, postings: _Postings) -> float:
        having = postings.present
        return max(_LEAST_IDF, math.log((self.size - having + 0.5) / (having + 0.5)))
