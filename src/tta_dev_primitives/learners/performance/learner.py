"""PerformanceLearner: makes code faster, and learns what really made it so."""

from __future__ import annotations

from ...ace.task import CodeTask
from ...ace.vocabulary import Vocabulary
from ..domain import Domain, DomainLearner
from .performance_check import PerformanceCheck
from .task import PerformanceTask

PERFORMANCE = Domain(
    name="performance",
    vocabulary=Vocabulary(
        libraries=("array", "bisect", "collections", "functools", "heapq", "itertools", "numpy"),
        error_signatures=("GrowsTooFast", "TooSlow"),
        keywords=(
            *("cache", "concatenation", "dict", "duplicate", "fast", "growth", "join", "list", "lookup"),
            *("loop", "memo", "nested", "optimize", "prefix", "quadratic", "queue", "recursion", "set"),
            *("slow", "sort", "string", "sum"),
        ),
    ),
    starter=__package__,
    task=PerformanceTask,
)


class PerformanceLearner(DomainLearner[PerformanceTask]):
    """Solves `PerformanceTask`s; see `DomainLearner` for its arguments.

    Where times vary too much to tell, `execute` raises `MeasurementUndecided`, and nothing is learned.
    """

    domain = PERFORMANCE

    async def code_task(self, task: PerformanceTask) -> CodeTask:
        """Return the task with what is asked of its time in words, and the check that measures it."""
        check = PerformanceCheck(workload=task.workload, min_speedup=task.min_speedup, growth=task.growth)
        asked = CodeTask(
            task=f"{task.task}\n\n{_told(task)}",
            context=task.context,
            code=task.code,
            entry_point=task.entry_point,
            cases=task.cases,
            tests=task.tests,
            files=task.files,
            checks=[check],
            max_iterations=task.max_iterations,
            family=task.family,
        )
        return {**asked, "id": task.id} if task.id else asked


def _told(task: PerformanceTask) -> str:
    """Return in words what is measured."""
    timed = f"Timed are these statements:\n{task.workload.strip()}\n"
    if task.growth is None:
        return f"{timed}It must be {task.min_speedup:g} times as fast or more."
    sizes = task.growth.sizes
    return (
        f"{timed}It must be {task.min_speedup:g} times as fast or more with n={sizes[-1]}, and its time must "
        f"grow less than n^{task.growth.at_most:g} from n={sizes[0]} on."
    )
