"""`playbox metrics`: gather what is stored, compute, tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.text import Text

from ...ace.metrics import Metric, Stored, measure
from ...ace.store import PlaybookStore
from ...ace.training.playbooks import PLAYBOOK
from ...ace.training.result import TaskResult
from ..exits import ExitCode
from ..interrupts import interruptible
from ..playbooks.place import existing
from ..screen import Screen, open_screen, plural, safe
from ..session import Session
from .document import document
from .run_results import run_results
from .since import parse_since
from .table import show_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which evidence is asked about: a playbook, a run folder (and its playbook), runs from a time on."""

    place: str | None
    run: Path | None
    since: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """The metrics and what they rest on."""

    metrics: tuple[Metric, ...]
    stored: Stored
    location: str


def show_metrics(session: Session, question: Question, *, as_json: bool) -> ExitCode:
    """Show all metrics of a playbook and, if one is named, of a run folder.

    Raises:
        ConfigurationError: there is no such playbook or run, or the time cannot be read.
    """
    since = parse_since(question.since) if question.since is not None else None
    results = run_results(question.run) if question.run is not None else ()
    own = question.run / PLAYBOOK if question.run is not None else None
    store, screen = existing(session, question.place or own), open_screen(as_json=as_json)
    stored = interruptible(lambda: _gathered(store, results, since))
    answer = _Answer(metrics=measure(stored), stored=stored, location=store.location)
    if as_json:
        screen.document(_document(answer, question, since))
    else:
        _show(answer, screen)
    return ExitCode.OK


async def _gathered(store: PlaybookStore, results: Sequence[TaskResult], since: datetime | None) -> Stored:
    history = await store.history()
    return Stored.of(
        playbook=await store.load(),
        episodes=await store.episodes(),
        history=[item.recorded for item in history],
        results=results,
        since=since,
    )


def _document(answer: _Answer, question: Question, since: datetime | None) -> dict[str, object]:
    return {
        "playbook": answer.location,
        "run": str(question.run) if question.run is not None else None,
        "since": since.isoformat() if since is not None else None,
        "runs": len(answer.stored.trials),
        "results": len(answer.stored.results),
        "metrics": [document(metric) for metric in answer.metrics],
    }


def _show(answer: _Answer, screen: Screen) -> None:
    show_table(answer.metrics, screen)
    known = sum(metric.value is not None for metric in answer.metrics)
    rests = f"{plural(len(answer.stored.trials), 'run')} in {safe(answer.location)}"
    told = f"{known} of {len(answer.metrics)} metrics have enough data; intervals are of 95 %"
    how = "`playbox metrics --explain NAME` tells how one is computed"
    screen.show(Text(f"{rests}; {told}; {how}", style="dim"))
