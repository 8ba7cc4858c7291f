"""Durable runs as tables or JSON, and decisions that are typed instead of called."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from ...core.errors import ConfigurationError
from ...workflow import Journal, StepRecord
from ..columns import columns
from ..exits import ExitCode
from ..screen import one_line, open_screen, safe
from ..times import minute


def list_runs(path: Path, *, as_json: bool) -> ExitCode:
    """Show the runs of a journal, that which was changed last first."""
    screen, runs = open_screen(as_json=as_json), _journal(path).runs()
    if as_json:
        listed = [
            run.model_dump(include={"run_id", "status", "error", "started_at", "updated_at"}) for run in runs
        ]
        screen.document({"runs": listed})
    elif runs:
        rows = [
            (safe(run.run_id), run.status, _at(run.updated_at), one_line(run.error or "")) for run in runs
        ]
        screen.write("\n".join(columns(("run", "status", "changed", "error"), rows)) + "\n")
    else:
        screen.tell("no runs")
    return ExitCode.OK


def show_run(path: Path, run_id: str, *, as_json: bool) -> ExitCode:
    """Show what is kept of the steps of a run."""
    screen, steps = open_screen(as_json=as_json), _journal(path).show(run_id)
    if as_json:
        screen.document({"run_id": run_id, "steps": [step.model_dump(mode="json") for step in steps]})
    else:
        rows = [_row(step) for step in steps]
        screen.write("\n".join(columns(("place", "step", "status", "at", "result or error"), rows)) + "\n")
    return ExitCode.OK


def settle_step(path: Path, run_id: str, step: str, result: str) -> ExitCode:
    """Note that the effect of a step happened and gave `result`, in JSON."""
    try:
        value: object = json.loads(result)
    except ValueError as error:
        raise ConfigurationError(
            f"--result {result!r} is no JSON: {error}; quote a text twice, as in --result '\"receipt 8\"'"
        ) from error
    _journal(path).settle(run_id, step, result=value)
    return _told(f"{step} of {run_id} is settled; resume the run")


def retry_step(path: Path, run_id: str, step: str) -> ExitCode:
    """Note that a step may run."""
    _journal(path).retry(run_id, step)
    return _told(f"{step} of {run_id} runs when the run is resumed")


def forget_run(path: Path, run_id: str) -> ExitCode:
    """Remove all that is kept of a run."""
    _journal(path).forget(run_id)
    return _told(f"{run_id} is forgotten")


def _journal(path: Path) -> Journal:
    if not path.exists():
        raise ConfigurationError(
            f"there is no journal {str(path)!r}; name the file that was given to Journal(...)"
        )
    return Journal(path)


def _row(step: StepRecord) -> tuple[str, ...]:
    what = step.error if step.result is None else step.result
    return (safe(step.path or "/"), safe(step.name), step.status, _at(step.at), one_line(what or "", 60))


def _at(seconds: float) -> str:
    return minute(datetime.fromtimestamp(seconds, UTC).isoformat())


def _told(text: str) -> ExitCode:
    open_screen().tell(safe(text))
    return ExitCode.OK
