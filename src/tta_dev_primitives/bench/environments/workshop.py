"""Tasks of a wanted kind, tried before they are given out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .library.draw import Draw
from .pieces.setting import Setting
from .programs import program
from .recipes import Draft, Recipe, draft, needed
from .trial import Trial
from .world import EDITIONS, World

_SHORTEST: Final = 5
"""Characters of an answer that nobody prints by chance."""
_REDRAWS: Final = 6
"""Tries to find parameters with which a task needs what it should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A task whose claims were tried with all data: `informed` passes, all other programs fail."""

    draft: Draft
    families: frozenset[str]
    informed: str
    naive: str
    lacking: Mapping[str, str]
    """Family -> the informed program without what it does about that one."""
    expected: tuple[str, ...]
    """What a correct program prints, by edition."""


class Workshop:
    """Draws tasks for one library and tries them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._trials: Sequence[Trial] = tuple(world.trial(edition) for edition in EDITIONS)

    def make(self, recipe: Recipe, draw: Draw) -> Proven | None:
        """Return a task of this kind that needs what it should, or None if none is found soon."""
        world, words = self._world, self._world.words
        for _ in range(_REDRAWS):
            setting = Setting(
                words=words,
                books=world.books(draw.pick(words.sites), EDITIONS[0]),
                scale=world.scale,
                net="tare" in world.families,
                draw=draw,
            )
            made = self._proven(draft(recipe, setting))
            if made is not None:
                return made
        return None

    def _proven(self, task: Draft) -> Proven | None:
        world = self._world
        quirks = needed(task.recipe, world.quirks)
        expected = tuple(task.expected(world.books(task.site, edition)) for edition in EDITIONS)
        programs = {
            name: program(world.words, task.body, task.helpers, known)
            for name, known in (("informed", quirks), ("naive", ()), ("all", world.quirks))
        }
        lacking = {
            quirk.family: program(
                world.words, task.body, task.helpers, [other for other in quirks if other is not quirk]
            )
            for quirk in quirks
        }
        if len(set(expected)) != len(expected) or any(len(text.strip()) < _SHORTEST for text in expected):
            return None
        for trial, text in zip(self._trials, expected, strict=True):
            if not all(trial.passes(programs[name], text) for name in ("informed", "all")):
                return None
            if any(trial.passes(other, text) for other in (programs["naive"], *lacking.values())):
                return None
        return Proven(
            draft=task,
            families=frozenset(quirk.family for quirk in quirks),
            informed=programs["informed"],
            naive=programs["naive"],
            lacking=lacking,
            expected=expected,
        )
