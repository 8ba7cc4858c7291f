"""The text of a snapshot: a playbook that is quickly read, of which only what is used need be parsed.

The first line says what the playbook is but for its bullets, each further one has a bullet.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from itertools import chain, islice

from pydantic import ValidationError
from rpds import HashTrieMap

from ...core.errors import PlaybookCorrupt
from ..aside import Aside
from ..bullet import Bullet
from ..bullets import Bullets
from ..chunk import Chunk, Summary
from ..events import Gated
from ..playbook import Playbook
from ..value import Value


class _Outline(Value):
    """A playbook without its bullets. `form` is the digest of what a bullet may look like."""

    form: str = ""
    version: int
    head: tuple[int, str] | None
    chunks: tuple[Summary, ...] = ()
    bullets: tuple[Bullet, ...] = ()  # of snapshots before there were chunks
    names: dict[str, str]
    sealed: tuple[str, ...]
    gated: Gated | None = None
    champion: Gated | None = None
    set_aside: tuple[Aside, ...] = ()


def written(playbook: Playbook) -> str:
    """Return `playbook` as text. Chunks of bullets that a snapshot has had are not written out anew."""
    chunks = playbook.bullets.chunks
    outline = _Outline(
        form=_form(),
        version=playbook.version,
        head=playbook.head,
        chunks=tuple(chunk.summary for chunk in chunks),
        names=dict(playbook.names.items()),
        sealed=playbook.sealed,
        gated=playbook.gated,
        champion=playbook.champion,
        set_aside=playbook.set_aside,
    )
    head = outline.model_dump_json(exclude_defaults=True)
    return "\n".join(chain((head,), *(chunk.lines for chunk in chunks)))


def read(text: str, *, whole: bool = False) -> Playbook | None:
    """Return the playbook that was written as `text`, or None if another version of this package wrote it.

    Bullets are parsed when they are first asked for, or now with `whole`, and where bullets may have looked
    different when they were written.
    """
    head, *lines = text.split("\n")
    try:
        outline = _Outline.model_validate_json(head)
        bullets = _bullets(outline, lines)
        if whole or outline.form != _form():
            for chunk in bullets.chunks:
                _ = chunk.bullets
    except (ValidationError, PlaybookCorrupt):
        return None
    return Playbook(
        version=outline.version,
        head=outline.head,
        bullets=bullets,
        names=HashTrieMap(outline.names),
        sealed=outline.sealed,
        gated=outline.gated,
        champion=outline.champion,
        set_aside=outline.set_aside,
    )


def _bullets(outline: _Outline, lines: Sequence[str]) -> Bullets:
    if outline.bullets:
        return Bullets.of(outline.bullets)
    left = iter(lines)
    chunks = [Chunk.written([*islice(left, len(each.ids))], each) for each in outline.chunks]
    if len(lines) != sum(map(len, chunks)) or any(len(each) != len(each.summary.ids) for each in chunks):
        raise PlaybookCorrupt(f"a snapshot has {len(lines)} bullets, and lists others")
    return Bullets.written(chunks)


@cache
def _form() -> str:
    schema = json.dumps(Bullet.model_json_schema(), sort_keys=True)
    return hashlib.sha256(schema.encode()).hexdigest()[:16]
