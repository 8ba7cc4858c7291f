"""Which tasks train and which test: every combination of quirks on one side only, every quirk on both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ...core.errors import ConfigurationError
from .library.draw import Draw
from .planning import Combination, plan
from .recipes import Recipe, combinations
from .workshop import Proven, Workshop
from .world import World

_REPLANS: Final = 12


def choose(world: World, *, train: int, test: int) -> tuple[tuple[Proven, ...], tuple[Proven, ...]]:
    """Return the tasks that train and those that test.

    Raises:
        ConfigurationError: the library has too few combinations for so many tasks.
    """
    workshop, possible = Workshop(world), dict(combinations(world.families))
    for number in range(_REPLANS):
        draw = Draw(world.seed, "tasks", number)
        planned = plan(tuple(possible), draw, train=train, test=test)
        if planned is None:
            break
        chosen = _Chosen(workshop, possible, draw)
        learned, held_out = chosen.tasks(planned.train), chosen.tasks(planned.test)
        if chosen.impossible is None:
            return learned, held_out
        del possible[chosen.impossible]
    raise ConfigurationError(
        f"the library of seed {world.seed} has no {train} tasks to train and {test} to test that share "
        "quirks but no combination of them; take fewer tasks or another seed"
    )


class _Chosen:
    """Tasks for combinations; `impossible` is the first one that has none."""

    def __init__(
        self, workshop: Workshop, possible: Mapping[Combination, Sequence[Recipe]], draw: Draw
    ) -> None:
        self.impossible: Combination | None = None
        self._workshop, self._possible, self._draw = workshop, possible, draw
        self._used: list[Recipe] = []

    def tasks(self, wanted: Sequence[Combination]) -> tuple[Proven, ...]:
        """Return a task for each, as long as there is one."""
        found: list[Proven] = []
        for combination in wanted:
            task = self._task(combination) if self.impossible is None else None
            if task is None:
                self.impossible = self.impossible or combination
                break
            found.append(task)
        return tuple(found)

    def _task(self, combination: Combination) -> Proven | None:
        for recipe in sorted(self._draw.shuffled(self._possible[combination]), key=self._worn):
            task = self._workshop.make(recipe, self._draw)
            if task is not None:
                self._used.append(recipe)
                return task
        return None

    def _worn(self, recipe: Recipe) -> int:
        """Return how much a recipe resembles those that were used."""
        return sum((one.question == recipe.question) + (one.source == recipe.source) for one in self._used)
