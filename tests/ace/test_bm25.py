from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tta_dev_primitives.ace.bm25 import Bm25

UNHURRIED = settings(deadline=None, max_examples=60)
WORDS = ("parcel", "tide", "weight", "session", "renew", "date")
rows = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), min_size=1, max_size=25)
queries = st.lists(st.sampled_from(WORDS), min_size=1, unique=True)


def by_sqlite(rows: list[list[str]], query: list[str]) -> list[float]:
    """Return the scores of SQLite's FTS5, an implementation that is not ours."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE row USING fts5(words)")
        connection.executemany(
            "INSERT INTO row(rowid, words) VALUES (?, ?)", [(n, " ".join(row)) for n, row in enumerate(rows)]
        )
        found = dict(
            connection.execute("SELECT rowid, -rank FROM row WHERE row MATCH ?", (" OR ".join(query),))
        )
    return [found.get(number, 0.0) for number in range(len(rows))]


def filled(rows: list[list[str]]) -> Bm25:
    index = Bm25()
    assert [index.add(Counter(row)) for row in rows] == list(range(len(rows)))
    return index


@given(rows, queries)
@UNHURRIED
def test_scores_are_those_of_sqlite(rows: list[list[str]], query: list[str]) -> None:
    found = filled(rows).scores(dict.fromkeys(query, 1.0))

    assert list(found) == pytest.approx(by_sqlite(rows, query), rel=1e-9)


@given(rows, rows, queries, st.data())
@UNHURRIED
def test_what_was_removed_leaves_no_trace(
    first: list[list[str]], second: list[list[str]], query: list[str], data: st.DataObject
) -> None:
    index = filled(first)
    gone = data.draw(st.lists(st.sampled_from(range(len(first))), unique=True))
    for row in gone:
        index.remove(row, Counter(first[row]))
    for added in second:
        index.add(Counter(added))
    left = [(n, row) for n, row in enumerate([*first, *second]) if n not in gone]
    expected = filled([row for _, row in left]).scores(dict.fromkeys(query, 1.0))

    scores = index.scores(dict.fromkeys(query, 1.0))
    assert [scores[n] for n, _ in left] == list(expected)
    assert not any(scores[gone])
    assert (index.size, index.removed) == (len(left), len(gone))


def test_a_word_counts_as_often_as_the_query_says() -> None:
    index = filled([["parcel"], ["tide"], ["date"], ["date"], ["date"]])
    parcel, tide, *rest = index.scores({"parcel": 1.0, "tide": 0.1, "unknown": 1.0})

    assert 0 < tide == pytest.approx(parcel / 10)
    assert rest == [0.0] * 3


def test_an_index_without_words_finds_nothing() -> None:
    index = Bm25()
    assert list(index.scores({"parcel": 1.0})) == []
    index.add({})
    assert list(index.scores({"parcel": 1.0})) == [0.0]
