"""What a tuner knows and why it stands where it stands, as a value and as text."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Final

from .forecast import Forecast
from .mode import Mode
from .plan import Plan
from .tuner import State

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`forecasts` are the best of the last search; a gain is in utility a request, on what is in use.

    `unlogged` requests said nothing: they were cancelled, short of time, or part of a durable run. `stopped`
    is why nothing but the base runs, or None.
    """

    step: str
    mode: Mode
    stopped: str | None
    base: str
    champion: str
    seen: int
    remembered: int
    unlogged: int
    damaged_lines: int
    success: float | None
    utility: float | None
    canary: str | None
    awaiting_approval: str | None
    refused: tuple[str, ...]
    forecasts: tuple[tuple[str, float, float, int], ...]

    def json(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self), indent=2)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        lines = [f"{self.step}: {self.champion}", f"  mode {self.mode}, base: {self.base}"]
        if self.stopped is not None:
            lines.append(f"  stopped: {self.stopped}")
        if self.success is not None and self.utility is not None:
            lines.append(
                f"  {self.remembered} of {self.seen} requests remembered: {self.success:.1%} succeeded, "
                f"mean utility {self.utility:.4f}"
            )
        if self.unlogged:
            lines.append(f"  {self.unlogged} requests said nothing (cancelled, short of time, or durable)")
        if self.damaged_lines:
            lines.append(f"  {self.damaged_lines} damaged lines of the file were skipped")
        if self.canary is not None:
            lines.append(f"  canary: {self.canary}")
        if self.awaiting_approval is not None:
            lines.append(f"  waits for approve(): {self.awaiting_approval}")
        lines.extend(f"  refused for now: {one}" for one in self.refused)
        lines.extend(
            f"  forecast: {gain:+.4f} (at least {low:+.4f}, from {n} requests) with {one}"
            for one, gain, low, n in self.forecasts
        )
        return lines


def report(  # noqa: PLR0913  # what the primitive knows besides the state
    plan: Plan,
    state: State,
    found: tuple[Forecast, ...],
    *,
    stopped: str | None,
    unlogged: int,
    damaged_lines: int,
) -> Report:
    """Return what stands now."""
    best = sorted(found, key=lambda one: one.gain, reverse=True)[:_SHOWN]
    return Report(
        step=plan.step,
        mode=plan.mode,
        stopped=stopped,
        base=str(plan.base),
        champion=str(state.champion),
        seen=state.seen,
        remembered=len(state.log),
        unlogged=unlogged,
        damaged_lines=damaged_lines,
        success=fmean(one.ok for one in state.log) if state.log else None,
        utility=fmean(map(plan.utility.of, state.log)) if state.log else None,
        canary=None if state.canary is None else str(state.canary),
        awaiting_approval=None if state.awaiting is None else str(state.awaiting),
        refused=tuple(str(one) for one, until in state.refused.items() if until > state.seen),
        forecasts=tuple((str(one.configuration), one.gain, one.low, one.n) for one in best),
    )
