"""`playbox trace`: a run as a tree, or the runs that there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from rich.text import Text

from ...observability.reading import State, TracedRun
from ...observability.totals import Totals
from ...observability.wording import duration, one_line
from ..columns import columns
from ..exits import ExitCode
from ..screen import Screen, open_screen, plural, safe
from ..session import Session
from .find import SHORT, Found, every, find
from .tree import tree

_HEADS = ("run", "began (UTC)", "what", "state", "took", "models", "sandbox")


def show_run(session: Session, name: str, *, as_json: bool) -> ExitCode:
    """Show the run called `name`."""
    screen, found = open_screen(as_json=as_json), find(name, session.settings().trace_folder)
    if as_json:
        screen.document(_document(found))
        return ExitCode.OK
    for run in found.runs:
        screen.show(Text(_heading(run), style="bold"), *tree(run))
    _tell_damage(found, screen)
    return ExitCode.OK


def list_runs(session: Session, most: int, *, as_json: bool) -> ExitCode:
    """List the newest runs, at most `most`."""
    screen, folder = open_screen(as_json=as_json), session.settings().trace_folder
    found = list(islice(every(folder), most))
    if as_json:
        screen.document({"folder": str(folder), "runs": [_summary(one.runs[0], one.path) for one in found]})
    elif found:
        screen.show(*columns(_HEADS, [_cells(one.runs[0]) for one in found]))
    else:
        screen.tell(f"no traces in {safe(str(folder))}; --trace or PLAYBOX_TRACE=1 keeps one of a run")
    return ExitCode.OK


def _heading(run: TracedRun) -> str:
    cells = dict(zip(_HEADS, _cells(run), strict=True))
    spent = ", ".join(cell for cell in (cells["models"], cells["sandbox"]) if cell)
    told = [f"run {cells['run']}", cells["began (UTC)"], cells["state"], cells["took"], spent]
    return " · ".join(part for part in told if part)


def _cells(run: TracedRun) -> tuple[str, ...]:
    what = one_line(run.outermost[0].name, 40) if run.outermost else ""
    totals = run.totals
    ran = f"{plural(totals.runs, 'run')} of {duration(totals.sandbox_s)}" if totals.runs else ""
    return (
        one_line(run.id[:SHORT]),
        datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%d %H:%M:%S"),
        what,
        _state(run.state),
        duration(run.seconds),
        _models(totals),
        ran,
    )


def _state(state: State) -> str:
    return "ended without a word" if state is State.LOST else state.value


def _models(totals: Totals) -> str:
    if not totals.calls:
        return ""
    cost = f", {totals.usd:.4f} USD" if totals.usd else ""
    return f"{plural(totals.calls, 'call')}, {totals.input_tokens:,} + {totals.output_tokens:,} tokens{cost}"


def _tell_damage(found: Found, screen: Screen) -> None:
    for line in _damage(found):
        screen.tell(Text(line, style="yellow"))


def _damage(found: Found) -> Iterator[str]:
    if found.traces.cut:
        yield f"the last line of {safe(str(found.path))} is cut off: its process was killed while it wrote"
    others = found.traces.damaged - found.traces.cut
    if others:
        yield f"{plural(others, 'line')} of {safe(str(found.path))} could not be read"


def _document(found: Found) -> dict[str, object]:
    runs = [
        {
            **_summary(run, found.path),
            "spans": [asdict(span) for span in run.spans],
            "events": [
                {
                    "name": moment.name,
                    "at": moment.at,
                    "span": moment.span,
                    "seconds": moment.seconds,
                    "attributes": dict(moment.attributes),
                }
                for moment in run.moments
            ],
        }
        for run in found.runs
    ]
    return {"damaged": found.traces.damaged, "cut": found.traces.cut, "runs": runs}


def _summary(run: TracedRun, path: Path) -> dict[str, object]:
    return {
        "id": run.id,
        "file": str(path),
        "trace": run.trace,
        "state": run.state,
        "started": run.started,
        "seconds": run.seconds,
        "totals": asdict(run.totals),
    }
