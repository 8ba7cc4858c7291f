"""From the options of `playbox bench compare` to a problem, a plan and a folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from ...ace.options import AceOptions
from ...ace.training.formats.read import read_tasks
from ...bench.compare.compare import check_names
from ...bench.compare.of_environment import of_environment
from ...bench.compare.problem import Problem
from ...bench.compare.site import Plan
from ...core.errors import ConfigurationError
from ..solving.order import Limits

_RUNS: Final = Path("runs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One `playbox bench compare`; `tasks` is how many of each kind an environment has."""

    arms: str
    seed: int | None
    tasks: int
    train: Path | None
    test: Path | None
    out: Path | None
    in_flight: int
    epochs: int
    attempts: int
    probes: int
    context_tokens: int
    model: str | None
    sandbox: str | None
    limits: Limits

    @property
    def names(self) -> tuple[str, ...]:
        """The arms asked for.

        Raises:
            ConfigurationError: one is unknown.
        """
        return tuple(check_names([name.strip() for name in self.arms.split(",") if name.strip()]))

    def problem(self) -> Problem:
        """Return what is compared on.

        Raises:
            ConfigurationError: it is named twice, half or not at all, or there is no such environment.
            InvalidTask: the tasks cannot be read.
        """
        if self.seed is not None and self.train is self.test is None:
            try:
                return of_environment(self.seed, train=self.tasks, test=self.tasks)
            except ValueError as error:
                raise ConfigurationError(f"--seed {self.seed} --tasks {self.tasks}: {error}") from None
        if self.seed is not None or self.train is None or self.test is None:
            raise ConfigurationError(
                "name what to compare on: two files, TRAIN and TEST, or --seed S for an environment"
            )
        return Problem(
            name=f"{self.train} and {self.test}",
            train=read_tasks(self.train),
            test=read_tasks(self.test),
        )

    def plan(self) -> Plan:
        """Return how the comparison is done."""
        return Plan(
            in_flight=self.in_flight,
            epochs=self.epochs,
            attempts=self.attempts,
            probes=self.probes,
            tokens=self.context_tokens,
            options=replace(AceOptions(), playbook_tokens=self.context_tokens),
        )

    def folder(self, now: datetime) -> Path:
        """Return where everything goes."""
        stem = f"environment-{self.seed}" if self.seed is not None else "tasks"
        return self.out or _RUNS / f"{now:%Y%m%d-%H%M%S}-compare-{stem}"
