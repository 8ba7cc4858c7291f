"""How alike two lessons are, to find what is worth comparing; it never decides on a merge by itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from rapidfuzz import fuzz, process

from .bullet import Bullet
from .bullets import Bullets
from .lesson import Lesson
from .playbook import Playbook

NEAR = 62.0
"""Token-sort ratio from which a curator looks at the pair."""
_NEAR_NAMES = 0.5
_NAME = re.compile(r"`([^`]+)`|\b(\w+(?:[._]\w+)+|[a-z]+[A-Z]\w*|[A-Z]\w+[A-Z]\w*)\b")


class Neighbours:
    """An index of the bullets of one playbook after the other, of which only what changed is read anew.

    A bullet is near to a lesson if the token-sort ratio of their texts is at least `NEAR`, if they share an
    error signature, or at least half the names in the text that has fewer. Merged, superseded and forgotten
    bullets are left out; suspended and retired ones are found as well.
    """

    def __init__(self) -> None:
        self._bullets = Bullets()
        self._texts: list[str | None] = []  # by place; None is no text to rapidfuzz
        self._names: list[frozenset[str]] = []
        self._by_name: dict[str, set[int]] = defaultdict(set)
        self._by_error: dict[str, set[int]] = defaultdict(set)

    def follow(self, playbook: Playbook) -> None:
        """Make this the index of `playbook`."""
        bullets = playbook.bullets
        for place in self._bullets.differing(bullets):
            old, new = self._bullets.at(place), bullets.at(place)
            if old is not None:
                self._drop(place, old)
            if new is not None and new.merged_into is None and not new.forgotten:
                self._enter(place, new)
        self._bullets = bullets

    def near(self, lesson: Lesson) -> Iterator[Bullet]:
        """Yield the bullets near to `lesson`, nearest first, except itself."""
        for place in self._places(lesson):
            bullet = self._bullets.at(place)
            if bullet is not None and bullet is not lesson and bullet.id not in self._bullets.superseded:
                yield bullet

    def _places(self, lesson: Lesson) -> Iterator[int]:
        text = _sorted(lesson.content)
        alike = process.extract(text, self._texts, scorer=fuzz.ratio, score_cutoff=NEAR, limit=None)
        yield from (place for _, _, place in alike)
        found = {place for _, _, place in alike}
        yield from (place for place in self._related(lesson, text) if place not in found)

    def _related(self, lesson: Lesson, text: str) -> Iterator[int]:
        """Yield the places of bullets with a common error signature or enough common names, nearest first."""
        names, errors = _names(lesson.content), lesson.trigger.error_signatures
        by_error = set[int]().union(*(self._by_error.get(error, ()) for error in errors))
        places = by_error.union(*(self._by_name.get(name, ()) for name in names))
        texts = {place: self._texts[place] for place in sorted(places)}
        for _, _, place in process.extract(text, texts, scorer=fuzz.ratio, limit=None):
            if place in by_error or self._share(place, names) >= _NEAR_NAMES:
                yield place

    def _share(self, place: int, names: frozenset[str]) -> float:
        """Return the share of names that both have, of the smaller set."""
        others = self._names[place]
        return len(names & others) / min(len(names), len(others))

    def _enter(self, place: int, bullet: Bullet) -> None:
        while len(self._texts) <= place:
            self._texts.append(None)
            self._names.append(frozenset())
        self._texts[place], self._names[place] = _sorted(bullet.content), _names(bullet.content)
        for name in self._names[place]:
            self._by_name[name].add(place)
        for error in bullet.trigger.error_signatures:
            self._by_error[error].add(place)

    def _drop(self, place: int, bullet: Bullet) -> None:
        if place >= len(self._texts):
            return
        for name in self._names[place]:
            self._by_name[name].discard(place)
        for error in bullet.trigger.error_signatures:
            self._by_error[error].discard(place)
        self._texts[place], self._names[place] = None, frozenset()


def _sorted(text: str) -> str:
    """Return the words in order, so that a plain ratio of two is their token-sort ratio."""
    return " ".join(sorted(text.casefold().split()))


def _names(text: str) -> frozenset[str]:
    return frozenset((quoted or plain).strip("()").lower() for quoted, plain in _NAME.findall(text))
