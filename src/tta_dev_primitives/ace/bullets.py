"""All bullets of one version of a playbook; versions share what did not change between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, ValuesView
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, zip_longest
from typing import Self, TypeVar, overload

from rpds import HashTrieMap

from .bullet import Bullet, Status

T = TypeVar("T")

_CHUNK = 256
"""Bullets that are copied with one that changes. The references to chunks are copied as well, 391 of them at
100,000 bullets, so larger or smaller chunks would cost no less."""


@dataclass(frozen=True)  # no slots: the cached views below live in the instance's __dict__
class _Chunk:
    """Up to `_CHUNK` bullets that follow each other, and what of them counts."""

    bullets: tuple[Bullet, ...]

    @cached_property
    def live(self) -> tuple[Bullet, ...]:
        return tuple(bullet for bullet in self.bullets if bullet.live)

    @cached_property
    def proposed(self) -> tuple[Bullet, ...]:
        return tuple(bullet for bullet in self.bullets if bullet.status is Status.PROPOSED)

    @cached_property
    def superseded(self) -> frozenset[str]:
        """The ids that live bullets of this chunk supersede."""
        return frozenset(bullet.supersedes for bullet in self.live if bullet.supersedes is not None)


class Bullets(Mapping[str, Bullet]):  # noqa: PLW1641  # compared by content, like any mapping, and not hashed
    """Bullets by id, in admission order. A bullet's place, counted from 0, never changes.

    `updated` costs the number of changes, whatever the size. What is derived is kept by chunk, so that a new
    version works out anew only what concerns the bullets that changed.
    """

    def __init__(self, chunks: tuple[_Chunk, ...] = (), places: HashTrieMap[str, int] | None = None) -> None:
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
        chunks, new, touched = list(self._chunks), dict[str, int](), dict[int, list[Bullet]]()
        for reference, bullet in changed.items():
            place = self._places.get(reference)
            if place is None:
                place = new[reference] = len(self._places) + len(new)
            number, offset = divmod(place, _CHUNK)
            if number not in touched:
                touched[number] = list(chunks[number].bullets) if number < len(chunks) else []
            touched[number][offset : offset + 1] = [bullet]
        for number, bullets in touched.items():  # new chunks come in order, each at the end
            chunks[number : number + 1] = [_Chunk(tuple(bullets))]
        return type(self)(tuple(chunks), self._places.update(new) if new else self._places)

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
        for number in range(max(len(self._chunks), len(other._chunks))):
            mine, theirs = self._slice(number), other._slice(number)
            if mine is not theirs:
                pairs = enumerate(zip_longest(mine, theirs), start=number * _CHUNK)
                yield from (place for place, (one, another) in pairs if one is not another)

    @cached_property
    def active(self) -> tuple[Bullet, ...]:
        """The bullets in use: live ones that no live one supersedes."""
        parts = [chunk.live for chunk in self._chunks]
        for number in {self._places[reference] // _CHUNK for reference in self._replaced}:
            parts[number] = tuple(bullet for bullet in parts[number] if bullet.id not in self._replaced)
        return tuple(chain.from_iterable(parts))

    @cached_property
    def proposed(self) -> tuple[Bullet, ...]:
        """The bullets that wait for a person."""
        return tuple(chain.from_iterable(chunk.proposed for chunk in self._chunks))

    @cached_property
    def active_count(self) -> int:
        """How many are in use; `len(active)` without making it."""
        return sum(len(chunk.live) for chunk in self._chunks) - len(self._replaced)

    @cached_property
    def superseded(self) -> frozenset[str]:
        """The ids that live bullets supersede."""
        return frozenset[str]().union(*(chunk.superseded for chunk in self._chunks))

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
        return (bullet.id for bullet in self.values())

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
        return _Values(self, self._chunks)

    def _at(self, place: int) -> Bullet:
        return self._chunks[place // _CHUNK].bullets[place % _CHUNK]

    def _slice(self, number: int) -> tuple[Bullet, ...]:
        return self._chunks[number].bullets if number < len(self._chunks) else ()


class _Values(ValuesView[Bullet]):
    """Goes from chunk to chunk instead of looking each id up."""

    def __init__(self, bullets: Bullets, chunks: tuple[_Chunk, ...]) -> None:
        super().__init__(bullets)
        self._chunks = chunks

    def __iter__(self) -> Iterator[Bullet]:
        return chain.from_iterable(chunk.bullets for chunk in self._chunks)
