"""The tuner as a function: what each mode does, when it promotes, refuses and rolls back."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from tests.workflow.adaptive.logs import BASE, OK, UTILITY, seen
from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.core.events import Event
from tta_dev_primitives.workflow.adaptive import (
    ApprovalAwaited,
    CanaryRefused,
    CanaryStarted,
    Caution,
    Configuration,
    ConfigurationProposed,
    Mode,
    Promoted,
    RolledBack,
    tuner,
)
from tta_dev_primitives.workflow.adaptive.forecast import Forecast
from tta_dev_primitives.workflow.adaptive.plan import Plan
from tta_dev_primitives.workflow.adaptive.request import Arm, Attempt
from tta_dev_primitives.workflow.adaptive.tuner import State

BETTER = Configuration(timeout_s=5.0, retries=2)
PROMISING = Forecast(configuration=BETTER, instead_of=BASE, gain=0.5, low=0.2, n=100, spread=0.3)
FAILED = Attempt(ok=False, seconds=5.0, cut=True)


def plan_for(mode: Mode) -> Plan:
    return Plan(step="s", base=BASE, candidates=(BETTER,), utility=UTILITY, mode=mode)


def told(events: tuple[Event, ...]) -> list[type[Event]]:
    return [type(event) for event in events]


def after_canary(plan: Plan, *, ok: bool) -> tuple[State, list[type[Event]]]:
    """Run the canary of BETTER to its end: BASE always fails late, BETTER succeeds if `ok`."""
    state, events = tuner.searched(plan, State(champion=BASE), [PROMISING])
    heard, random = told(events), Random(0)  # noqa: S311  # a simulation
    while state.canary is not None:
        choice = tuner.choose(plan, state, probing=random.random(), siding=random.random())
        fine = (choice.configuration == BETTER) == ok
        request = seen(OK if fine else FAILED, how=choice.configuration, arm=choice.arm)
        state, events = tuner.learn(plan, state, request)
        heard += told(events)
    return state, heard


@pytest.mark.parametrize("mode", ["disabled", "observe"])
def test_these_modes_never_run_anything_but_the_base(mode: Mode) -> None:
    plan = plan_for(mode)
    state, events = tuner.searched(plan, State(champion=BASE), [PROMISING])
    assert tuner.choose(plan, state, probing=0.0, siding=0.0).configuration == BASE
    assert told(events) == [ConfigurationProposed]


def test_active_promotes_what_its_canary_shows_to_be_better() -> None:
    state, events = after_canary(plan_for("active"), ok=True)
    assert events == [ConfigurationProposed, CanaryStarted, Promoted]
    assert state.champion == BETTER


def test_what_turns_out_worse_is_refused_and_left_alone_for_a_while() -> None:
    plan = plan_for("active")
    state, events = after_canary(plan, ok=False)
    assert events == [ConfigurationProposed, CanaryStarted, CanaryRefused]
    assert state.champion == BASE
    assert tuner.searched(plan, state, [PROMISING]).state.canary is None
    later = replace(state, seen=state.seen + plan.caution.pause)
    assert tuner.searched(plan, later, [PROMISING]).state.canary is not None


def test_harm_is_seen_before_the_canary_is_full() -> None:
    state, _ = after_canary(plan_for("active"), ok=False)
    assert state.seen < 2 * plan_for("active").caution.canary[0]


@pytest.mark.parametrize(
    ("how", "arm"), [(BASE, "champion"), (BASE, "probe"), (BASE, "canary"), (BETTER, "champion")]
)
def test_a_canary_counts_only_what_its_lot_chose(how: Configuration, arm: Arm) -> None:
    """Not what was under way when it began, which is the slow ones; nor what an earlier canary chose."""
    plan = plan_for("active")
    state = tuner.searched(plan, State(champion=BASE), [PROMISING]).state
    after = tuner.learn(plan, state, seen(OK, how=how, arm=arm)).state
    assert (after.seen, after.canary) == (1, state.canary)
    for siding, new in ((0.9, 0), (0.1, 1)):
        choice = tuner.choose(plan, state, probing=1.0, siding=siding)
        chosen = tuner.learn(plan, state, seen(OK, how=choice.configuration, arm=choice.arm)).state.canary
        assert chosen is not None
        assert (chosen.new.n, chosen.old.n) == (new, 1 - new)


def test_validate_waits_for_approval() -> None:
    plan = plan_for("validate")
    state, events = after_canary(plan, ok=True)
    assert events[-1] is ApprovalAwaited
    assert tuner.choose(plan, state, probing=0.9, siding=0.0).configuration == BASE
    assert not tuner.is_search_due(plan, replace(state, seen=10_000))
    assert tuner.approved(plan, state).state.champion == BETTER
    declined = tuner.declined(plan, state)
    assert declined.state.champion == BASE
    assert told(declined.events) == [CanaryRefused]
    with pytest.raises(ConfigurationError, match="nothing waits for approval"):
        tuner.approved(plan, declined.state)


def test_a_promoted_configuration_that_gets_worse_is_rolled_back_and_the_past_forgotten() -> None:
    plan = plan_for("active")
    state, _ = after_canary(plan, ok=True)
    heard = list[type[Event]]()
    while not heard and state.seen < 1000:
        state, events = tuner.learn(plan, state, seen(FAILED, FAILED, FAILED, how=BETTER))
        heard += told(events)
    assert heard == [RolledBack]
    assert (state.champion, state.log, state.watch) == (BASE, (), None)


def test_a_promoted_configuration_that_stays_good_stays() -> None:
    plan = plan_for("active")
    state, _ = after_canary(plan, ok=True)
    for _ in range(2000):
        state, events = tuner.learn(plan, state, seen(OK, how=BETTER))
        assert not events
    assert state.champion == BETTER


def test_a_search_begun_under_another_champion_counts_for_nothing() -> None:
    plan = plan_for("active")
    state, _ = after_canary(plan, ok=True)
    stale = replace(PROMISING, configuration=BASE)
    assert tuner.searched(plan, state, [stale]).state.canary is None


def test_a_gain_that_is_not_sure_starts_nothing() -> None:
    unsure = replace(PROMISING, low=0.001)
    assert not tuner.searched(plan_for("active"), State(champion=BASE), [unsure]).events


def test_costly_probes_come_seldom_and_gainful_ones_up_to_their_share() -> None:
    plan = plan_for("active")
    caution = plan.caution
    assert plan.probe_share(0.1) == caution.probes
    assert plan.probe_share(-0.1) == pytest.approx(caution.probes_cost / 0.1)
    silent = replace(plan, caution=Caution(probes=0))
    assert silent.probe_share(None) == 0


def test_the_log_is_bounded() -> None:
    plan = replace(plan_for("observe"), caution=Caution(window=50))
    state = State(champion=BASE)
    for _ in range(120):
        state = tuner.learn(plan, state, seen(OK)).state
    assert len(state.log) == 50
    assert state.seen == 120


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"window": 0}, "window=0"),
        ({"level": 1.0}, "level=1.0"),
        ({"probes": 1.0}, "probes=1.0"),
        ({"probes_cost": 0.0}, "probes_cost=0.0"),
        ({"canary": (5, 3)}, "canary="),
        ({"least_gain": -1.0}, "least_gain=-1.0"),
    ],
)
def test_nonsense_is_refused_by_name(wrong: dict[str, float], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        Caution(**wrong)  # type: ignore[arg-type]
