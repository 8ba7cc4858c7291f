"""Every kind of task: a source, a question and how the answer is handed in; and the quirks it should need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .families import Quirk
from .library.books import Books
from .pieces.movements import MOVEMENTS
from .pieces.questions import QUESTIONS
from .pieces.setting import Question, Setting, Source
from .pieces.sources import SOURCES

_LISTED: Final = frozenset({"pages", "overlap"})
_FOUND: Final = frozenset({"key form", "credits", "complement"})
_PERIOD: Final = frozenset({"day form", "window", "unfinished"})
_LOOK: Final = frozenset({"held", "check letter"})
_BATCH: Final = frozenset({"batch", "check letter"})
_AMOUNT: Final = frozenset({"units", "tare"})
_FROM: Final[Mapping[str, frozenset[str]]] = {
    "named": frozenset(),
    "named few": frozenset(),
    "kind": _LISTED,
    "slots": _LISTED,
    "zone": _FOUND,
    "moved": _PERIOD,
    "zone, moved": _FOUND | _PERIOD,
    "moved, slots": _PERIOD | _LISTED,
    "zone, slots": _FOUND | _LISTED,
    "largest": _PERIOD - {"window"} | {"corrected"},
}
_ASKED: Final[Mapping[str, frozenset[str]]] = {
    "kinds": frozenset(),
    "grades": _LOOK,
    "grade of each": _LOOK,
    "flags": _LOOK | {"status"},
    "contents": _LOOK | _AMOUNT,
    "fullest": _LOOK | _AMOUNT,
    "rating of each": _BATCH,
    "ratings in all": _BATCH,
    "best rated": _BATCH,
    "sum": frozenset({"check letter", "sentinel"}),
    "extremes": frozenset({"check letter", "sentinel"}),
    "change": frozenset({"check letter", "order"}),
    "withdrawal": _LOOK | {"settled", "reserved", "units"},
    "emptied": _LOOK | {"settled", "reserved", "tare"},
    "ways": _PERIOD,
    "busiest": _PERIOD,
    "balance": _PERIOD | {"corrected", "units"},
    "total": _PERIOD | {"corrected", "units"},
    "largest": _PERIOD | {"corrected"},
}
_OPERATIONS: Final[Mapping[str, frozenset[str]]] = {
    "ratings": frozenset({"batch"}),
    "events": _PERIOD | {"corrected"},
    "find": _FOUND,
    "readings": frozenset({"sentinel", "order"}),
    "withdraw": frozenset({"settled", "reserved"}),
    "post": frozenset({"checksum"}),
}
_SIZES: Final = (2, 3)
"""How many quirks a task needs."""
_RATED: Final = ("rating of each", "ratings in all", "best rated")
_WITHDRAWALS: Final = ("withdrawal", "emptied")
_MANY: Final = ("named", "kind", "slots", "zone", "moved")
_HANDED_IN: Final = (
    " Then leave the same as a note, its lines, if there are several, joined by semicolons without spaces, "
    "and print the number of the note on a line of its own."
)


def operations(families: frozenset[str]) -> tuple[str, ...]:
    """Return the operations of a library with these quirks: those that no quirk touches are not offered."""
    return ("list", "look", *(name for name, touched in _OPERATIONS.items() if touched & families))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A kind of task. `source` is "" where the question is about movements themselves."""

    source: str
    question: str
    noted: bool

    @property
    def families(self) -> frozenset[str]:
        """The families whose quirks a task of this kind should need, where a library has them."""
        asked = _ASKED[self.question]
        if self.source == "largest":  # one item, so no look-up is one too many
            asked -= {"held"}
        found = _FROM.get(self.source, frozenset()) | asked
        return found | {"checksum"} if self.noted else found

    def offered(self, offered: Sequence[str]) -> bool:
        """Return whether a library with these operations can do it."""
        needed = {
            "find": "zone" in self.source,
            "events": not self.source or "moved" in self.source or self.source == "largest",
            "ratings": self.question in _RATED,
            "readings": self.question in ("sum", "extremes", "change"),
            "withdraw": self.question in _WITHDRAWALS,
            "post": self.noted,
        }
        return all(name in offered for name, wanted in needed.items() if wanted)


def _fits(source: str, question: str) -> bool:
    """Return whether the question makes sense for so many items."""
    if question in _WITHDRAWALS:
        return source == "named few" or (source, question) == ("largest", "withdrawal")
    if question == "kinds":
        return source == "zone"
    if source == "largest":
        return question in ("grade of each", "sum", "change", "contents")
    if ", " in source:  # few or none at all
        return question in (*_RATED, "sum", "change")
    return source in _MANY


RECIPES: Final = tuple(
    Recipe(source=source, question=question, noted=noted)
    for noted in (False, True)
    for source in ("", *SOURCES)
    for question in (MOVEMENTS if source == "" else QUESTIONS)
    if source == "" or _fits(source, question)
)


def combinations(families: frozenset[str]) -> Mapping[frozenset[str], tuple[Recipe, ...]]:
    """Return what quirks tasks of a library with these families can need together, with the recipes."""
    offered, found = operations(families), dict[frozenset[str], tuple[Recipe, ...]]()
    for recipe in RECIPES:
        combination = recipe.families & families
        if recipe.offered(offered) and len(combination) in _SIZES:
            found[combination] = (*found.get(combination, ()), recipe)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A task with its parameters drawn: the words, the body of a program, and how to find the answer."""

    recipe: Recipe
    site: str
    text: str
    body: str
    helpers: frozenset[str]
    source: Source | None
    question: Question

    def expected(self, books: Books) -> str:
        """Return what a correct program prints; withdraws from `books` what the task withdraws."""
        lines = self.question.answer(books, self.source.codes(books) if self.source else ())
        if self.recipe.noted:
            lines = [*lines, str(books.ticket(";".join(lines)))]
        return "".join(f"{line}\n" for line in lines)


def draft(recipe: Recipe, setting: Setting) -> Draft:
    """Return a task of this kind at the site whose books are given."""
    source = SOURCES[recipe.source](setting) if recipe.source else None
    question = (QUESTIONS if source else MOVEMENTS)[recipe.question](setting)
    opening = setting.words.fill(f"Take {source.phrase}".removesuffix(",") + ". ") if source else ""
    ending = "print('\\n'.join(lines))\n" + (
        "print(post(session, ';'.join(lines)))\n" if recipe.noted else ""
    )
    site = setting.books.name
    body = f'with {setting.words.names["library"]}.connect("{site}") as session:\n'
    return Draft(
        recipe=recipe,
        site=site,
        text=opening + question.sentence + (_HANDED_IN if recipe.noted else ""),
        body=body + (setting.words.fill(source.body) if source else "") + question.body + ending,
        helpers=frozenset(
            {*(source.helpers if source else ()), *question.helpers, *(("post",) if recipe.noted else ())}
        ),
        source=source,
        question=question,
    )


def needed(recipe: Recipe, quirks: Sequence[Quirk]) -> tuple[Quirk, ...]:
    """Return the quirks of a library that a task of this kind should need."""
    return tuple(quirk for quirk in quirks if quirk.family in recipe.families)
