"""What recovery costs when nothing fails: each step around another, and the copy that a cache gives a caller.

Prints the time of each variant and its ratio to the first: the best of many short rounds, as the rest of
these microseconds is what else the machine does.
"""

from __future__ import annotations

import asyncio
import copy
import json
import math
import pickle
import time
from collections.abc import Awaitable, Callable, Mapping

from recording import keep, tell

from tta_dev_primitives import LambdaPrimitive, WorkflowPrimitive
from tta_dev_primitives.workflow import (
    BulkheadPrimitive,
    CachePrimitive,
    CircuitBreakerPrimitive,
    CompensationPrimitive,
    FallbackPrimitive,
    HedgePrimitive,
    RateLimitPrimitive,
    RetryPrimitive,
    TimeoutPrimitive,
)

CALLS = 50
ROUNDS = 100


async def add(data: int) -> int:
    return data + 1


STEP: WorkflowPrimitive[int, int] = LambdaPrimitive(add, idempotent=True)
WRAPPED: dict[str, WorkflowPrimitive[int, int]] = {
    "the step alone": STEP,
    "RetryPrimitive": RetryPrimitive(STEP, on=OSError),
    "TimeoutPrimitive": TimeoutPrimitive(STEP, timeout_seconds=60),
    "FallbackPrimitive": FallbackPrimitive(STEP, [STEP]),
    "CompensationPrimitive": CompensationPrimitive[int, int]([(STEP, STEP)]),
    "CircuitBreakerPrimitive": CircuitBreakerPrimitive(STEP),
    "BulkheadPrimitive": BulkheadPrimitive(STEP, max_concurrent=8, max_waiting=8),
    "RateLimitPrimitive": RateLimitPrimitive(STEP, most=1_000_000, per_seconds=1),
    "HedgePrimitive": HedgePrimitive(STEP, after_s=60),
    "CachePrimitive, hit": CachePrimitive(STEP, cache_key_fn=lambda data: data, ttl_seconds=3600),
}

ANSWER = {
    "rows": [
        {"id": number, "name": f"row {number}", "tags": ["a", "b"], "score": number / 7}
        for number in range(100)
    ]
}
PICKLED, WRITTEN = pickle.dumps(ANSWER), json.dumps(ANSWER)


async def deep_copy() -> object:
    return copy.deepcopy(ANSWER)


async def unpickled() -> object:
    return pickle.loads(PICKLED)  # noqa: S301  # our own bytes


async def read_as_json() -> object:
    return json.loads(WRITTEN)


async def shared() -> object:
    return ANSWER


async def seconds(call: Callable[[], Awaitable[object]], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        await call()
    return (time.perf_counter() - start) / calls


async def compare(
    title: str, variants: Mapping[str, Callable[[], Awaitable[object]]], calls: int
) -> dict[str, float]:
    """Print and return the best round of each variant."""
    best = dict.fromkeys(variants, math.inf)
    for _ in range(ROUNDS):
        for name, call in variants.items():
            best[name] = min(best[name], await seconds(call, calls))
    tell(title, best)
    return best


def call_of(step: WorkflowPrimitive[int, int]) -> Callable[[], Awaitable[object]]:
    return lambda: step.execute(1)


async def main() -> None:
    wrapped = {name: call_of(step) for name, step in WRAPPED.items()}
    copies = {
        "the same object (frozen=True)": shared,
        "copy.deepcopy": deep_copy,
        "pickle.loads": unpickled,
        "json.loads": read_as_json,
    }
    kilobytes = len(WRITTEN) / 1e3
    title = f"a copy of {kilobytes:.0f} kB of JSON, 100 rows"
    figures = {
        "one call, nothing fails": await compare("one call, nothing fails", wrapped, CALLS),
        title: await compare(title, copies, 5),
    }
    keep(__file__, {"best_seconds": figures})


if __name__ == "__main__":
    asyncio.run(main())
