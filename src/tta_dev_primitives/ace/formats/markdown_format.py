"""Markdown for people: a list under each heading, code in fences. It can be edited and read back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..bullet import Bullet
from ..content import Kind
from ..delta import ImportBullet
from ..playbook import Playbook
from .imported import Imported, Skipped, bullet_fault, shown_content
from .sections import section, sections

_COUNTS = r"(?: \((?P<helpful>\d{1,9}) helpful, (?P<harmful>\d{1,9}) harmful\))?"
_ITEM = re.compile(r"- (?:\*\*(?P<alias>str-\d+)\*\*" + _COUNTS + r": ?)?(?P<content>.*)")
_FENCE = re.compile(r" {0,3}(?P<ticks>`{3,})\w*")
_TITLE = "# Playbook"
_SHOWN_CHARS = 80
_SHORTEST_FENCE = 3


def to_markdown(playbook: Playbook) -> str:
    """Return the bullets in use as a markdown document."""
    blocks = ("\n".join([title, "", *map(_written, bullets)]) for title, bullets in sections(playbook))
    return "\n\n".join([_TITLE, *blocks]) + "\n"


def from_markdown(text: str) -> Imported:
    """Return the list items of a document of `to_markdown`, or of one written in its way by hand."""
    bullets: list[ImportBullet] = []
    skipped: list[Skipped] = []
    for item in _items(text.split("\n")):
        read = _read(item)
        fault = "it is no list item `- text`" if read is None else bullet_fault(read)
        if read is not None and fault is None:
            bullets.append(read)
        else:
            shown = item.line[:_SHOWN_CHARS]
            skipped.append(Skipped(place=f"line {item.number}", text=shown, reason=fault or ""))
    return Imported(bullets=tuple(bullets), skipped=tuple(skipped))


@dataclass(slots=True, kw_only=True)
class _Item:
    number: int
    kind: Kind
    domain: str
    line: str
    code: str | None = None


def _items(lines: Sequence[str]) -> Iterator[_Item]:
    kind, domain = Kind.RULE, "general"
    item: _Item | None = None
    numbered = iter(enumerate(lines, start=1))
    for number, line in numbered:
        fence = _FENCE.fullmatch(line)
        if fence is not None and item is not None:
            item.code = "\n".join(_fenced(numbered, fence["ticks"]))
        elif line.strip():
            if item is not None:
                yield item
            found = section(line)
            kind, domain = found or (kind, domain)
            item = None if found else _Item(number=number, kind=kind, domain=domain, line=line)
    if item is not None:
        yield item


def _fenced(numbered: Iterator[tuple[int, str]], ticks: str) -> Iterator[str]:
    for _, line in numbered:
        if line.strip() == ticks:
            return
        yield line


def _read(item: _Item) -> ImportBullet | None:
    match = _ITEM.fullmatch(item.line)
    if match is None:
        return None
    return ImportBullet(
        kind=item.kind,
        domain=item.domain,
        content=match["content"] if item.code is None else item.code,
        helpful=int(match["helpful"] or 0),
        harmful=int(match["harmful"] or 0),
    )


def _written(bullet: Bullet) -> str:
    start = f"- **{bullet.alias}** ({bullet.helpful} helpful, {bullet.harmful} harmful):"
    content = shown_content(bullet)
    if bullet.kind is not Kind.SNIPPET:
        return f"{start} {content}"
    ticks = "`" * max(_SHORTEST_FENCE, _longest_ticks(content) + 1)
    return f"{start}\n\n{ticks}\n{content}\n{ticks}\n"


def _longest_ticks(content: str) -> int:
    return max(map(len, re.findall("`+", content)), default=0)
