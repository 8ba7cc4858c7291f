"""Notes: what arms without a playbook put beside each task, kept so that it is made once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ...ace.content import tokens
from ...ace.hygiene import cap, clean, code_block, data_block, redact
from ...ace.training.solving import Solved
from ...core.secrets import Secrets
from .site import Briefing, Site

_MOST_CODE: Final = 12_000
NOTE: Final = "note.md"
"""In the folder of an arm."""


def kept(site: Site) -> Briefing | None:
    """Return the briefing with the note that is kept at `site`, or None if there is none yet."""
    file = site.folder / NOTE
    return _briefing(site, file.read_text(encoding="utf-8")) if file.is_file() else None


def keep(site: Site, note: str) -> Briefing:
    """Keep `note` and return the briefing with it: nothing is trained here any more."""
    (site.folder / NOTE).write_text(note, encoding="utf-8")
    return _briefing(site, note)


def told(solved: Solved, secrets: Secrets) -> str:
    """Return what happened in a task: what was asked, each program, and its real result; no secret."""
    parts = [clean(secrets.hide(solved.task.task.strip()))]
    for attempt in solved.run.without(secrets).attempts if solved.run else ():
        parts.append(f"Program {attempt.number}: {attempt.verdict.kind.replace('_', ' ')}")
        parts.append(code_block(cap(redact(clean(attempt.code)), _MOST_CODE)))
        parts.append(data_block("result", attempt.verdict.feedback))
    return "\n".join(parts)


def latest(texts: Sequence[str], most: int) -> list[str]:
    """Return the last of `texts`, latest first, as many as make no more than `most` tokens."""
    chosen, left = list[str](), most
    for text in reversed(texts):
        left -= tokens(text)
        if left < 0:
            break
        chosen.append(text)
    return chosen


def _briefing(site: Site, note: str) -> Briefing:
    return Briefing(options=site.plan.options, note=note, size=tokens(note))
