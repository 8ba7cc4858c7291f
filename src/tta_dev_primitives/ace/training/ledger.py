"""Ledger: the results of a run, one a task and part, however often it was resumed; and transcripts."""

from __future__ import annotations

import re

from .folder import RunFolder
from .lines import Lines
from .result import Part, Phase, TaskResult

_ORDER = tuple(Phase)
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_MAX_NAME = 80


class Ledger:
    """The results of the run in `folder`, and those still to come."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._lines = Lines(folder.path / "results.jsonl", TaskResult)
        self._by_key = {result.key: result for result in self._lines.values}

    def get(self, part: Part, task_id: str) -> TaskResult | None:
        """Return the result of a task in a part of the run, or None if there is none yet."""
        return self._by_key.get((part.scope, task_id))

    def record(self, result: TaskResult, transcript: str) -> None:
        """Keep `result`, unless there is one already, and what happened as `transcripts/PART/TASK.md`."""
        name = f"{result.position:04d}-{_UNFIT.sub('-', result.task_id)[:_MAX_NAME]}.md"
        (self._folder.path / "transcripts" / result.part.scope).mkdir(parents=True, exist_ok=True)
        self._folder.write(f"transcripts/{result.part.scope}/{name}", transcript)
        if result.key not in self._by_key:
            self._by_key[result.key] = self._lines.add(result)

    def results(self, phase: Phase | None = None) -> tuple[TaskResult, ...]:
        """Return the results in the order of the run, not of their arrival."""
        chosen = [one for one in self._by_key.values() if phase in (None, one.phase)]
        return tuple(sorted(chosen, key=_place))

    def close(self) -> None:
        """Close the file. Idempotent."""
        self._lines.close()


def _place(result: TaskResult) -> tuple[int, int, int, int]:
    return (result.epoch, result.window, _ORDER.index(result.phase), result.position)
