"""How fast a correct program is: interleaved runs against the given code, timed by the host."""

from __future__ import annotations

from statistics import median

from ..core.errors import InvalidTask
from ..sandbox.types import Limits, Sandbox
from .task import Task
from .verdict import Timing

_ROUNDS = 5
_SHORTEST_S = 1e-4
"""Below this a difference of two wall-clock times is noise."""


class Stopwatch:
    """Times programs in `sandbox`; the guest's own clock is never asked."""

    def __init__(self, sandbox: Sandbox, limits: Limits) -> None:
        self._sandbox, self._limits = sandbox, limits

    async def compare(self, task: Task, code: str) -> Timing:
        """Return medians over rounds of (nothing, candidate, reference), each a fresh process.

        Raises:
            InvalidTask: the workload fails with the given code, so there is nothing to compare with.
        """
        rounds = [
            (
                await self._seconds(task, ""),
                await self._seconds(task, f"{code}\n\n{task.workload}\n"),
                await self._seconds(task, f"{task.code}\n\n{task.workload}\n", must_run=True),
            )
            for _ in range(_ROUNDS)
        ]
        idle, candidate, reference = (median(column) for column in zip(*rounds, strict=True))
        return Timing(
            candidate_s=max(candidate - idle, _SHORTEST_S),
            reference_s=max(reference - idle, _SHORTEST_S),
            rounds=_ROUNDS,
        )

    async def _seconds(self, task: Task, program: str, *, must_run: bool = False) -> float:
        execution = await self._sandbox.run_code(program, files=task.files, limits=self._limits)
        if execution.success:
            return execution.usage.wall_s
        if must_run:
            why = execution.error.name if execution.error else execution.stop
            raise InvalidTask(f"workload={task.workload!r} fails with the given code ({why}); it must run")
        return self._limits.wall_s
