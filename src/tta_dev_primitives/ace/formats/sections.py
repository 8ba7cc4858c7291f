"""The headings under which bullets are grouped, ours and those of the paper."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from types import MappingProxyType

from ..bullet import Bullet
from ..content import Kind, clean_line
from ..playbook import Playbook

_TITLES: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.RULE: "RULES",
        Kind.PITFALL: "PITFALLS",
        Kind.SNIPPET: "SNIPPETS",
        Kind.API_FACT: "API FACTS",
        Kind.WORKFLOW: "WORKFLOWS",
        Kind.CHECK: "CHECKS",
    }
)
# The paper's playbooks have sections such as "CODE SNIPPETS & TEMPLATES" or "COMMON MISTAKES TO AVOID".
_WORDS: tuple[tuple[str, Kind], ...] = (
    ("snippet", Kind.SNIPPET),
    ("template", Kind.SNIPPET),
    ("mistake", Kind.PITFALL),
    ("pitfall", Kind.PITFALL),
    ("api", Kind.API_FACT),
    ("workflow", Kind.WORKFLOW),
    ("check", Kind.CHECK),
)
_HEADING = re.compile(r"#{1,6}\s+(?P<title>[^(]*?)\s*(?:\((?P<domain>[^)]*)\))?\s*")


def heading(kind: Kind, domain: str) -> str:
    """Return the heading of a section, such as `## RULES` or `## API FACTS (payments)`."""
    return f"## {_TITLES[kind]}" + ("" if domain == "general" else f" ({clean_line(domain)})")


def section(line: str) -> tuple[Kind, str] | None:
    """Return the kind and domain that a heading stands for, or None if `line` is no heading."""
    match = _HEADING.fullmatch(line)
    if match is None:
        return None
    title = match["title"].lower()
    kind = next((kind for word, kind in _WORDS if word in title), Kind.RULE)
    return kind, match["domain"] or "general"


def sections(playbook: Playbook) -> Iterator[tuple[str, list[Bullet]]]:
    """Yield each heading and its bullets in use: by kind, then domain, then admission."""
    order = {kind: place for place, kind in enumerate(Kind)}
    bullets = sorted(playbook.active, key=lambda bullet: (order[bullet.kind], bullet.domain))
    for (kind, domain), group in groupby(bullets, key=lambda bullet: (bullet.kind, bullet.domain)):
        yield heading(kind, domain), list(group)
