"""Which bullets bear on a task: BM25 over their words, in an index that follows a playbook's versions."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from .bm25 import Bm25
from .bullet import Bullet, Trigger
from .bullets import Bullets
from .playbook import Playbook
from .task import Task
from .words import bullet_words, task_words

_FEW = 1_000
"""So many rows of bullets that changed since may stay in any index; to make it anew would save nothing."""


def relevance(bullets: Sequence[Bullet], task: Task) -> Mapping[str, float]:
    """Return bullet id -> BM25 score (larger is more relevant) of those that share a word with the task."""
    return RelevanceIndex().scores(Playbook(bullets=Bullets.of(bullets)), task)


class RelevanceIndex:
    """The words of the bullets in use, kept from call to call; answers are those of an index made anew.

    Only what changed since the playbook that was asked about before is read, so it pays to ask about versions
    of one playbook, in any order. Safe for threads. Takes about 1 kB a bullet of 20 words.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clear()

    def scores(self, playbook: Playbook, task: Task) -> Mapping[str, float]:
        """Return bullet id -> BM25 score of the bullets in use that share a word with the task."""
        with self._lock:
            self._follow(playbook.bullets)
            scores = self._words.scores(task_words(task))
            return {self._bullet(row).id: float(scores[row]) for row in np.flatnonzero(scores).tolist()}

    def ranked(self, playbook: Playbook, task: Task, *, most: int, core: bool = True) -> tuple[Bullet, ...]:
        """Return the bullets in use that bear on `task`, at most `most`, best first, ties in admission order.

        Those about a library that the task names come before all others. Bullets of another language are left
        out, and with `core=False` the sealed ones.
        """
        with self._lock:
            self._follow(playbook.bullets)
            scores = self._words.scores(task_words(task))
            named = self._naming(task)
            scores[named] += scores.max(initial=0.0) + 1
            found = map(self._bullet, self._best_first(scores, most))
            fitting = (b for b in found if _is_for(b, task) and (core or b.sealed is None))
            return tuple(islice(fitting, most))

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

    def _bullet(self, row: int) -> Bullet:
        return self._shown[self._places[row]].bullet

    def _naming(self, task: Task) -> NDArray[np.intp]:
        """Return the rows of bullets about a library that the task names."""
        text = f"{task.task}\n{task.context}\n{task.code}".lower()
        named = [np.array(rows, dtype=np.intp) for name, rows in self._libraries.items() if name in text]
        rows = np.unique(np.concatenate(named)) if named else np.zeros(0, dtype=np.intp)
        return rows[self._words.present(rows)]

    def _best_first(self, scores: NDArray[np.float64], block: int) -> Iterator[int]:
        """Yield the rows with a score, best first; about as many are sorted as are asked for."""
        places, left = np.array(self._places), np.flatnonzero(scores)
        while len(left):
            bound = np.partition(scores[left], -block)[-block] if block < len(left) else 0.0
            top = left[scores[left] >= bound]
            yield from top[np.lexsort((places[top], -scores[top]))].tolist()
            left = left[scores[left] < bound]
            block *= 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A bullet and the number of the row that has its words."""

    number: int
    bullet: Bullet


def _says(bullet: Bullet) -> tuple[str, Trigger]:
    """Return all that the index reads of a bullet."""
    return bullet.content, bullet.trigger


def _is_for(bullet: Bullet, task: Task) -> bool:
    return bullet.trigger.language in {None, task.language}
