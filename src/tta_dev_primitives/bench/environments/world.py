"""One invented library: its names, its quirks, and everything that is made of them but the tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from .artefact import build
from .documentation import document
from .facade import Facade
from .facade_text import ARGUMENTS
from .families import FAMILIES, Quirk
from .library.books import Books, BookSpec
from .library.draw import Draw
from .library.opening import LibrarySpec
from .recipes import combinations, operations
from .trial import Trial
from .words import Words, draw_words

EDITIONS: Final = (1, 2)
"""The data that is shown, and that of the hidden check."""
_NATIVE: Final[Mapping[str, str]] = {
    "no text": "{name} must be a string, not {value!r}",
    "no number": "{name} must be a whole number, not {value!r}",
    "no texts": "{name} must be a list of strings, not {value!r}",
    "no day": "{value!r} is not a day in ISO form",
    "no page": "there is no page {value!r}",
    "no item": "no $item {value!r}",
    "no zone": "no $zone {value!r}",
    "no site": "no $site {value!r}; there are {known}",
    "not whole": "$amount {value!r} is not whole",
    "too much": "cannot withdraw {value!r}: the $item does not hold so much",
    "bad call": "an argument cannot be read",
}


@dataclass(frozen=True, kw_only=True)
class World:
    """A library as it was drawn; `quirks` are in the order of `FAMILIES`."""

    seed: int
    words: Words
    quirks: tuple[Quirk, ...]

    @cached_property
    def families(self) -> frozenset[str]:
        """The names of the families of its quirks."""
        return frozenset(quirk.family for quirk in self.quirks)

    @cached_property
    def operations(self) -> tuple[str, ...]:
        """The documented operations by their internal names, without connect and close."""
        return operations(self.families)

    @cached_property
    def documentation(self) -> str:
        """The public documentation."""
        return document(self.words, self.operations, self.families)

    @cached_property
    def facade(self) -> Facade:
        """The public half of the library."""
        return Facade(self.words, self.operations, self.quirks)

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The wording of every message."""
        own = {key: self.words.fill(text) for key, text in _NATIVE.items()}
        return own | {key: text for quirk in self.quirks for key, text in quirk.messages.items()}

    @property
    def scale(self) -> int:
        """How many of the smallest unit the unit has."""
        scales = [quirk.parameters["scale"] for quirk in self.quirks if quirk.family == "units"]
        return int(str(scales[0])) if scales else 1

    def spec(self, edition: int) -> LibrarySpec:
        """Return what the engine needs."""
        rules = {family.name: family.rule.__name__ for family in FAMILIES}
        methods = [method for quirk in self.quirks for method in quirk.methods]
        own = {method.role: list(method.arguments) for method in methods} | {"finish": ["number"]}
        return LibrarySpec(
            name=self.words.names["library"],
            sites=list(self.words.sites),
            books=self._book_spec(edition),
            rules=[(rules[quirk.family], dict(quirk.parameters)) for quirk in self.quirks],
            operations=list(self.facade.operations),
            errors=list(self.facade.errors),
            arguments={name: list(given) for name, given in ARGUMENTS.items()} | own,
            attributes={fact: name for quirk in self.quirks for fact, name in quirk.attributes.items()},
        )

    def _book_spec(self, edition: int) -> BookSpec:
        chosen = [quirk.parameters["chosen"] for quirk in self.quirks if quirk.family == "corrected"]
        return BookSpec(
            seed=self.seed,
            edition=edition,
            kinds=list(self.words.kinds),
            grades=list(self.words.grades),
            zones=list(self.words.zones),
            page_size=Draw(self.seed, "page size").between(5, 7),
            corrected=[int(part) for part in chosen[0]] if chosen and isinstance(chosen[0], list) else [],
            missing="sentinel" in self.families,
        )

    def books(self, site: str, edition: int) -> Books:
        """Return the books of a site."""
        return Books(site, self._book_spec(edition))

    def files(self, edition: int) -> Mapping[str, bytes]:
        """Return what stands beside a program in the sandbox: path -> content."""
        titles = {role: self.words.names[role] for role in ("library", "Library", "sites")}
        return build(self.facade.source, self.spec(edition), self.texts, titles)

    def trial(self, edition: int) -> Trial:
        """Return the library for programs of ours, in this process."""
        return Trial(self.facade.source, self.spec(edition), self.texts)


def draw_world(seed: int) -> World:
    """Return the library of a seed: 8 to 12 quirks of different families."""
    draw = Draw(seed, "world")
    words = draw_words(draw)
    chosen = _draw_families(draw)
    quirks = tuple(family.make(draw, words) for family in FAMILIES if family.name in chosen)
    return World(seed=seed, words=words, quirks=quirks)


_AT_MOST: Final = (
    (2, frozenset({"day form", "window", "unfinished"})),
    (2, frozenset({"key form", "credits", "complement"})),
    (2, frozenset({"settled", "reserved", "check letter"})),
    (2, frozenset({"held", "check letter", "tare"})),
)
"""So many of these at most, or every task of an operation would need more than three quirks."""
_COMBINATIONS: Final = 17
"""So many different combinations at least, for twice eight tasks."""
_WITHOUT_NOTES: Final = 2
"""So many fifths of the libraries take no notes; nearly all would, as a note goes with any task."""
_EACH: Final = 3
"""Every quirk is in so many of them at least, to be trained twice and tested."""


def _draw_families(draw: Draw) -> frozenset[str]:
    names = [family.name for family in FAMILIES]
    if draw.below(5) < _WITHOUT_NOTES:
        names.remove("checksum")
    while True:
        chosen = frozenset(draw.some(names, draw.between(8, 12)))
        if any(len(chosen & group) > most for most, group in _AT_MOST):
            continue
        if "window" in chosen and "day form" not in chosen:
            continue  # days in a plain form can be filtered by anybody who distrusts the library
        possible = combinations(chosen)
        often = all(sum(family in one for one in possible) >= _EACH for family in chosen)
        if len(possible) >= _COMBINATIONS and often:
            return chosen
