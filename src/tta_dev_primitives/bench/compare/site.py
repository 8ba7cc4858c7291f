"""Site: what one arm is given to work with, and what it hands over: the briefing of its generator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ...ace.options import AceOptions
from ...ace.training.open_run import Means
from .problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How the comparison is done, the same for all arms.

    `in_flight` tasks at once, where an arm allows it; `epochs` of training; at most `attempts` a test task,
    and `probes` before the first of them. `tokens` is the most that may stand in the generator's context, be
    it strategies, a history or a cheat sheet. `options` are the loop's, for training.
    """

    in_flight: int = 4
    epochs: int = 1
    attempts: int = 1
    probes: int = 0
    tokens: int = 8_000
    options: AceOptions = field(default_factory=AceOptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """What stands in the generator's context at test time: a playbook, or a note beside each task.

    `playbook` is an .db or .json file or the folder of a training run; None is the empty one. `options` are
    those that choose from it. `size` is its tokens, all of it.
    """

    options: AceOptions
    playbook: Path | None = None
    note: str = ""
    size: int = 0


def _none() -> Mapping[str, Briefing]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where an arm works. `folder` is its own; `earlier` are the briefings of arms that are done, by name."""

    problem: Problem
    folder: Path
    means: Means
    plan: Plan
    earlier: Mapping[str, Briefing] = field(default_factory=_none)

    @property
    def training(self) -> Path:
        """The folder of its training run."""
        return self.folder / "train"

    @property
    def testing(self) -> Path:
        """The folder of its test run."""
        return self.folder / "test"
