"""Summary: what a run came to so far, in figures; `summary.json`."""

from __future__ import annotations

from collections.abc import Sequence

from ...llm.journal import Journal
from ...llm.types import Usage
from ..value import Value
from .comparison import Comparison
from .config import Mode, RunConfig
from .curve import Share, share
from .result import Phase, TaskResult


class Side(Value):
    """Results of one phase: shares of tasks, each as it was done last; means and sums over all that was done.

    A task that is done again in each epoch is one task, or the intervals of the shares would be too narrow.
    """

    first_try: Share
    success: Share
    attempts: float
    probes: float
    calls: int
    tokens: int
    usd: float | None
    seconds: float


class Best(Value):
    """The version of the playbook that a training run is for; `file` is in the run's folder.

    `validation` is how the validation tasks went with it, None if there are none.
    """

    version: int
    size: int
    tokens: int
    file: str
    validation: Share | None = None


class Answers(Value):
    """Model answers: all that were paid for, those taken from the file this time, those of them reworded."""

    paid: int
    tokens: int
    usd: float | None
    reused: int
    reworded: int


class Summary(Value):
    """What the run came to. `stopped` says why it is not finished; `best` is there once training is."""

    run: str
    mode: Mode
    finished: bool
    stopped: str = ""
    tasks: int
    done: int
    train: Side | None = None
    validation: Side | None = None
    test: Side | None = None
    against: Side | None = None
    comparison: Comparison | None = None
    best: Best | None = None
    answers: Answers
    seconds: float


def side_of(results: Sequence[TaskResult], phase: Phase) -> Side | None:
    """Return the figures of the results of `phase`, or None if there are none."""
    chosen = [result for result in results if result.phase is phase]
    if not chosen:
        return None
    last = {result.task_id: result for result in chosen}.values()
    prices = [result.usd for result in chosen]
    return Side(
        first_try=share([result.first_try for result in last]),
        success=share([result.success for result in last]),
        attempts=sum(result.attempts for result in chosen) / len(chosen),
        probes=sum(result.probes for result in chosen) / len(chosen),
        calls=sum(result.calls for result in chosen),
        tokens=sum(result.tokens for result in chosen),
        usd=None if None in prices else sum(filter(None, prices)),
        seconds=sum(result.seconds for result in chosen),
    )


def answers_of(journal: Journal) -> Answers:
    """Return what the journal counts."""
    spent: Usage = journal.spent
    return Answers(
        paid=spent.calls,
        tokens=spent.tokens,
        usd=spent.usd,
        reused=journal.reused,
        reworded=journal.reworded,
    )


def summary_of(  # noqa: PLR0913  # what a run came to, part by part
    config: RunConfig,
    results: Sequence[TaskResult],
    journal: Journal,
    *,
    tasks: int,
    seconds: float,
    stopped: str = "",
    against: Sequence[TaskResult] = (),
    comparison: Comparison | None = None,
    best: Best | None = None,
) -> Summary:
    """Return the summary of `results`."""
    return Summary(
        run=config.name,
        mode=config.mode,
        finished=not stopped,
        stopped=stopped,
        tasks=tasks,
        done=len(results) + len(against),
        train=side_of(results, Phase.TRAIN),
        validation=side_of(results, Phase.VALIDATION),
        test=side_of(results, Phase.TEST),
        against=side_of(against, Phase.TEST),
        comparison=comparison,
        best=best,
        answers=answers_of(journal),
        seconds=seconds,
    )
