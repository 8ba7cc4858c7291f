"""From the options of `playbox train` and `playbox eval` to a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from ...ace.options import AceOptions
from ...ace.store.open import DEFAULT
from ...ace.store.place import Place, PlaceName, place_of
from ...ace.task import Task
from ...ace.training.begin import NewRun
from ...ace.training.config import Mode
from ...ace.training.formats.read import read_tasks
from ...ace.training.playbooks import NONE
from ...ace.training.split import Split, split
from ...ace.training.task_set import TaskSet
from ...ace.training.trainer import Plan
from ...core.errors import ConfigurationError
from ...llm.types import LanguageModel, Role
from ...settings import Settings
from ..solving.order import Limits

RUNS: Final = Path("runs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What `playbox train` and `playbox eval` have in common."""

    tasks: Path | None
    form: str | None
    out: Path | None
    in_flight: int
    probes: int
    limit: int | None
    model: str | None
    models: Mapping[str, str | None]
    sandbox: str | None
    limits: Limits

    def read(self) -> TaskSet:
        """Return the tasks.

        Raises:
            ConfigurationError: none are named.
            InvalidTask: they cannot be read.
        """
        if self.tasks is None:
            raise ConfigurationError("name a file of tasks, or a run to go on with: --resume RUN")
        tasks = read_tasks(self.tasks, self.form)
        return tasks if self.limit is None else replace(tasks, tasks=tasks.tasks[: self.limit])

    def folder(self, now: datetime) -> Path:
        """Return where the run goes."""
        stem = self.tasks.stem if self.tasks is not None else "tasks"
        return self.out or RUNS / f"{now:%Y%m%d-%H%M%S}-{stem}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOrder(Asked):
    """One `playbox train`."""

    validation: str
    online: bool
    epochs: int
    window: int
    max_iterations: int | None
    rounds: int
    candidates: int
    certain: bool
    replay_share: float
    seed: int
    playbook: str | None

    def new_run(self, models: Mapping[Role, LanguageModel], settings: Settings) -> NewRun:
        """Return the run to begin.

        Raises:
            ConfigurationError: options do not go together.
            InvalidTask: the tasks cannot be read.
        """
        if self.online and (self.epochs > 1 or self.validation != "0"):
            raise ConfigurationError(
                "--online goes through the tasks once and tests on them; leave out --epochs and --validation"
            )
        options = AceOptions(
            rounds=self.rounds,
            candidates=self.candidates,
            probes=self.probes,
            replay_share=self.replay_share,
            seed=self.seed,
        )
        mode = Mode.ONLINE if self.online else Mode.OFFLINE
        return NewRun(
            source=str(self.tasks),
            tasks=self._split(),
            plan=Plan(mode=mode, epochs=self.epochs, in_flight=self.in_flight, window=self.window),
            models=models,
            sandbox=self.sandbox or settings.sandbox,
            options=replace(options, inclusion=1.0, exploration=0.0, hold_out=0.0)
            if self.certain
            else options,
            playbook=None if self.playbook is None else place_of(self.playbook),
        )

    def _split(self) -> Split:
        tasks = self.read().changed(_with_attempts(self.max_iterations))
        try:
            share = float(self.validation)
        except ValueError:
            return _apart(tasks, read_tasks(Path(self.validation), self.form))
        if not 0 <= share < 1:
            raise ConfigurationError(f"--validation {self.validation} must be a share from 0 to 1, or a file")
        return split(tasks, share, seed=self.seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalOrder(Asked):
    """One `playbox eval`."""

    playbook: str | None
    against: str | None
    max_iterations: int

    def new_run(self, models: Mapping[Role, LanguageModel], settings: Settings) -> NewRun:
        """Return the run to begin.

        Raises:
            InvalidTask: the tasks cannot be read.
        """
        return NewRun(
            source=str(self.tasks),
            tasks=Split(train=self.read().changed(_with_attempts(self.max_iterations))),
            plan=Plan(mode=Mode.EVALUATE, in_flight=self.in_flight),
            models=models,
            sandbox=self.sandbox or settings.sandbox,
            options=AceOptions(probes=self.probes),
            playbook=_place(self.playbook or settings.playbook or DEFAULT),
            compared=self.against is not None,
            against=_place(self.against or NONE),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """A run to go on with; what is not given is as before."""

    folder: Path
    model: str | None
    models: Mapping[str, str | None]
    sandbox: str | None
    limits: Limits


def _with_attempts(most: int | None) -> Callable[[Task], Task]:
    def change(task: Task) -> Task:
        return task if most is None else task.model_copy(update={"max_iterations": most})

    return change


def _apart(train: TaskSet, validation: TaskSet) -> Split:
    both = {task.id for task in train.tasks} & {task.id for task in validation.tasks}
    if both:
        raise ConfigurationError(
            f"{len(both)} tasks are in the training and in the validation set, such as {min(both)!r}; "
            "take them out of one of them"
        )
    return Split(train=train, validation=validation)


def _place(name: PlaceName) -> Place | None:
    return None if name == NONE else place_of(name)
