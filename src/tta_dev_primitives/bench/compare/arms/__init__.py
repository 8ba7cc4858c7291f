"""The arms, each a file: how it trains, and what stands in its generator's context at test time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from ....core.context import WorkflowContext
from ..site import Briefing, Site
from . import ace_faithful, cheatsheet, gold, history, learned, none, placebo

Train: TypeAlias = Callable[[Site, WorkflowContext], Awaitable[Briefing]]
"""Learns from the training tasks, and returns what the generator gets. May be done again after a kill."""

ARMS: Final[Mapping[str, Train]] = MappingProxyType(
    {
        "none": none.train,
        "learned": learned.train,
        "ace_faithful": ace_faithful.train,
        "history": history.train,
        "cheatsheet": cheatsheet.train,
        "placebo": placebo.train,
        "gold": gold.train,
    }
)
"""By name, in the order in which they are done: the placebo is made as large as what was learned."""
