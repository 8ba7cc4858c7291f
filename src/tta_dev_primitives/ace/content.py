"""What the text of a bullet may look like: no hidden characters, bounded, one line unless a snippet."""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from enum import StrEnum

from .hygiene import redact_lesson, visible

LINE_TOKENS = 120
"""Most tokens of a bullet that is no snippet: two or three sentences."""
SNIPPET_LINES = 60
"""Most lines of a snippet."""
SNIPPET_TOKENS = 1_200
"""Most tokens of a snippet: 60 lines of 80 columns."""
REASON_CHARS = 200
_RAW_CHARS = 20_000  # four times the longest content that could pass: longer text is not even cleaned
_BYTES_PER_TOKEN = 4  # English and code average about four bytes a token in the common tokenizers
ERASED = re.compile(r"erased:[0-9a-z-]{1,80}")
"""What stands where a text was erased; see `erasure`."""
_DOMAIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


class Kind(StrEnum):
    """What sort of strategy a bullet is."""

    RULE = "rule"
    PITFALL = "pitfall"
    SNIPPET = "snippet"
    API_FACT = "api_fact"
    WORKFLOW = "workflow"
    CHECK = "check"


def tokens(text: str) -> int:
    """Return an estimate of the tokens of `text` that needs no tokenizer and never varies."""
    return math.ceil(len(text.encode("utf-8", "replace")) / _BYTES_PER_TOKEN)


def clean_line(text: str) -> str:
    """Return `text` as one NFC line without hidden characters, keys and personal data, each gap one space."""
    return redact_lesson(" ".join(visible(" ".join(text.split())).split()))


def clean_content(kind: Kind, content: str) -> str:
    """Return `content` as it is stored. Idempotent; only snippets keep line breaks and indentation."""
    if kind is not Kind.SNIPPET:
        return clean_line(content)
    lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    shown = [visible(line).rstrip() for line in lines]
    while shown and not shown[0]:
        del shown[0]
    while shown and not shown[-1]:
        del shown[-1]
    return redact_lesson("\n".join(shown))


def clean_reason(reason: str) -> str:
    """Return `reason` as one line of at most `REASON_CHARS` characters."""
    line = clean_line(reason[:_RAW_CHARS])
    return line if len(line) <= REASON_CHARS else line[: REASON_CHARS - 1].rstrip() + "…"


def content_fault(kind: Kind, content: str) -> str | None:
    """Return why `content` cannot be a bullet of this kind, or None if it can."""
    if len(content) > _RAW_CHARS:
        return f"content has {len(content)} characters, more than any bullet may have"
    cleaned = clean_content(kind, content)
    if not cleaned or ERASED.fullmatch(cleaned):
        return f"content {cleaned!r} reads as an erased one" if cleaned else "content is empty"
    if kind is Kind.SNIPPET:
        return _snippet_fault(cleaned)
    if len(content.strip().splitlines()) > 1:
        return f"content of a {kind} must be one line; only snippets have more"
    if tokens(cleaned) > LINE_TOKENS:
        return f"content has about {tokens(cleaned)} tokens, a {kind} may have {LINE_TOKENS}"
    return None


def domain_fault(domain: str) -> str | None:
    """Return why `domain` is no slug, or None if it is one."""
    if _DOMAIN.fullmatch(domain):
        return None
    return f"domain {domain[:60]!r} is no slug of up to 40 characters a-z, 0-9, '.', '_', '-'"


def bullet_id(domain: str, kind: Kind, content: str) -> str:
    """Return the id of this lesson: equal for the same lesson wherever and by whomever it is learned.

    Prose is compared without regard to case and spacing; code is not, as both carry meaning there.
    """
    cleaned = clean_content(kind, content)
    if kind is not Kind.SNIPPET:
        cleaned = unicodedata.normalize("NFC", cleaned.casefold())
    canonical = json.dumps([domain, kind.value, cleaned])
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def _snippet_fault(cleaned: str) -> str | None:
    lines = cleaned.count("\n") + 1
    if lines > SNIPPET_LINES:
        return f"snippet has {lines} lines, at most {SNIPPET_LINES} are kept"
    if tokens(cleaned) > SNIPPET_TOKENS:
        return f"snippet has about {tokens(cleaned)} tokens, at most {SNIPPET_TOKENS} are kept"
    return None
