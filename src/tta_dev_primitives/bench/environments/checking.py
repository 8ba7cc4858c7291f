"""Whether an environment keeps its promises, tried in a sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ...ace.content import tokens
from ...sandbox.types import Sandbox
from .environment import Environment, EnvironmentTask

QUIRKS: Final = range(8, 13)
NEEDED: Final = range(2, 4)
GOLD_WORDS: Final = 40
GOLD_TOKENS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How many programs ran, and what of the environment is not as promised, a line each; none if all is."""

    programs: int
    broken: tuple[str, ...]


async def check(environment: Environment, sandbox: Sandbox) -> Checked:
    """Return what is not as promised, of the whole and of each program with both editions of the data.

    Raises:
        SandboxError: the sandbox failed, which says nothing about the environment.
    """
    trials = [trial for task in (*environment.train, *environment.test) for trial in _trials(task)]
    try:
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(_told(trial, sandbox)) for trial in trials]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    told = [line for one in running if (line := one.result())]
    return Checked(programs=len(trials), broken=(*promises_broken(environment), *told))


def promises_broken(environment: Environment) -> tuple[str, ...]:
    """Return what can be seen to be wrong without running anything."""
    return tuple(_broken(environment))


def _broken(environment: Environment) -> Iterator[str]:
    train = {task.families for task in environment.train}
    test = {task.families for task in environment.test}
    families = {quirk.family for quirk in environment.quirks}
    if len(families) not in QUIRKS or len(families) != len(environment.quirks):
        yield f"{len(environment.quirks)} quirks of {len(families)} families"
    for both in sorted(sorted(combination) for combination in train & test):
        yield f"{', '.join(both)} are needed together in training and in testing"
    for task in (*environment.train, *environment.test):
        if len(task.families) not in NEEDED:
            yield f"{task.id} needs {len(task.families)} quirks"
    for never in sorted(families - frozenset[str]().union(*train)):
        yield f"no training task needs {never}"
    for sentence in environment.gold:
        if len(sentence.split()) > GOLD_WORDS:
            yield f"too long: {sentence}"
    if tokens("\n".join(environment.gold)) >= GOLD_TOKENS:
        yield f"the gold sentences have {tokens(chr(10).join(environment.gold))} tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """A program of a task, with one edition of the data."""

    task: EnvironmentTask
    name: str
    code: str
    hidden: bool


def _trials(task: EnvironmentTask) -> Iterator[_Trial]:
    programs = {"informed": task.informed, "naive": task.naive}
    programs |= {f"informed but for {family}": code for family, code in sorted(task.lacking.items())}
    for name, code in programs.items():
        for hidden in (False, True):
            yield _Trial(task=task, name=name, code=code, hidden=hidden)


async def _told(trial: _Trial, sandbox: Sandbox) -> str:
    """Return what is wrong, or ""."""
    library, task = trial.task.library, trial.task
    files, expected = library.files, task.expected_output
    if trial.hidden:
        files, expected = library.hidden_files, task.hidden_output
    execution = await sandbox.run_code(trial.code, files=files)
    passed = execution.success and execution.stdout == expected
    if passed == (trial.name == "informed"):
        return ""
    data = "hidden" if trial.hidden else "shown"
    happened = execution.error.value if execution.error else execution.stdout
    return (
        f"{task.id}: {trial.name} {'passes' if passed else 'fails'} with the {data} data: {happened[:200]!r}"
    )
