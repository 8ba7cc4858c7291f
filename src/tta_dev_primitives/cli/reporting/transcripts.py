"""Transcripts of a run, taken apart: headings, what is said below them, and blocks of code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_HEADING = re.compile(r"## (.+)")
_FENCE = re.compile(r"(`{3,})(\w*)")
PROSE, OUTPUT = "prose", "text"
"""Forms of a block; any other is a language."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some text; `form` is prose, or what its fence says: text that a program printed, or a language."""

    text: str
    form: str = PROSE


@dataclass(slots=True)
class Chapter:
    """What stands below a heading."""

    title: str
    blocks: list[Block] = field(default_factory=list[Block])


def chapters(transcript: str) -> tuple[Chapter, ...]:
    """Return the chapters of a transcript, without what stands before the first one.

    A fence is as long as nothing in its block is, so what looks like a heading in a program is none.
    """
    found: list[Chapter] = []
    for block in _blocks(transcript.split("\n")):
        heading = _HEADING.fullmatch(block.text) if block.form == PROSE else None
        if heading is not None:
            found.append(Chapter(heading[1]))
        elif found and block.text.strip():
            found[-1].blocks.append(block)
    return tuple(found)


def _blocks(lines: list[str]) -> Iterator[Block]:
    rows: list[str] = []
    rest = iter(lines)
    for line in rest:
        fence = _FENCE.fullmatch(line)
        if fence is None and not _HEADING.fullmatch(line):
            rows.append(line)
            continue
        yield Block("\n".join(rows).strip("\n"))
        rows = []
        yield Block("\n".join(_fenced(rest, fence[1])), fence[2] or OUTPUT) if fence else Block(line)
    yield Block("\n".join(rows).strip("\n"))


def _fenced(rest: Iterator[str], fence: str) -> Iterator[str]:
    for line in rest:
        if line == fence:
            return
        yield line
