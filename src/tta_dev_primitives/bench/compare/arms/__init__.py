"""The arms, each a file: how it trains, and what stands in its generator's context at test time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from ....core.context import WorkflowContext
from ..site import Briefing, Site
from . import ace_faithful, cheatsheet, gold, history, learned, none, placebo

Train: TypeAlias = Callable[[Site, WorkflowContext], Awaitable[Briefing]]
"""Learns from the training tasks, and returns what the generator gets. May be done again after a kill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One arm; `title` is for people."""

    name: str
    title: str
    train: Train


_TABLE: Final = (
    Arm(name="none", title="no playbook", train=none.train),
    Arm(name="learned", title="learned playbook", train=learned.train),
    Arm(name="ace_faithful", title="ACE as published", train=ace_faithful.train),
    Arm(name="history", title="raw history in context", train=history.train),
    Arm(name="cheatsheet", title="cheat sheet, rewritten whole", train=cheatsheet.train),
    Arm(name="placebo", title="strategies of other tasks", train=placebo.train),
    Arm(name="gold", title="true strategies", train=gold.train),
)

ARMS: Final[Mapping[str, Arm]] = MappingProxyType({arm.name: arm for arm in _TABLE})
"""By name, in the order in which they are done: the placebo is made as large as what was learned."""
