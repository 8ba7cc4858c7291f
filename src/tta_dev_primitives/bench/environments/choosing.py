"""Which tasks train and which test: every combination of quirks on one side only, every quirk on both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .library.draw import Draw
from .pieces.setting import Setting
from .programs import program
from .recipes import Draft, Recipe, combinations, draft, needed
from .trial import Trial
from .world import EDITIONS, World

_SHORTEST: Final = 5
"""Characters of an answer that nobody prints by chance."""
_REDRAWS: Final = 6
_ROUNDS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A task whose claims were tried: `informed` passes, without any one of `families` it fails, as does "
    "`naive`."""

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


def choose(world: World, *, train: int, test: int) -> tuple[tuple[Proven, ...], tuple[Proven, ...]]:
    """Return the tasks that train and those that test.

    Raises:
        ValueError: the library has too few combinations for so many tasks.
    """
    workshop = Workshop(world)
    for number in range(_ROUNDS):
        draw = Draw(world.seed, "tasks", number)
        ours, theirs = _split(world.families, draw)
        learned = _picked(world.families, workshop, ours, draw, train)
        held_out = _picked(world.families, workshop, theirs, draw, test)
        if len(learned) == train and len(held_out) == test and _union(learned) == world.families:
            return learned, held_out
    raise ValueError(
        f"seed {world.seed} has no {train} and {test} tasks that share quirks but no combination"
    )


def _split(families: frozenset[str], draw: Draw) -> tuple[list[Recipe], list[Recipe]]:
    """Return recipes whose combinations train, and recipes whose combinations test."""
    possible = combinations(families)
    shuffled = draw.shuffled(sorted(possible, key=sorted))
    half = len(shuffled) // 2
    return (
        [recipe for combination in shuffled[:half] for recipe in possible[combination]],
        [recipe for combination in shuffled[half:] for recipe in possible[combination]],
    )


def _union(tasks: Iterable[Proven]) -> frozenset[str]:
    return frozenset(family for task in tasks for family in task.families)


def _picked(
    families: frozenset[str], workshop: Workshop, recipes: Sequence[Recipe], draw: Draw, count: int
) -> tuple[Proven, ...]:
    """Return up to `count` tasks that differ as much as they can, in which every quirk comes about as "
    "often."""
    left, picked = draw.shuffled(recipes), list[Proven]()
    while left and len(picked) < count:
        best = min(left, key=lambda recipe: _worn(recipe, families, picked))
        left.remove(best)
        made = workshop.make(best, draw)
        if made is not None:
            picked.append(made)
    return tuple(draw.shuffled(picked))


def _worn(recipe: Recipe, families: frozenset[str], picked: Sequence[Proven]) -> tuple[int, float, int]:
    """Return how little a recipe adds: the same combination, quirks that came often, the same question."""
    combination = recipe.families & families
    seen = Counter(family for task in picked for family in task.families)
    others = [task.draft.recipe for task in picked]
    alike = sum((other.question == recipe.question) + (other.source == recipe.source) for other in others)
    same = sum(task.families == combination for task in picked)
    return same, -sum(0.4 ** seen[family] for family in combination), alike
