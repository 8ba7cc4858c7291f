"""Strategies: how a step reads what was chosen for it; there is nothing without a `Learned` around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ...ace.bullet import Bullet
from ...ace.layout import strategies_section
from ...core.context import WorkflowContext

_KEY: Final = "tta_dev_primitives.strategies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategies:
    """The strategies of one run. `str()` is a section for a prompt, or "" where there are none."""

    bullets: tuple[Bullet, ...] = ()

    def __str__(self) -> str:
        return strategies_section("Strategies", self.bullets)

    def __iter__(self) -> Iterator[Bullet]:
        return iter(self.bullets)

    def __len__(self) -> int:
        return len(self.bullets)


_NONE = Strategies()


def strategies(context: WorkflowContext) -> Strategies:
    """Return what the nearest `Learned` around this step chose for it; none without one.

    Put them into a prompt as they are: they are cleaned and delimited, and written before the input, equal
    ones begin equal prompts.
    """
    chosen = context.metadata.get(_KEY)
    return chosen if isinstance(chosen, Strategies) else _NONE


def with_strategies(context: WorkflowContext, bullets: tuple[Bullet, ...]) -> WorkflowContext:
    """Return the context for a step that gets `bullets`, instead of those of a `Learned` further out."""
    chosen = Strategies(bullets=bullets)
    return replace(context, metadata={**context.metadata, _KEY: chosen})
