"""Tuner: which configuration the next request runs under, as a function of what was seen. No clock, no I/O.

base -> [forecast from the log] -> proposed -> canary -> promoted -> [watch] -> rolled back to base
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, NamedTuple

from ...core.errors import ConfigurationError
from ...core.events import Event
from .canary import Canary
from .configuration import Configuration
from .events import (
    ApprovalAwaited,
    CanaryRefused,
    CanaryStarted,
    ConfigurationProposed,
    Promoted,
    RolledBack,
)
from .forecast import Forecast
from .plan import Plan
from .request import Arm, Request
from .watch import Bets, Watch

_NONE: Mapping[Configuration, int] = MappingProxyType({})
_SUREST: Final = 2
"""Standard errors that a canary must show once one was refused; before that, one."""


class Choice(NamedTuple):
    """The configuration of one request, and why it is that."""

    configuration: Configuration
    arm: Arm


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a tuner knows.

    `refused` maps a configuration to the request number until which it is left alone; `refusals` are those
    since the last promotion. `probe_gain` is what a probe gains on the champion.
    """

    champion: Configuration
    log: tuple[Request, ...] = ()
    seen: int = 0
    canary: Canary | None = None
    watch: Watch | None = None
    awaiting: Canary | None = None
    refused: Mapping[Configuration, int] = field(default_factory=lambda: _NONE)
    refusals: int = 0
    rests_until: int = 0
    searched_at: int = 0
    probe_gain: float | None = None


class Next(NamedTuple):
    """The state after a step, and what is to be told about it."""

    state: State
    events: tuple[Event, ...] = ()


def choose(plan: Plan, state: State, *, probing: float, siding: float) -> Choice:
    """Return the next request's configuration; `probing` and `siding` are independent draws from [0, 1)."""
    if not plan.acts:
        return Choice(plan.base, "champion")
    if plan.probe != state.champion and probing < plan.probe_share(state.probe_gain):
        return Choice(plan.probe, "probe")
    if state.canary is None:
        return Choice(state.champion, "champion")
    if siding < 0.5:  # noqa: PLR2004  # a fair lot is the most telling
        return Choice(state.canary.candidate, "canary")
    return Choice(state.champion, "control")


def learn(plan: Plan, state: State, request: Request) -> Next:
    """Return the state after a request: the log is longer, a canary or a watch may have come to an end."""
    state = replace(state, log=(*state.log, request)[-plan.caution.window :], seen=state.seen + 1)
    worth = plan.utility.of(request)
    watched = request.arm in {"champion", "control"} and request.configuration == state.champion
    if watched and state.watch is not None:
        watch = state.watch.seen(worth)
        state = replace(state, watch=watch)
        if watch.fell:
            return rolled_back(plan, state, f"its utility fell below {watch.bets.mean:.4g}")
    if state.canary is None:
        return Next(state)
    # What was under way when the canary began is no fair sample: of those, it is the slow that are left.
    if (request.arm, request.configuration) not in {
        ("canary", state.canary.candidate),
        ("control", state.champion),
    }:
        return Next(state)
    canary = state.canary.seen(worth, new=request.arm == "canary")
    return _judged(plan, replace(state, canary=canary), canary)


def is_search_due(plan: Plan, state: State) -> bool:
    """Return whether the log is to be searched now for something better."""
    return (
        plan.mode != "disabled"
        and state.canary is None
        and state.awaiting is None
        and len(state.log) >= plan.caution.fewest
        and state.seen - state.searched_at >= plan.caution.every
    )


def searched(plan: Plan, state: State, found: Sequence[Forecast]) -> Next:
    """Return the state after a search of the log, with a canary of the best forecast if that is good enough.

    A search that was begun under another champion says nothing about this one.
    """
    found = [one for one in found if one.instead_of == state.champion]
    probe = next((one.gain for one in found if one.configuration == plan.probe), None)
    state = replace(state, searched_at=state.seen, probe_gain=probe)
    if state.canary is not None or state.awaiting is not None or state.seen < state.rests_until:
        return Next(state)
    least = plan.caution.least_gain * plan.utility.success
    good = [
        one
        for one in found
        if one.low > least
        and one.configuration in plan.choices
        and state.refused.get(one.configuration, 0) <= state.seen
    ]
    if not good:
        return Next(state)
    best = max(good, key=lambda one: one.gain)
    proposed = ConfigurationProposed(
        step=plan.step,
        configuration=str(best.configuration),
        instead_of=str(state.champion),
        gain=best.gain,
        low_gain=best.low,
        n=best.n,
    )
    if not plan.acts:
        return Next(state, (proposed,))
    return _started(plan, state, best, proposed)


