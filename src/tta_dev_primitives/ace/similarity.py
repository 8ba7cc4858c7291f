"""How alike two lessons are, to find what is worth comparing; it never decides on a merge by itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from .bullet import Bullet
from .lesson import Lesson
from .playbook import Playbook

NEAR = 62.0
"""Token-sort ratio from which a curator looks at the pair."""
_NEAR_NAMES = 0.5
_NAME = re.compile(r"`([^`]+)`|\b(\w+(?:[._]\w+)+|[a-z]+[A-Z]\w*|[A-Z]\w+[A-Z]\w*)\b")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A bullet in the index at `place`; it is the same while its text and its error signatures are."""

    bullet: Bullet
    place: int
    names: frozenset[str]

    def shows(self, bullet: Bullet) -> bool:
        old = self.bullet
        return old is bullet or (old.content == bullet.content and old.trigger == bullet.trigger)


class Neighbours:
    """An index of the bullets of one playbook after the other, of which only what changed is read anew.

    A bullet is near to a lesson if the token-sort ratio of their texts is at least `NEAR`, if they share an
    error signature, or at least half the names in the text that has fewer. Merged, superseded and forgotten
    bullets are left out; suspended and retired ones are found as well.
    """

    def __init__(self) -> None:
        self._playbook: Playbook | None = None
        self._superseded: set[str | None] = set()
        self._entries: dict[str, _Entry] = {}
        self._ids: list[str] = []
        self._texts: list[str | None] = []  # None is no text to rapidfuzz
        self._by_name: dict[str, set[int]] = defaultdict(set)
        self._by_error: dict[str, set[int]] = defaultdict(set)

    def follow(self, playbook: Playbook) -> None:
        """Make this the index of `playbook`."""
        if playbook is self._playbook:
            return
        if len(self._texts) > 2 * len(playbook.bullets):
            self._clear()
        for gone in self._entries.keys() - playbook.bullets.keys():
            self._drop(gone)
        for bullet in playbook.bullets.values():
            self._read(bullet)
        self._superseded = {b.supersedes for b in playbook.bullets.values() if b.live}
        self._playbook = playbook

    def near(self, lesson: Lesson) -> Iterator[Bullet]:
        """Yield the bullets near to `lesson`, nearest first, except itself."""
        for place in self._places(lesson):
            entry = self._entries[self._ids[place]]
            if entry.bullet is not lesson and entry.bullet.id not in self._superseded:
                yield entry.bullet

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
        others = self._entries[self._ids[place]].names
        return len(names & others) / min(len(names), len(others))

    def _clear(self) -> None:
        for part in (self._entries, self._ids, self._texts, self._by_name, self._by_error):
            part.clear()

    def _read(self, bullet: Bullet) -> None:
        entry = self._entries.get(bullet.id)
        absent = bullet.merged_into is not None or bullet.forgotten
        if entry is None and absent:
            return
        if entry is not None and not absent and entry.shows(bullet):
            if entry.bullet is not bullet:
                self._entries[bullet.id] = _Entry(bullet, entry.place, entry.names)
            return
        if entry is not None:
            self._drop(bullet.id)
        if not absent:
            self._enter(bullet)

    def _enter(self, bullet: Bullet) -> None:
        place, names = len(self._ids), _names(bullet.content)
        self._entries[bullet.id] = _Entry(bullet, place, names)
        self._ids.append(bullet.id)
        self._texts.append(_sorted(bullet.content))
        for name in names:
            self._by_name[name].add(place)
        for error in bullet.trigger.error_signatures:
            self._by_error[error].add(place)

    def _drop(self, reference: str) -> None:
        entry = self._entries.pop(reference)
        self._texts[entry.place] = None
        for name in entry.names:
            self._by_name[name].discard(entry.place)
        for error in entry.bullet.trigger.error_signatures:
            self._by_error[error].discard(entry.place)


def _sorted(text: str) -> str:
    """Return the words in order, so that a plain ratio of two is their token-sort ratio."""
    return " ".join(sorted(text.casefold().split()))


def _names(text: str) -> frozenset[str]:
    return frozenset((quoted or plain).strip("()").lower() for quoted, plain in _NAME.findall(text))
