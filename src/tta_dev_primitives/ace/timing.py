"""How fast a correct program is: interleaved runs against the given code, timed by the host."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from statistics import median

from ..core.errors import InvalidTask
from ..sandbox.types import Limits, Sandbox
from .task import Task
from .verdict import Timing

_ROUNDS = 5
_SHORTEST_S = 1e-4
"""Below this a difference of two wall-clock times is noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lap:
    """One timed run; `ended` says that it ran through its last line, which is the program's claim."""

    seconds: float
    ended: bool


class Stopwatch:
    """Times programs in `sandbox`; the guest's own clock is never asked."""

    def __init__(self, sandbox: Sandbox, limits: Limits) -> None:
        self._sandbox, self._limits = sandbox, limits

    async def compare(self, task: Task, code: str) -> Timing:
        """Return medians over rounds of (nothing, candidate, reference), each a fresh process.

        A candidate that leaves before the workload's end, where the reference does not, was not fast.

        Raises:
            InvalidTask: the workload fails with the given code, so there is nothing to compare with.
        """
        rounds = [await self._round(task, code) for _ in range(_ROUNDS)]
        idle, candidate, reference = (median(column) for column in zip(*rounds, strict=True))
        return Timing(
            candidate_s=max(candidate - idle, _SHORTEST_S),
            reference_s=max(reference - idle, _SHORTEST_S),
            rounds=_ROUNDS,
        )

    async def _round(self, task: Task, code: str) -> tuple[float, float, float]:
        idle = await self._lap(task, "")
        candidate = await self._lap(task, f"{code}\n\n{task.workload}\n")
        reference = await self._lap(task, f"{task.code}\n\n{task.workload}\n", must_run=True)
        finished = candidate.ended or not reference.ended
        return idle.seconds, candidate.seconds if finished else self._limits.wall_s, reference.seconds

    async def _lap(self, task: Task, program: str, *, must_run: bool = False) -> _Lap:
        last = secrets.token_hex(16)
        execution = await self._sandbox.run_code(
            f"{program}{last!r}\n", files=task.files, limits=self._limits
        )
        if execution.success:
            return _Lap(seconds=execution.usage.wall_s, ended=execution.text == repr(last))
        if must_run:
            why = execution.error.name if execution.error else execution.stop
            raise InvalidTask(f"workload={task.workload!r} fails with the given code ({why}); it must run")
        return _Lap(seconds=self._limits.wall_s, ended=True)
