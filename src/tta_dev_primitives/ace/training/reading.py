"""Reading what a run wrote, without touching its files: it may be going on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from ...core.errors import ConfigurationError
from .result import TaskResult
from .summary import Summary

_RESULTS = "results.jsonl"


def read_results(folder: Path) -> tuple[TaskResult, ...]:
    """Return the results in `folder` in the order of their arrival, none if there is no such file.

    A last line that is being written is left out. Of several results of a task in one part the first counts.

    Raises:
        ConfigurationError: the file cannot be read, or is damaged.
    """
    file = folder / _RESULTS
    try:
        lines = file.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ConfigurationError(f"{str(file)!r} cannot be read: {error.strerror}") from error
    results: dict[tuple[str, str], TaskResult] = {}
    for result in _parsed(file, lines):
        results.setdefault(result.key, result)
    return tuple(results.values())


def read_summary(folder: Path) -> Summary | None:
    """Return what the run in `folder` came to, or None if it has not written that yet."""
    try:
        return Summary.model_validate_json((folder / "summary.json").read_bytes())
    except (OSError, ValidationError):  # only a convenience: everything in it can be counted again
        return None


def read_transcript(folder: Path, result: TaskResult) -> str:
    """Return what happened in one task, as markdown, or "" if that is not kept."""
    place = folder / "transcripts" / result.part.scope
    # Only plain files of the run: it may come from somebody else, and a report is handed on.
    found = sorted(file for file in place.glob(f"{result.position:04d}-*.md") if _is_kept_here(file, folder))
    return found[0].read_text(encoding="utf-8", errors="replace") if found else ""


def _is_kept_here(file: Path, folder: Path) -> bool:
    return file.is_file() and file.resolve().is_relative_to(folder.resolve())


def _parsed(file: Path, lines: Sequence[bytes]) -> list[TaskResult]:
    results: list[TaskResult] = []
    for number, line in enumerate(lines, start=1):
        try:
            results.append(TaskResult.model_validate_json(line))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "the line"
            raise ConfigurationError(
                f"{file}, line {number}: {where}: {first['msg']}; delete the line, and what it tells is done "
                "again when the run goes on"
            ) from None
    return results
