"""RunFolder: the files of one run; all that a run writes is in there."""

from __future__ import annotations

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from ...core.errors import ConfigurationError
from .config import RunConfig
from .formats.playbox import to_lines
from .formats.read import read_tasks
from .split import Split
from .task_set import TaskSet

_CONFIG = "config.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFolder:
    """The folder at `path`.

    `config.json` what the run was told · `tasks.jsonl`, `validation.jsonl` its tasks · `answers.jsonl` every
    model answer, a cassette · `outcomes.jsonl` what the programs did · `results.jsonl` a `TaskResult` a
    line · `steps.jsonl` · `playbook.db` · `learned.json` its best version · `curve.json`, `curve.png` ·
    `summary.json` · `transcripts/` · `against/` the other side of a comparison.
    """

    path: Path

    @classmethod
    def create(cls, path: Path, tasks: Split) -> Self:
        """Return a new folder with the tasks; it is a run once it is told what to do.

        Raises:
            ConfigurationError: `path` is not empty, or cannot be written.
        """
        folder = cls(path=path)
        try:
            if path.exists() and (not path.is_dir() or any(path.iterdir())):
                raise ConfigurationError(
                    f"{str(path)!r} is not an empty folder; name another one, or continue what is in there "
                    f"with --resume {path}"
                )
            path.mkdir(parents=True, exist_ok=True)
            folder.write("tasks.jsonl", to_lines(tasks.train))
            if tasks.validation is not None:
                folder.write("validation.jsonl", to_lines(tasks.validation))
        except OSError as error:
            raise ConfigurationError(f"{str(path)!r} cannot be written: {error.strerror}") from error
        return folder

    def tell(self, config: RunConfig) -> None:
        """Write down what the run was told."""
        self.write(_CONFIG, config.model_dump_json(indent=2) + "\n")

    def config(self) -> RunConfig:
        """Return what the run was told.

        Raises:
            ConfigurationError: there is no run in this folder, or its configuration cannot be read.
        """
        file = self.path / _CONFIG
        try:
            return RunConfig.model_validate_json(file.read_bytes())
        except FileNotFoundError:
            raise ConfigurationError(
                f"there is no run in {str(self.path)!r}: it has no {_CONFIG}; name the folder of --out"
            ) from None
        except OSError as error:
            raise ConfigurationError(f"{str(file)!r} cannot be read: {error.strerror}") from error
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise ConfigurationError(f"{str(file)!r} is damaged ({where}: {first['msg']})") from None

    def tasks(self, config: RunConfig) -> Split:
        """Return the tasks of the run, which must be those that it began with.

        Raises:
            InvalidTask: they cannot be read.
            ConfigurationError: they were changed.
        """
        validation = self._tasks("validation.jsonl", config.validation) if config.validation else None
        return Split(train=self._tasks("tasks.jsonl", config.tasks), validation=validation)

    def _tasks(self, name: str, digest: str) -> TaskSet:
        file = self.path / name
        tasks = read_tasks(file, "playbox")
        if tasks.digest != digest:
            raise ConfigurationError(
                f"{str(file)!r} is not what the run began with; begin a new run with the changed tasks"
            )
        return tasks

    def write(self, name: str, text: str) -> Path:
        """Write the file `name` whole or not at all, and return its path."""
        file = self.path / name
        beside = file.with_name(f".{file.name}.new")
        beside.write_text(text, encoding="utf-8", errors="replace")
        beside.replace(file)
        return file

    @contextmanager
    def held(self) -> Generator[None]:
        """Keep other processes out, which would pay for the same answers.

        Raises:
            ConfigurationError: another process is at it.
        """
        with (self.path / _CONFIG).open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ConfigurationError(
                    f"another process is at the run in {str(self.path)!r}; wait for it, or end it"
                ) from None
            yield
