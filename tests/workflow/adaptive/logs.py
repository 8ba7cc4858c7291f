"""Short logs for tests."""

from __future__ import annotations

from random import Random

from tuning.worlds import Service, request

from tta_dev_primitives.workflow.adaptive import Configuration, Utility
from tta_dev_primitives.workflow.adaptive.request import Arm, Attempt, Request

UTILITY = Utility(per_second=0.02, per_call=0.05)
BASE = Configuration(timeout_s=10.0, retries=2)
OK = Attempt(ok=True, seconds=1.0)
REFUSED = Attempt(ok=False, seconds=0.1, error="ConnectionError")


def seen(*attempts: Attempt, how: Configuration = BASE, arm: Arm = "champion") -> Request:
    return Request(configuration=how, attempts=attempts, arm=arm)


def log_of(service: Service, how: Configuration, count: int, *, seed: int = 0) -> tuple[Request, ...]:
    random = Random(seed)  # noqa: S311  # a simulation
    return tuple(request(service, how, random) for _ in range(count))
