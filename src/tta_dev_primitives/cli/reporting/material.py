"""Material: everything that a report is made of, read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from ...ace.bullet import Bullet
from ...ace.episode import Episode
from ...ace.evidence.belief import Belief
from ...ace.playbook import Playbook
from ...ace.statistics import Estimate, wilson
from ...ace.training.result import Phase, TaskResult
from ...ace.why import Archive
from ...bench.compare.report import ArmReport
from ...llm.types import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A task that was done: its result, and what is kept of how it went; "" or None where nothing is."""

    result: TaskResult
    episode: Episode | None = None
    transcript: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Tasks that belong together, in order: an epoch of training, a validation, one side of a comparison.

    `after` is how many tasks had been learned from before the first of them.
    """

    title: str
    phase: Phase
    tasks: tuple[Done, ...]
    after: int = 0

    @property
    def results(self) -> tuple[TaskResult, ...]:
        """The results of the tasks."""
        return tuple(task.result for task in self.tasks)

    @property
    def first_try(self) -> Estimate:
        """The share of the tasks, at least one, that the first program solved."""
        return first_try(self.results)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The same tasks done in several ways, the first being what the others are compared with.

    `chosen` is the one that the report is about. `of` says what tasks these are; `caveat` what one must know
    to read the figures rightly, if anything.
    """

    groups: tuple[Group, ...]
    chosen: Group
    of: str
    caveat: str = ""

    @property
    def reference(self) -> Group:
        """What the others are compared with."""
        return self.groups[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A playbook as it was, and what it is called in the report."""

    name: str
    playbook: Playbook


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmCost:
    """What an arm of a comparison came to and cost, and what it is called."""

    title: str
    report: ArmReport


def _nothing() -> Mapping[str, float]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)  # no slots: the cached views below live in the instance's __dict__
class Material:
    """A run, a comparison, or a playbook alone.

    `name` is what it is called, `facts` are what it was done with, by name; `stopped` says why it is not
    finished, "" if it is. `groups` are all tasks that were done, in the order in which they were. `sides` are
    there if there is something to compare, and `arms` is what each arm of a comparison cost. `archive` is the
    playbook with all that led to it, `versions` are those to compare, oldest first. `reuse` is the share of
    each task's first prompt that is equal, from its beginning, to the one before, by task. `paid` is what all
    answers of a run cost, also those asked between its tasks: replays, merging; nothing where only tasks ask.
    """

    name: str
    facts: Mapping[str, str]
    groups: tuple[Group, ...]
    archive: Archive
    versions: tuple[Version, ...]
    sides: Sides | None = None
    stopped: str = ""
    arms: tuple[ArmCost, ...] = ()
    reuse: Mapping[str, float] = field(default_factory=_nothing)
    paid: Usage = field(default_factory=Usage)

    @property
    def playbook(self) -> Playbook:
        """The playbook at the end."""
        return self.archive.playbook

    @cached_property
    def done(self) -> tuple[Done, ...]:
        """All tasks that were done."""
        return tuple(task for group in self.groups for task in group.tasks)

    @cached_property
    def training(self) -> tuple[TaskResult, ...]:
        """The results of tasks that were learned from."""
        return tuple(one.result for one in self.done if one.result.phase is Phase.TRAIN)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where in `done` each episode is, by its id."""
        return {one.episode.id: place for place, one in enumerate(self.done) if one.episode}

    def belief(self, bullet: Bullet) -> Belief:
        """Return what runs and replays say of a strategy."""
        return self.archive.beliefs.of(bullet.id)

    def taught(self, episode: Episode) -> Sequence[Bullet]:
        """Return the strategies that an episode added, as they are now."""
        found = (self.playbook.bullets.get(name) for name in episode.added)
        return [bullet for bullet in found if bullet is not None]


def first_try(results: Sequence[TaskResult]) -> Estimate:
    """Return the share of the results, at least one, that the first program solved, with its interval."""
    return wilson(sum(result.first_try for result in results), len(results))


def task_anchor(place: int) -> str:
    """Return the anchor of the task at `place` in all that were done."""
    return f"task-{place + 1}"
