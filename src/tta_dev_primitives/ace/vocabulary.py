"""Vocabulary: the words of a domain, by which its strategies are found again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .bullet import Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What makes strategies of a domain relevant: libraries, names of errors, and other words.

    A lesson that is learned in the domain gets those entries in its trigger that its task or the lesson
    itself mentions, so that it is found by them even where the model named none.
    """

    libraries: tuple[str, ...] = ()
    error_signatures: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()

    def found_in(self, text: str) -> Trigger:
        """Return the entries that `text` mentions, regardless of case, not within another word."""
        lower = text.lower()
        return Trigger(
            libraries=_mentioned(self.libraries, lower),
            error_signatures=_mentioned(self.error_signatures, lower),
            keywords=_mentioned(self.keywords, lower),
        )


NO_VOCABULARY: Final = Vocabulary()


def mentions(text: str, name: str) -> bool:
    """Tell whether `text` has `name` by itself, not within another word; both in lower case."""
    if name not in text:  # quick, and almost always so
        return False
    return re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", text) is not None


def _mentioned(names: Iterable[str], text: str) -> tuple[str, ...]:
    return tuple(name for name in names if mentions(text, name.lower()))
