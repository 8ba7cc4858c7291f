"""The base: the playbook that stands for the events that compaction moved to archives."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import Field, ValidationError
from rpds import HashTrieMap

from ..aside import Aside
from ..bullet import Bullet
from ..bullets import Bullets
from ..erasure import erase_bullet, is_erased_bullet
from ..events import Compacted, Gated
from ..playbook import Playbook
from ..value import Value
from .kept import Checkpoint, EventRow, RowFault, read_event


class BaseRow(NamedTuple):
    """Which playbook it is: that at `seq`, where the chain has `hash`; event `anchor` has its digest."""

    seq: int
    hash: str
    anchor: int


class ArchiveRow(NamedTuple):
    """Where the events `first` to `last` were moved to."""

    first: int
    last: int
    place: str


SUFFIX: Final = ".jsonl.gz"


def beside(playbook: Path, last: int) -> Path:
    """Return the archive of the events up to `last` beside `playbook`."""
    return playbook.with_name(f"{playbook.name}-archive-{last}{SUFFIX}")


class _Frame(Value):
    version: int
    head: tuple[int, str] | None
    names: dict[str, str]
    sealed: tuple[str, ...]
    gated: Gated | None = None
    champion: Gated | None = None
    set_aside: tuple[Aside, ...] = ()


class _Base(Value):
    """`erased` has, by place, the digests that emptied bullets had when they were whole."""

    frame: str
    bullets: tuple[str, ...]
    erased: dict[int, str] = Field(default_factory=dict[int, str])

    @property
    def digest(self) -> str:
        """Cover each bullet by its digest: its texts can be erased, the whole still be checked."""
        digests = [self.erased.get(place) or _digest(text) for place, text in enumerate(self.bullets)]
        return _digest("\n".join([_digest(self.frame), *digests]))


def base_payload(playbook: Playbook) -> str:
    """Return `playbook` as the payload of a base."""
    frame = _Frame(
        version=playbook.version,
        head=playbook.head,
        names=dict(playbook.names),
        sealed=playbook.sealed,
        gated=playbook.gated,
        champion=playbook.champion,
        set_aside=playbook.set_aside,
    )
    bullets = tuple(_text(bullet) for bullet in playbook.bullets.values())
    return _Base(frame=frame.model_dump_json(exclude_defaults=True), bullets=bullets).model_dump_json()


def base_digest(payload: str) -> str:
    """Return the digest of a base, which stays when bullets in it are erased.

    Raises:
        pydantic.ValidationError: it is no base.
    """
    return _Base.model_validate_json(payload).digest


def erase_base(payload: str, gone: frozenset[str]) -> str:
    """Return a base without the texts of the bullets `gone`, and nothing of one that is damaged."""
    try:
        base = _Base.model_validate_json(payload)
        bullets = [Bullet.model_validate_json(text) for text in base.bullets]
    except ValidationError:
        return ""
    erased, texts = dict(base.erased), list(base.bullets)
    for place, (text, bullet) in enumerate(zip(base.bullets, bullets, strict=True)):
        if bullet.id in gone and place not in erased:
            erased[place], texts[place] = _digest(text), _text(erase_bullet(bullet))
    return _Base(frame=base.frame, bullets=tuple(texts), erased=erased).model_dump_json()


def anchored(row: BaseRow, payload: str, anchor: Iterable[EventRow]) -> bool:
    """Return whether the one event in `anchor` is that which names this base, by its digest."""
    try:
        events = [read_event(event).event for event in anchor]
        digest = base_digest(payload)
    except (RowFault, ValidationError):
        return False
    return any(
        isinstance(event, Compacted)
        and (event.version, event.hash, event.base) == (row.seq, row.hash, digest)
        for event in events
    )


def read_base(row: BaseRow, payload: str) -> tuple[Checkpoint, frozenset[str]] | None:
    """Return the base and which of its bullets were erased; None if it is damaged."""
    try:
        base = _Base.model_validate_json(payload)
        frame = _Frame.model_validate_json(base.frame)
        bullets = [Bullet.model_validate_json(text) for text in base.bullets]
    except ValidationError:
        return None
    erased = [bullets[place] for place in base.erased if 0 <= place < len(bullets)]
    if frame.version != row.seq or not all(map(is_erased_bullet, erased)):
        return None
    playbook = Playbook(
        version=frame.version,
        head=frame.head,
        bullets=Bullets.of(bullets),
        names=HashTrieMap(frame.names),
        sealed=frame.sealed,
        gated=frame.gated,
        champion=frame.champion,
        set_aside=frame.set_aside,
    )
    return Checkpoint(playbook=playbook, hash=row.hash), frozenset(bullet.id for bullet in erased)


def without_texts(playbook: Playbook, gone: frozenset[str]) -> Playbook:
    """Return `playbook` as it is once the bullets `gone` were erased."""
    erased = {name: erase_bullet(playbook.bullets[name]) for name in gone if name in playbook.bullets}
    return Playbook(
        version=playbook.version,
        head=playbook.head,
        bullets=playbook.bullets.updated(erased),
        names=playbook.names,
        sealed=playbook.sealed,
        gated=playbook.gated,
        champion=playbook.champion,
        set_aside=playbook.set_aside,
    )


def _text(bullet: Bullet) -> str:
    return bullet.model_dump_json(exclude_defaults=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
