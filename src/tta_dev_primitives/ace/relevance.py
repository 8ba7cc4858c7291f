"""Which bullets bear on a task: BM25 over their words, in an index that follows a playbook's versions."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bm25 import Bm25
from .bullet import Bullet, Trigger
from .bullets import Bullets
from .playbook import Playbook
from .topic import Topic
from .vocabulary import mentions
from .words import bullet_words, task_words

_BLOCK = 128
"""How many are sorted first: a whole prompt of strategies, as a rule."""
_FEW = 1_000
"""So many rows of bullets that changed since may stay in any index; to make it anew would save nothing."""


def relevance(bullets: Sequence[Bullet], task: Topic) -> Mapping[str, float]:
    """Return bullet id -> BM25 score (larger is more relevant) of those that share a word with the task."""
    words = Bm25()
    rows = [words.add(bullet_words(bullet)) for bullet in bullets]
    scores = words.scores(task_words(task))
    return {b.id: float(scores[row]) for b, row in zip(bullets, rows, strict=True) if scores[row]}


def named(libraries: Iterable[str], task: Topic) -> frozenset[str]:
    """Return those of `libraries` that the task, its context or its code names, not within another word."""
    text = f"{task.task}\n{task.context}\n{task.code}".lower()
    return frozenset(name for name in libraries if mentions(text, name.lower()))


class RelevanceIndex:
    """The words of the bullets in use, kept from call to call; answers are those of an index made anew.

    Only what changed since the playbook that was asked about before is read, so it pays to ask about versions
    of one playbook, in any order. Safe for threads. Takes about 0.5 kB a bullet of 20 words.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clear()

    def scores(self, playbook: Playbook, task: Topic) -> Mapping[str, float]:
        """Return bullet id -> BM25 score of the bullets in use that share a word with the task."""
        bullets = playbook.bullets
        with self._lock:
            self._follow(bullets)
            scores, places = self._words.scores(task_words(task)), np.array(self._places)
        found = np.flatnonzero(scores)
        scored = zip(map(bullets.at, places[found].tolist()), scores[found].tolist(), strict=True)
        return {bullet.id: score for bullet, score in scored if bullet is not None}

    def ranked(self, playbook: Playbook, task: Topic) -> Iterator[Bullet]:
        """Yield the bullets in use that bear on the task, best first, ties in admission order.

        Those about a library that the task names come before all others; those of another language are left
        out. To take a few costs little more than to take one.
        """
        bullets = playbook.bullets
        with self._lock:
            self._follow(bullets)
            scores, places = self._words.scores(task_words(task)), np.array(self._places)
            rows = self._rows_about(named(self._libraries, task))
        scores[rows] += scores.max(initial=0.0) + 1
        found = filter(None, map(bullets.at, _best_first(scores, places)))
        return (bullet for bullet in found if bullet.trigger.language in {None, task.language})

    def _clear(self) -> None:
        self._bullets = Bullets()
        self._words = Bm25()
        self._shown: dict[int, _Row] = {}  # by place
        self._places = array("I")  # by row
        self._libraries: dict[str, array[int]] = {}  # rows, also of what changed since

    def _follow(self, bullets: Bullets) -> None:
        """Read what differs from the playbook that was asked about before."""
        moved = bullets.superseded ^ self._bullets.superseded
        places = {*bullets.differing(self._bullets), *(bullets.place(reference) for reference in moved)}
        for place in places:
            if place is not None:
                self._show(place, bullets.in_use(place))
        self._bullets = bullets
        if self._words.removed > max(_FEW, self._words.size):
            self._clear()
            self._follow(bullets)

    def _show(self, place: int, bullet: Bullet | None) -> None:
        """Let the index have `bullet` at `place`, or nothing."""
        old = self._shown.pop(place, None)
        if old is not None and bullet is not None and _says(bullet) == _says(old.bullet):
            self._shown[place] = _Row(number=old.number, bullet=bullet)
            return
        if old is not None:
            self._words.remove(old.number, bullet_words(old.bullet))
        if bullet is not None:
            row = self._words.add(bullet_words(bullet))
            self._places.append(place)
            self._shown[place] = _Row(number=row, bullet=bullet)
            for name in {name.lower() for name in bullet.trigger.libraries}:
                self._libraries.setdefault(name, array("I")).append(row)

    def _rows_about(self, libraries: Iterable[str]) -> NDArray[np.intp]:
        """Return the rows of bullets in use about any of `libraries`."""
        about = [np.array(self._libraries[name], dtype=np.intp) for name in libraries]
        rows = np.unique(np.concatenate(about)) if about else np.zeros(0, dtype=np.intp)
        return rows[self._words.present(rows)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A bullet and the number of the row that has its words."""

    number: int
    bullet: Bullet


def _says(bullet: Bullet) -> tuple[str, Trigger]:
    """Return all that the index reads of a bullet."""
    return bullet.content, bullet.trigger


def _best_first(scores: NDArray[np.float64], places: NDArray[np.uintc]) -> Iterator[int]:
    """Yield the places of the rows with a score, best first; not many more are sorted than are taken."""
    left, block = np.flatnonzero(scores), _BLOCK
    while len(left):
        bound = np.partition(scores[left], -block)[-block] if block < len(left) else 0.0
        top = left[scores[left] >= bound]
        yield from places[top][np.lexsort((places[top], -scores[top]))].tolist()
        left, block = left[scores[left] < bound], 4 * block
