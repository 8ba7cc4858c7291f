"""The same tasks under two arms: with a playbook and without, at first and at last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..statistics import Pairs, mcnemar_exact, tango, wilson
from ..training.result import Phase, TaskResult
from .compare import by_task
from .metric import FEW, Reading, Unit, measured, missing
from .stored import Trial

_CHOSEN_BY = "validation tasks, by which the version was chosen, so rather too good"


def with_and_without(results: Sequence[TaskResult]) -> Reading:
    """Return the reading of tasks that a run folder's playbook was not learned from."""
    what = "held-out tasks, with the playbook against none"
    phase = _phase(results)
    without = {row.task_id: row for row in results if row.phase is phase and not row.playbook_size}
    given = _informed(results, phase)
    both = [name for name in without if name in given]
    pairs = Pairs.of([without[name].first_try for name in both], [given[name].first_try for name in both])
    need = "held-out tasks of a run folder (--run) that were run with a learned playbook and with none"
    return _paired(what, pairs, need, _CHOSEN_BY if phase is Phase.VALIDATION else "")


def held_out_first_try(results: Sequence[TaskResult]) -> Reading:
    """Return the reading of such tasks, with the learned playbook alone."""
    what, phase = "held-out tasks, first try with the playbook", _phase(results)
    given = _informed(results, phase)
    if len(given) < FEW:
        need = f"{FEW} held-out tasks of a run folder (--run) with a learned playbook; {len(given)}"
        return missing(what, Unit.SHARE, len(given), "tasks", need)
    right = sum(row.first_try for row in given.values())
    note = _CHOSEN_BY if phase is Phase.VALIDATION else ""
    return measured(what, wilson(right, len(given)), Unit.SHARE, "tasks", note=note)


def first_and_last(judged: Sequence[Trial]) -> Reading:
    """Return the reading of tasks that were run repeatedly."""
    runs = [trials for trials in by_task(judged).values() if len(trials) > 1]
    pairs = Pairs.of(
        [trials[0].episode.first_try for trials in runs], [trials[-1].episode.first_try for trials in runs]
    )
    return _paired("same tasks, last run against first", pairs, "tasks that were run more than once")


def _informed(results: Iterable[TaskResult], phase: Phase) -> Mapping[str, TaskResult]:
    """Return the results of a phase under the latest version of the playbook that holds something."""
    informed = [row for row in results if row.phase is phase and row.playbook_size]
    latest = max((row.playbook_version for row in informed), default=0)
    return {row.task_id: row for row in informed if row.playbook_version == latest}


def _phase(results: Iterable[TaskResult]) -> Phase:
    """Return the phase of held-out tasks: the test, or the validation if there was no test."""
    return Phase.TEST if any(row.phase is Phase.TEST for row in results) else Phase.VALIDATION


def _paired(what: str, pairs: Pairs, need: str, remark: str = "") -> Reading:
    if pairs.n < FEW:
        return missing(what, Unit.CHANGE, pairs.n, "tasks", f"{FEW} {need}; {pairs.n}")
    note = (
        f"{pairs.only_second} won, {pairs.only_first} lost, {pairs.both} right both times, "
        f"{pairs.neither} never; p = {mcnemar_exact(pairs):.2g} (McNemar, exact)"
    )
    note = f"{note}; {remark}" if remark else note
    return measured(what, tango(pairs), Unit.CHANGE, "tasks", note=note)
