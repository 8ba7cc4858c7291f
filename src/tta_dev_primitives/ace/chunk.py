"""A run of bullets that follow each other, each a value or still the line that a snapshot keeps it in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Self

from pydantic import TypeAdapter, ValidationError

from ..core.errors import PlaybookCorrupt
from .bullet import Bullet, Status
from .value import Value

CHUNK = 256
"""Bullets that are copied with one that changes. The references to chunks are copied as well, 391 of them at
100,000 bullets, so larger or smaller chunks would cost no less."""

_BULLETS: TypeAdapter[list[Bullet]] = TypeAdapter(list[Bullet])
_REMEDY = "restore the playbook from a backup"


class Summary(Value):
    """What is asked of every chunk, so that none need be parsed to answer it.

    `ids` are those of all its bullets, `live` counts those that may be used, `superseded` are the ids that
    live ones supersede.
    """

    ids: tuple[str, ...] = ()
    live: int = 0
    superseded: tuple[str, ...] = ()


class Chunk:
    """Up to `CHUNK` bullets that follow each other. Its value never changes.

    One that was read from a snapshot has the lines of it, JSON without a line break; a bullet takes the place
    of its line when it is first asked for. Whoever changes a few bullets parses those alone.
    """

    __slots__ = ("__dict__", "_items", "summary")

    def __init__(self, items: list[Bullet | str], summary: Summary) -> None:
        self._items, self.summary = items, summary

    @classmethod
    def written(cls, lines: list[str], summary: Summary) -> Self:
        """Return the chunk of these lines; nothing is parsed yet."""
        return cls([*lines], summary)

    def updated(self, changed: Mapping[int, Bullet]) -> Chunk:
        """Return the chunk with these bullets, by their place in it; new ones follow the last."""
        items, ids = self._items.copy(), list(self.summary.ids)
        live, superseded = self.summary.live, [*self.summary.superseded]
        for offset, bullet in sorted(changed.items()):
            if offset < len(items):
                old = self.at(offset)
                live -= old.live
                if old.live and old.supersedes is not None:
                    superseded.remove(old.supersedes)
            items[offset : offset + 1] = [bullet]
            ids[offset : offset + 1] = [bullet.id]
            live += bullet.live
            if bullet.live and bullet.supersedes is not None:
                superseded.append(bullet.supersedes)
        summary = Summary.model_construct(ids=tuple(ids), live=live, superseded=tuple(superseded))
        return Chunk(items, summary)

    def at(self, offset: int) -> Bullet:
        """Return the bullet at `offset`.

        Raises:
            PlaybookCorrupt: its line says something else than the summary, though the digest was right.
        """
        item = self._items[offset]
        return item if isinstance(item, Bullet) else self._parsed(offset, [item])[0]

    @cached_property
    def bullets(self) -> tuple[Bullet, ...]:
        """All of them, in admission order.

        Raises:
            PlaybookCorrupt: as `at` does.
        """
        if len(self._items) > 1 and all(isinstance(item, str) for item in self._items):
            self._parsed(0, [item for item in self._items if isinstance(item, str)])
        return tuple(map(self.at, range(len(self._items))))

    @cached_property
    def live(self) -> tuple[Bullet, ...]:
        """Those that may be used."""
        return tuple(bullet for bullet in self.bullets if bullet.live)

    @cached_property
    def proposed(self) -> tuple[Bullet, ...]:
        """Those that wait for a person."""
        return tuple(bullet for bullet in self.bullets if bullet.status is Status.PROPOSED)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The bullets as a snapshot keeps them; kept for the next snapshot."""
        return tuple(
            item if isinstance(item, str) else item.model_dump_json(exclude_defaults=True)
            for item in self._items
        )

    def differing(self, other: Chunk) -> Iterator[int]:
        """Yield the places where `other` has another bullet, or only one of the two has any."""
        longer, shorter = sorted((self._items, other._items), key=len, reverse=True)
        yield from (place for place, item in enumerate(shorter) if item is not longer[place])
        yield from range(len(shorter), len(longer))

    def _parsed(self, offset: int, lines: list[str]) -> list[Bullet]:
        """Parse lines that begin at `offset`, and put the bullets in their place."""
        try:
            bullets = _BULLETS.validate_json(f"[{','.join(lines)}]")
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]["msg"]
            raise PlaybookCorrupt(f"a snapshot cannot be read: {problem}; {_REMEDY}") from error
        expected = self.summary.ids[offset : offset + len(lines)]
        if tuple(bullet.id for bullet in bullets) != expected:
            raise PlaybookCorrupt(f"a snapshot has other strategies than it lists; {_REMEDY}")
        self._items[offset : offset + len(lines)] = bullets
        return bullets

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Chunk):
            return NotImplemented
        return self is other or self.bullets == other.bullets

    def __hash__(self) -> int:
        return hash(self.summary.ids)


NO_BULLETS = Chunk([], Summary())
