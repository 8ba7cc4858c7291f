"""An environment: an invented library, tasks to learn from and tasks to be tested with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ...ace.task import CodeTask
from .choosing import choose
from .families import Quirk
from .workshop import Proven
from .world import EDITIONS, draw_world

TASKS: Final = 8
"""Tasks to learn from, and as many to be tested with, unless another number is asked for."""
_ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What a program gets: the documentation, and files (path -> content) for this version of Python.

    `hidden_files` are the same library with other data.
    """

    name: str
    documentation: str
    files: Mapping[str, bytes]
    hidden_files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentTask:
    """A task, what a correct program prints with each edition of the data, and what it needs.

    `informed` solves it and handles exactly the quirks of `families`. These fail: `naive`, what the
    documentation alone leads to, and `lacking`: by family, the informed program without handling that one.
    """

    id: str
    task: str
    families: frozenset[str]
    expected_output: str
    hidden_output: str
    informed: str
    naive: str
    lacking: Mapping[str, str]
    library: Library

    def as_input(self, prefix: str = "") -> CodeTask:
        """Return the task for the learning loop; `prefix` makes its id unique among several runs."""
        return CodeTask(
            id=f"{prefix}{self.id}",
            task=self.task,
            context=self.library.documentation,
            language="python",
            files=self.library.files,
            expected_output=self.expected_output,
            hidden=[{"files": self.library.hidden_files, "expected_output": self.hidden_output}],
            max_iterations=_ATTEMPTS,
            family=self.library.name,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An invented library with its quirks and its tasks. All but the files depends on the seed alone."""

    seed: int
    library: Library
    quirks: tuple[Quirk, ...]
    train: tuple[EnvironmentTask, ...]
    test: tuple[EnvironmentTask, ...]

    @property
    def name(self) -> str:
        """The library's name."""
        return self.library.name

    @property
    def documentation(self) -> str:
        """The library's public documentation."""
        return self.library.documentation

    @property
    def files(self) -> Mapping[str, bytes]:
        """What stands beside a program: path -> content."""
        return self.library.files

    @property
    def gold(self) -> tuple[str, ...]:
        """What a careful learner would write down, a sentence for each quirk."""
        return tuple(quirk.gold for quirk in self.quirks)


def make_environment(seed: int, *, train: int = TASKS, test: int = TASKS) -> Environment:
    """Return the environment of a seed, with so many tasks.

    Raises:
        ConfigurationError: the library of this seed has too few combinations of quirks for so many tasks.
    """
    world = draw_world(seed)
    learned, held_out = choose(world, train=train, test=test)
    library = Library(
        name=world.words.names["library"],
        documentation=world.documentation,
        files=world.files(EDITIONS[0]),
        hidden_files=world.files(EDITIONS[1]),
    )
    return Environment(
        seed=seed,
        library=library,
        quirks=world.quirks,
        train=_tasks(learned, library, "train"),
        test=_tasks(held_out, library, "test"),
    )


def _tasks(proven: tuple[Proven, ...], library: Library, part: str) -> tuple[EnvironmentTask, ...]:
    return tuple(
        EnvironmentTask(
            id=f"{library.name}-{part}-{number}",
            task=one.draft.text,
            families=one.families,
            expected_output=one.expected[0],
            hidden_output=one.expected[1],
            informed=one.informed,
            naive=one.naive,
            lacking=one.lacking,
            library=library,
        )
        for number, one in enumerate(proven, start=1)
    )
