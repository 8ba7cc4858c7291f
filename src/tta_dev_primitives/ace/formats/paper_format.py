"""The paper's text form, `[str-00017] helpful=3 harmful=1 :: content`. Source: ACE, arXiv 2510.04618.

Further lines of a snippet are indented by four spaces. Triggers, neutral counts and provenance are not in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..bullet import Bullet
from ..content import Kind
from ..delta import ImportBullet
from ..playbook import Playbook
from .imported import Imported, Skipped, bullet_fault, shown_content
from .sections import section, sections

_LINE = re.compile(
    r"\[(?P<id>[^\]]*)\] *helpful=(?P<helpful>\d{1,9}) +harmful=(?P<harmful>\d{1,9}) *:: ?(?P<content>.*)"
)
_INDENT = "    "
_SHOWN_CHARS = 80


def to_text(playbook: Playbook) -> str:
    """Return the bullets in use, grouped under headings."""
    blocks = ("\n".join([title, *map(_written, bullets)]) for title, bullets in sections(playbook))
    return "\n\n".join(blocks) + "\n"


def from_text(text: str) -> Imported:
    """Return the bullets of a text of `to_text` or of the paper's own playbooks."""
    bullets: list[ImportBullet] = []
    skipped: list[Skipped] = []
    for item in _items(text):
        read = _read(item)
        fault = bullet_fault(read) if isinstance(read, ImportBullet) else None
        if isinstance(read, ImportBullet) and fault is None:
            bullets.append(read)
        else:
            reason = fault or "it is neither a heading nor `[id] helpful=0 harmful=0 :: content`"
            shown = item.lines[0][:_SHOWN_CHARS]
            skipped.append(Skipped(place=f"line {item.number}", text=shown, reason=reason))
    return Imported(bullets=tuple(bullets), skipped=tuple(skipped))


@dataclass(slots=True, kw_only=True)
class _Item:
    number: int
    kind: Kind
    domain: str
    lines: list[str]


def _items(text: str) -> Iterator[_Item]:
    """Yield what stands between headings, each line with the indented and blank ones that follow it."""
    kind, domain, item = Kind.RULE, "general", None
    for number, line in enumerate(text.split("\n"), start=1):
        if item is not None and (line.startswith(_INDENT) or not line.strip()):
            item.lines.append(line.removeprefix(_INDENT))
            continue
        if item is not None:
            yield item
        found = section(line)
        kind, domain = found or (kind, domain)
        blank = found is not None or not line.strip()
        item = None if blank else _Item(number=number, kind=kind, domain=domain, lines=[line])
    if item is not None:
        yield item


def _read(item: _Item) -> ImportBullet | None:
    match = _LINE.fullmatch(item.lines[0])
    if match is None:
        return None
    return ImportBullet(
        kind=item.kind,
        domain=item.domain,
        content="\n".join([match["content"], *item.lines[1:]]).rstrip(),
        helpful=int(match["helpful"]),
        harmful=int(match["harmful"]),
    )


def _written(bullet: Bullet) -> str:
    content = shown_content(bullet).replace("\n", f"\n{_INDENT}")
    return f"[{bullet.alias}] helpful={bullet.helpful} harmful={bullet.harmful} :: {content}"
