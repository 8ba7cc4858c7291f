"""Drives the real tuner through a world in virtual time, and measures it against hindsight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from statistics import fmean

from tta_dev_primitives.core.events import Event
from tta_dev_primitives.workflow.adaptive import tuner
from tta_dev_primitives.workflow.adaptive.configuration import Configuration, grid_around
from tta_dev_primitives.workflow.adaptive.plan import Plan
from tta_dev_primitives.workflow.adaptive.search import forecasts
from tta_dev_primitives.workflow.adaptive.utility import Utility

from .worlds import Service, World, request

BASE = Configuration(timeout_s=10.0, retries=2, backoff_s=0.5)
UTILITY = Utility(success=1.0, per_second=0.02, per_call=0.05)
REQUESTS = 4000
PLAN = Plan(
    step="service",
    base=BASE,
    candidates=grid_around(BASE, hedge=True),
    utility=UTILITY,
    mode="active",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`used[i]` is the configuration that request i ran under; `final` is what was in use at the end."""

    used: tuple[Configuration, ...]
    final: Configuration
    events: tuple[Event, ...]


def drive(world: World, *, seed: int, plan: Plan = PLAN, requests: int = REQUESTS) -> Run:
    random = Random(seed)  # noqa: S311  # a simulation
    state = tuner.State(champion=plan.base)
    used, events = list[Configuration](), list[Event]()
    for number in range(requests):
        choice = tuner.choose(plan, state, probing=random.random(), siding=random.random())
        used.append(choice.configuration)
        done = replace(request(world(number), choice.configuration, random), arm=choice.arm)
        state, told = tuner.learn(plan, state, done)
        events.extend(told)
        if tuner.is_search_due(plan, state):
            found = forecasts(state.log, plan, champion=state.champion, seed=state.seen)
            state, told = tuner.searched(plan, state, found)
            events.extend(told)
    return Run(used=tuple(used), final=state.champion, events=tuple(events))


def truth(service: Service, *, draws: int, seed: int, plan: Plan = PLAN) -> Mapping[Configuration, float]:
    """Return the mean utility of each configuration over many requests, which no tuner sees.

    Request i has the same fate under each, so that the best is not just the luckiest.
    """
    found = dict[Configuration, float]()
    for how in dict.fromkeys((plan.base, plan.probe, *plan.candidates)):
        fates = (Random(seed * draws + number) for number in range(draws))  # noqa: S311  # a simulation
        found[how] = fmean(plan.utility.of(request(service, how, fate)) for fate in fates)
    return found
