"""Services in virtual time: how a call behaves, and a request to it under any configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, log
from random import Random
from typing import TypeAlias

from tta_dev_primitives.workflow.adaptive.configuration import Configuration
from tta_dev_primitives.workflow.adaptive.request import Attempt, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    ok: bool
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Each call fails with probability `transient`, each request with `permanent` at all of its calls.

    A call takes lognormal time around `median_s`; with probability `slow` it takes a Pareto time from
    `slow_s` on; with probability `slow_request` all calls of a request take the same such time, so that
    asking again is no help.
    """

    median_s: float = 0.4
    sigma: float = 0.5
    transient: float = 0.01
    permanent: float = 0.01
    slow: float = 0.0
    slow_request: float = 0.0
    slow_s: float = 6.0
    shape: float = 1.1

    def request(self, random: Random) -> Callable[[], Call]:
        """Return a request: each call of it is another draw."""
        refused = random.random() < self.permanent
        heavy_s = self._slow(random) if random.random() < self.slow_request else None

        def call() -> Call:
            if refused or random.random() < self.transient:
                return Call(ok=False, seconds=random.lognormvariate(log(0.2), 0.3))
            if heavy_s is not None or random.random() < self.slow:
                return Call(ok=True, seconds=heavy_s or self._slow(random))
            return Call(ok=True, seconds=random.lognormvariate(log(self.median_s), self.sigma))

        return call

    def _slow(self, random: Random) -> float:
        return self.slow_s * random.paretovariate(self.shape)


World: TypeAlias = Callable[[int], Service]
"""Request number -> the service as it is then."""


def still(service: Service) -> World:
    return lambda _number: service


TRANSIENT = Service(transient=0.5)
HEAVY = Service(slow=0.25, slow_s=15.0)
REFUSING = Service(permanent=0.6)
SLOWER = Service(median_s=3.0, transient=0.5)
CHANGE_AT = 1500

WORLDS: Mapping[str, World] = {
    "heavy tail": still(HEAVY),
    "permanent failures": still(REFUSING),
    "transient": still(TRANSIENT),
    "null": still(Service()),
    "drift": lambda number: HEAVY if number < CHANGE_AT else SLOWER,
}
HARDER: Mapping[str, World] = {
    "slow by request": still(Service(slow_request=0.25, slow_s=4.0, shape=2.5)),
    "drift upwards": lambda number: REFUSING if number < CHANGE_AT else TRANSIENT,
}
"""Beyond the five: what replay takes as independent is not; and a change after which all fare better, but
what is in use could fare better still."""


def perform(service: Service, how: Configuration, random: Random) -> tuple[Attempt, ...]:
    """Return the attempts of one request, as the primitives of `workflow` would make them."""
    call, attempts = service.request(random), list[Attempt]()
    for number in range(how.retries + 1):
        pause = random.uniform(0, how.longest_pause_s(number))
        attempts.append(_attempt(call, how, pause))
        if attempts[-1].ok:
            break
    return tuple(attempts)


def _attempt(call: Callable[[], Call], how: Configuration, pause: float) -> Attempt:
    first, calls = call(), 1
    ok, seconds = first.ok, first.seconds
    if how.hedge_after_s is not None and seconds > how.hedge_after_s:
        second, calls = call(), 2
        arrives = how.hedge_after_s + second.seconds
        wins = min((seconds if ok else inf), (arrives if second.ok else inf))
        ok = ok or second.ok
        seconds = wins if ok else max(seconds, arrives)
    if seconds > how.timeout_s:
        return Attempt(ok=False, seconds=how.timeout_s, cut=True, calls=calls, pause_s=pause)
    return Attempt(
        ok=ok, seconds=seconds, error=None if ok else "ConnectionError", calls=calls, pause_s=pause
    )


def request(service: Service, how: Configuration, random: Random) -> Request:
    return Request(configuration=how, attempts=perform(service, how, random))
