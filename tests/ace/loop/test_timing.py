"""What the stopwatch makes of laps, with a sandbox whose times are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from tests.ace.loop.making import task
from tta_dev_primitives.ace.timing import Stopwatch
from tta_dev_primitives.ace.verdict import Timing
from tta_dev_primitives.sandbox import Limits, Sandbox
from tta_dev_primitives.sandbox.types import NO_ENVS, NO_FILES, Execution, Isolation


class TimedSandbox:
    """Really runs programs, and says that they took the given seconds, one after the other."""

    languages = frozenset({"python"})
    isolation = Isolation.NAMESPACES

    def __init__(self, inner: Sandbox, seconds: Sequence[float]) -> None:
        self._inner, self._seconds = inner, list(seconds)

    async def run_code(
        self,
        code: str,
        *,
        language: str = "python",
        files: Mapping[str, bytes] = NO_FILES,
        envs: Mapping[str, str] = NO_ENVS,
        limits: Limits | None = None,
    ) -> Execution:
        ran = await self._inner.run_code(code, language=language, files=files, envs=envs, limits=limits)
        return replace(ran, usage=replace(ran.usage, wall_s=self._seconds.pop(0)))

    async def aclose(self) -> None:
        """Nothing of its own to close."""


async def timed(sandbox: Sandbox, laps: Sequence[tuple[float, float, float]]) -> Timing:
    """Return the timing of rounds of (nothing, candidate, reference) seconds."""
    watch = Stopwatch(TimedSandbox(sandbox, [lap for round_ in laps for lap in round_]), Limits())
    found = await watch.compare(task(code="x = 1", workload="x"), "x = 1")
    assert isinstance(found, Timing)
    return found


async def test_start_up_is_subtracted_from_medians(sandbox: Sandbox) -> None:
    timing = await timed(sandbox, [(0.1, 0.2, 0.5)] * 4 + [(0.1, 9.0, 0.5)])

    assert (round(timing.candidate_s, 6), round(timing.reference_s, 6), timing.rounds) == (0.1, 0.4, 5)
    assert round(timing.speedup, 6) == 4.0


@pytest.mark.parametrize("candidate", [0.10, 0.09])
async def test_a_program_lost_in_noise_is_not_many_times_as_fast(sandbox: Sandbox, candidate: float) -> None:
    idle = (0.10, 0.11, 0.10, 0.10, 0.12)

    timing = await timed(sandbox, [(nothing, candidate, 0.13) for nothing in idle])

    assert round(timing.candidate_s, 6) == 0.02
    assert round(timing.speedup, 6) == 1.5
