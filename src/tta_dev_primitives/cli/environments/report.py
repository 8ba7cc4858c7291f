"""What is told about an environment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.table import Table

from ...ace.content import tokens
from ...bench.environments import Environment, EnvironmentTask
from ...bench.environments.checking import Checked
from ...bench.environments.families import FAMILIES
from ..screen import plural


def headline(environment: Environment) -> str:
    """Return what it is, in a line."""
    gold = tokens("\n".join(environment.gold))
    return (
        f"seed {environment.seed}: {environment.name}, {plural(len(environment.quirks), 'quirk')}, "
        f"{plural(len(environment.train), 'task')} to train and {len(environment.test)} to test; "
        f"all that a careful learner would write down takes about {gold} tokens"
    )


def quirks_table(environment: Environment) -> Table:
    """Return the families of quirks, how each shows, and how many tasks need it."""
    table = Table("quirk", "shows in", "training tasks", "test tasks", box=None, pad_edge=False)
    silent = {family.name for family in FAMILIES if family.silent}
    train, test = _counts(environment.train), _counts(environment.test)
    for quirk in environment.quirks:
        shows = "values, notices" if quirk.family in silent else "errors"
        table.add_row(quirk.family, shows, str(train[quirk.family]), str(test[quirk.family]))
    return table


def tasks_table(environment: Environment) -> Table:
    """Return what each task needs: this gives the benchmark away."""
    table = Table("task", "needs", box=None, pad_edge=False)
    for task in (*environment.train, *environment.test):
        table.add_row(task.id, ", ".join(sorted(task.families)))
    return table


def check_lines(checked: Checked) -> Iterator[str]:
    """Yield how the check went."""
    if checked.broken:
        yield f"checked with {plural(checked.programs, 'run')} in the sandbox; not as promised:"
        yield from (f"  {line}" for line in checked.broken)
        return
    yield (
        f"checked with {plural(checked.programs, 'run')} in the sandbox: every informed program passes, "
        "every naive one fails, and so does every informed one that misses a single quirk"
    )


def document(environment: Environment, checked: Checked | None, *, reveal: bool) -> dict[str, object]:
    """Return all of it as JSON values."""
    return {
        "seed": environment.seed,
        "name": environment.name,
        "quirks": [quirk.family for quirk in environment.quirks],
        "gold_tokens": tokens("\n".join(environment.gold)),
        "train": _tasks(environment.train, reveal=reveal),
        "test": _tasks(environment.test, reveal=reveal),
        "check": None if checked is None else {"runs": checked.programs, "broken": list(checked.broken)},
    }


def _tasks(tasks: tuple[EnvironmentTask, ...], *, reveal: bool) -> list[dict[str, object]]:
    needs = {task.id: {"needs": sorted(task.families)} if reveal else {} for task in tasks}
    return [{"id": task.id, "task": task.task, **needs[task.id]} for task in tasks]


def _counts(tasks: tuple[EnvironmentTask, ...]) -> Counter[str]:
    return Counter(family for task in tasks for family in task.families)
