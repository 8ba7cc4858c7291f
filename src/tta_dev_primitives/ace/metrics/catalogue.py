"""Which metrics there are: those of the project's list of success metrics, each with what it means."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from ...core.errors import ConfigurationError
from .effectiveness import error_reduction, performance_gains, strategy_accumulation, success_rate_improvement
from .health import generalization, learning_velocity, persistence, strategy_quality
from .impact import code_quality, development_velocity, knowledge_capture, maintenance_reduction
from .metric import Group, Metric, Reading
from .stored import Stored

Measure: TypeAlias = Callable[[Stored], tuple[Reading, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A metric: its name, its heading, what it says in a line, and how it is measured."""

    name: str
    group: Group
    meaning: str
    measure: Measure

    @property
    def formula(self) -> str:
        """How it is computed: what the function that computes it says of itself."""
        text = (inspect.getdoc(self.measure) or "").removeprefix("Return ")
        return text[:1].upper() + text[1:]

    def of(self, stored: Stored) -> Metric:
        """Return the metric as the stored has it."""
        return Metric(name=self.name, group=self.group, meaning=self.meaning, readings=self.measure(stored))


CATALOGUE: Final = (
    Definition(
        name="Success Rate Improvement",
        group=Group.LEARNING,
        meaning="how much more often the first program is right with strategies than without",
        measure=success_rate_improvement,
    ),
    Definition(
        name="Strategy Accumulation",
        group=Group.LEARNING,
        meaning="how many useful strategies were learned",
        measure=strategy_accumulation,
    ),
    Definition(
        name="Error Reduction",
        group=Group.LEARNING,
        meaning="how much rarer failing programs have become",
        measure=error_reduction,
    ),
    Definition(
        name="Performance Gains",
        group=Group.LEARNING,
        meaning="how much faster programs became, where tasks measure that",
        measure=performance_gains,
    ),
    Definition(
        name="Learning Velocity",
        group=Group.HEALTH,
        meaning="how quickly new strategies are acquired",
        measure=learning_velocity,
    ),
    Definition(
        name="Strategy Quality",
        group=Group.HEALTH,
        meaning="how good the learned strategies are, by evidence and by people",
        measure=strategy_quality,
    ),
    Definition(
        name="Generalization",
        group=Group.HEALTH,
        meaning="whether strategies work on tasks that they were not learned from",
        measure=generalization,
    ),
    Definition(
        name="Persistence",
        group=Group.HEALTH,
        meaning="whether learned strategies remain in use over time",
        measure=persistence,
    ),
    Definition(
        name="Development Velocity",
        group=Group.BUSINESS,
        meaning="how much less a solved task costs late than early",
        measure=development_velocity,
    ),
    Definition(
        name="Code Quality",
        group=Group.BUSINESS,
        meaning="how often programs are right",
        measure=code_quality,
    ),
    Definition(
        name="Maintenance Reduction",
        group=Group.BUSINESS,
        meaning="how little a person has to do by hand",
        measure=maintenance_reduction,
    ),
    Definition(
        name="Knowledge Capture",
        group=Group.BUSINESS,
        meaning="how much of what was learned is kept and used again",
        measure=knowledge_capture,
    ),
)


def measure(stored: Stored) -> tuple[Metric, ...]:
    """Return all metrics, in the order of `CATALOGUE`."""
    return tuple(definition.of(stored) for definition in CATALOGUE)


def definition(name: str) -> Definition:
    """Return the metric of that name, in any case, also without spaces or with hyphens.

    Raises:
        ConfigurationError: there is none.
    """
    found = [one for one in CATALOGUE if _key(one.name) == _key(name)]
    if not found:
        names = ", ".join(one.name for one in CATALOGUE)
        raise ConfigurationError(f"there is no metric {name!r}; there are {names}")
    return found[0]


def _key(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
