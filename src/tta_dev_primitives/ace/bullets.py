"""All bullets of one version of a playbook; versions share what did not change between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, ValuesView
from functools import cached_property
from itertools import chain
from typing import Self, TypeVar, overload

from rpds import HashTrieMap

from .bullet import Bullet
from .chunk import CHUNK, NO_BULLETS, Chunk
from .uncollected import uncollected

T = TypeVar("T")


class Bullets(Mapping[str, Bullet]):  # noqa: PLW1641  # compared by content, like any mapping, and not hashed
    """Bullets by id, in admission order. A bullet's place, counted from 0, never changes.

    `updated` costs the number of changes, whatever the size. What is derived is kept by chunk, so that a new
    version works out anew only what concerns the bullets that changed.
    """

    def __init__(self, chunks: tuple[Chunk, ...] = (), places: HashTrieMap[str, int] | None = None) -> None:
        self._chunks = chunks
        self._places: HashTrieMap[str, int] = HashTrieMap() if places is None else places

    @classmethod
    def of(cls, bullets: Iterable[Bullet]) -> Self:
        """Return these bullets, which are in admission order."""
        return cls().updated({bullet.id: bullet for bullet in bullets})

    def updated(self, changed: Mapping[str, Bullet]) -> Self:
        """Return the bullets with those of `changed`; new ones are admitted in its order."""
        if not changed:
            return self
        chunks, new, touched = list(self._chunks), dict[str, int](), defaultdict[int, dict[int, Bullet]](dict)
        for reference, bullet in changed.items():
            place = self._places.get(reference)
            if place is None:
                place = new[reference] = len(self._places) + len(new)
            number, offset = divmod(place, CHUNK)
            touched[number][offset] = bullet
        for number, bullets in touched.items():  # new chunks come in order, each at the end
            chunks[number : number + 1] = [self._chunk(number).updated(bullets)]
        return type(self)(tuple(chunks), self._places.update(new) if new else self._places)

    @classmethod
    def written(cls, chunks: Iterable[Chunk]) -> Self:
        """Return the bullets of these chunks, of which all but the last are full."""
        held = tuple(chunks)
        ids = chain.from_iterable(chunk.summary.ids for chunk in held)
        return cls(held, HashTrieMap({reference: place for place, reference in enumerate(ids)}))

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """The bullets as they are kept, `CHUNK` at a time."""
        return self._chunks

    def read(self) -> None:
        """Parse what has not been parsed yet, all at once, which is soonest if all of it will be used."""
        with uncollected():
            for chunk in self._chunks:
                _ = chunk.bullets

    def at(self, place: int) -> Bullet | None:
        """Return the bullet at `place`, or None if there are not so many."""
        return self._at(place) if 0 <= place < len(self) else None

    def place(self, reference: str) -> int | None:
        """Return the place of the bullet with this id, or None if there is none."""
        return self._places.get(reference)

    def in_use(self, place: int) -> Bullet | None:
        """Return the bullet at `place` if it is in `active`, else None."""
        bullet = self.at(place)
        return bullet if bullet is not None and bullet.live and bullet.id not in self.superseded else None

    def differing(self, other: Bullets) -> Iterator[int]:
        """Yield the places where `other` has another bullet, or only one of the two has any.

        Costs little where one was made from the other. Bullets that were read twice differ, equal or not.
        """
        if not self or not other:
            self.read()
            other.read()
        for number in range(max(len(self._chunks), len(other._chunks))):
            mine, theirs = self._chunk(number), other._chunk(number)
            if mine is not theirs:
                yield from (number * CHUNK + offset for offset in mine.differing(theirs))

    @cached_property
    def active(self) -> tuple[Bullet, ...]:
        """The bullets in use: live ones that no live one supersedes."""
        self.read()
        parts = [chunk.live for chunk in self._chunks]
        for number in {self._places[reference] // CHUNK for reference in self._replaced}:
            parts[number] = tuple(bullet for bullet in parts[number] if bullet.id not in self._replaced)
        return tuple(chain.from_iterable(parts))

    @cached_property
    def proposed(self) -> tuple[Bullet, ...]:
        """The bullets that wait for a person."""
        return tuple(chain.from_iterable(chunk.proposed for chunk in self._chunks))

    @cached_property
    def active_count(self) -> int:
        """How many are in use; `len(active)` without making it."""
        return sum(chunk.summary.live for chunk in self._chunks) - len(self._replaced)

    @cached_property
    def superseded(self) -> frozenset[str]:
        """The ids that live bullets supersede."""
        return frozenset[str]().union(*(chunk.summary.superseded for chunk in self._chunks))

    @cached_property
    def _replaced(self) -> frozenset[str]:
        """The ids of live bullets that are superseded."""
        return frozenset(
            reference
            for reference in self.superseded
            if (bullet := self.get(reference)) is not None and bullet.live
        )

    def __getitem__(self, reference: str) -> Bullet:
        return self._at(self._places[reference])

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(chunk.summary.ids for chunk in self._chunks)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, reference: object) -> bool:
        return reference in self._places

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Bullets):
            return self._chunks == other._chunks  # what is shared is not looked into
        return super().__eq__(other)

    @overload
    def get(self, reference: str, /) -> Bullet | None: ...
    @overload
    def get(self, reference: str, default: Bullet, /) -> Bullet: ...
    @overload
    def get(self, reference: str, default: T, /) -> Bullet | T: ...
    def get(self, reference: str, default: T | None = None, /) -> Bullet | T | None:
        """Return the bullet with this id, or `default`."""
        place = self._places.get(reference)
        return default if place is None else self._at(place)

    def values(self) -> ValuesView[Bullet]:
        """Return the bullets, in admission order."""
        self.read()
        return _Values(self, self._chunks)

    def _at(self, place: int) -> Bullet:
        return self._chunks[place // CHUNK].at(place % CHUNK)

    def _chunk(self, number: int) -> Chunk:
        return self._chunks[number] if number < len(self._chunks) else NO_BULLETS


class _Values(ValuesView[Bullet]):
    """Goes from chunk to chunk instead of looking each id up."""

    def __init__(self, bullets: Bullets, chunks: tuple[Chunk, ...]) -> None:
        super().__init__(bullets)
        self._chunks = chunks

    def __iter__(self) -> Iterator[Bullet]:
        return chain.from_iterable(chunk.bullets for chunk in self._chunks)
