"""What a piece may look at when its parameters are drawn, and what pieces are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..library.books import Books
from ..library.draw import Draw
from ..words import Words

Codes: TypeAlias = Callable[[Books], list[str]]
Answer: TypeAlias = Callable[[Books, Sequence[str]], list[str]]
"""From the books and the codes in question to the lines to print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The names, the site's books as shown, and the fractions that the unit has (1 if there are none)."""

    words: Words
    books: Books
    scale: int
    net: bool
    """Whether amounts include what items are packed in, so that texts say which is meant."""
    draw: Draw


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the items of a task come from.

    `phrase` fits behind "Take "; `body` are statements that set `codes`, a sorted list. Both have `$role`.
    """

    phrase: str
    body: str
    helpers: tuple[str, ...]
    codes: Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to print about the items; `body` are statements that set `lines` from `codes`."""

    sentence: str
    body: str
    helpers: tuple[str, ...]
    answer: Answer


SourceMaker: TypeAlias = Callable[[Setting], Source]
QuestionMaker: TypeAlias = Callable[[Setting], Question]
