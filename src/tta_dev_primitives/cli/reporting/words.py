"""Changes of a sentence, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from .markup import Element, el

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


def word_changes(old: str, new: str) -> Iterator[Element | str]:
    """Yield the new text with what was left out and what was put in marked."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    for kind, a, b, c, d in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        gone, come = "".join(before[a:b]), "".join(after[c:d])
        if kind == "equal":
            yield come
            continue
        if gone:
            yield el("del", gone)
        if come:
            yield el("ins", come)
