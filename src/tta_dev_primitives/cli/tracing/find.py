"""Find the run that the command line names: by the path of a file, or by the beginning of its id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...core.errors import ConfigurationError
from ...observability.reading import TracedRun, Traces, read_traces

SHORT: Final = 8
"""So many digits of an id are shown, and nearly always enough to name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Runs that are shown, and the file they are in."""

    path: Path
    traces: Traces
    runs: tuple[TracedRun, ...]


def find(name: str, folder: Path) -> Found:
    """Return the run called `name`: all that is in a file, or the newest of a run whose id begins so.

    Raises:
        ConfigurationError: there is none, or several runs' ids begin so.
    """
    path = Path(name)
    if path.is_file():
        traces = _read(path)
        return Found(path=path, traces=traces, runs=traces.runs)
    named = [path for path in folder.glob("*.jsonl") if path.stem.rpartition("-")[2].startswith(name)]
    found = [one for one in _in(named or folder.glob("*.jsonl")) if one.runs[0].id.startswith(name)]
    ids = sorted({one.runs[0].id for one in found})
    if len(ids) > 1:
        several = ", ".join(one[: max(SHORT, len(name) + 2)] for one in ids[:5])
        raise ConfigurationError(f"RUN={name!r} may be {several}; give more of its id")
    if not found:
        raise ConfigurationError(
            f"RUN={name!r} is no file, and no run in {str(folder)!r} begins so; `playbox trace` lists what "
            "is there, and --trace or PLAYBOX_TRACE=1 keeps a trace of a run"
        )
    return found[0]


def every(folder: Path) -> Iterator[Found]:
    """Yield every run in the files of `folder`, the newest first."""
    return _in(folder.glob("*.jsonl"))


def _in(files: Iterable[Path]) -> Iterator[Found]:
    for path in sorted(filter(Path.is_file, files), reverse=True):  # a pipe would be waited for
        traces = _read(path)
        for run in sorted(traces.runs, key=lambda run: run.started, reverse=True):
            yield Found(path=path, traces=traces, runs=(run,))


def _read(path: Path) -> Traces:
    try:
        return read_traces(path)
    except OSError as error:
        raise ConfigurationError(f"the trace {str(path)!r} cannot be read: {error.strerror}") from error