def promoted(plan: Plan, state: State, canary: Canary) -> Next:
    """Return the state in which the canary's candidate is in use and watched."""
    event = Promoted(
        step=plan.step,
        configuration=str(canary.candidate),
        instead_of=str(state.champion),
        gain=canary.gain,
        error=canary.error,
    )
    watch = None
    if canary.candidate != plan.base:
        watch = _watch(plan, canary)
    state = replace(
        state,
        champion=canary.candidate,
        canary=None,
        awaiting=None,
        watch=watch,
        searched_at=state.seen,
        refusals=0,
        probe_gain=None,
    )
    return Next(state, (event,))


def rolled_back(plan: Plan, state: State, reason: str) -> Next:
    """Return the state in which the base is in use and nothing of the past counts: it may no longer hold."""
    event = RolledBack(
        step=plan.step, configuration=str(plan.base), instead_of=str(state.champion), reason=reason
    )
    return Next(State(champion=plan.base, seen=state.seen, searched_at=state.seen), (event,))


def _started(plan: Plan, state: State, best: Forecast, proposed: ConfigurationProposed) -> Next:
    fewest, largest = plan.caution.canary
    canary = Canary.of(
        best,
        fewest=fewest,
        largest=largest,
        most=plan.utility.most - plan.utility.least(state.champion),
        harm=plan.caution.harm,
        sure=float(min(1 + state.refusals, _SUREST)),
    )
    started = CanaryStarted(
        step=plan.step,
        configuration=str(best.configuration),
        instead_of=str(state.champion),
        size=canary.size,
    )
    return Next(replace(state, canary=canary), (proposed, started))


def _judged(plan: Plan, state: State, canary: Canary) -> Next:
    verdict = canary.verdict
    if verdict is None:
        return Next(state)
    if verdict == "better":
        if plan.mode == "active":
            return promoted(plan, state, canary)
        awaited = ApprovalAwaited(
            step=plan.step, configuration=str(canary.candidate), gain=canary.gain, error=canary.error
        )
        return Next(replace(state, canary=None, awaiting=canary), (awaited,))
    return _refused(plan, state, canary, worse=verdict == "worse")


def _refused(plan: Plan, state: State, canary: Canary, *, worse: bool) -> Next:
    until = state.seen + plan.caution.pause
    refused = MappingProxyType({**state.refused, canary.candidate: until})
    event = CanaryRefused(
        step=plan.step,
        configuration=str(canary.candidate),
        forecast_gain=canary.forecast,
        gain=canary.gain,
        error=canary.error,
        worse=worse,
    )
    rest = plan.caution.rest * 2**state.refusals
    state = replace(
        state,
        canary=None,
        refused=refused,
        refusals=state.refusals + 1,
        rests_until=state.seen + rest,
        searched_at=state.seen,
    )
    return Next(state, (event,))


def approved(plan: Plan, state: State) -> Next:
    """Return the state in which what waited for approval is in use.

    Raises:
        ConfigurationError: nothing waits.
    """
    return promoted(plan, state, _awaiting(state))


def declined(plan: Plan, state: State) -> Next:
    """Return the state in which what waited for approval is left alone for a while.

    Raises:
        ConfigurationError: nothing waits.
    """
    return _refused(plan, replace(state, awaiting=None), _awaiting(state), worse=False)


def _watch(plan: Plan, canary: Canary) -> Watch:
    """Watch for a utility below that of what was replaced, and below what the canary's chance explains."""
    error = max(canary.new.error, canary.old.error)
    mean = min(canary.new.mean - 2 * error, canary.old.mean)
    return Watch(bets=Bets(mean=mean, most=plan.utility.most), patience=plan.caution.patience)


def _awaiting(state: State) -> Canary:
    if state.awaiting is None:
        raise ConfigurationError(
            "nothing waits for approval; explain() tells what does, in mode 'validate' after a canary"
        )
    return state.awaiting
