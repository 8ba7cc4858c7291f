"""What both type checkers infer for steps around steps; it is they who check it."""

from __future__ import annotations

from typing import assert_type

from tta_dev_primitives import LambdaPrimitive, SequentialPrimitive, WorkflowContext, WorkflowPrimitive
from tta_dev_primitives.workflow import (
    BulkheadPrimitive,
    CachePrimitive,
    CircuitBreakerPrimitive,
    FallbackPrimitive,
    HedgePrimitive,
    RateLimitPrimitive,
    RetryPrimitive,
    TimeoutPrimitive,
)


class Len(WorkflowPrimitive[str, int]):
    @property
    def idempotent(self) -> bool:
        return True

    async def _execute(self, data: str, context: WorkflowContext) -> int:
        del context
        return len(data)


def plain(data: str) -> int:
    return len(data)


async def later(data: str) -> int:
    return len(data)


async def with_context(data: str, context: WorkflowContext) -> int:
    del context
    return len(data)


def test_input_and_output_stay_what_they_are() -> None:
    assert_type(RetryPrimitive(Len(), on=OSError), RetryPrimitive[str, int])
    assert_type(RetryPrimitive(later, on=(OSError, KeyError)), RetryPrimitive[str, int])
    assert_type(TimeoutPrimitive(with_context, timeout_seconds=1), TimeoutPrimitive[str, int])
    assert_type(HedgePrimitive(Len(), after_s=1), HedgePrimitive[str, int])
    assert_type(CircuitBreakerPrimitive(Len()), CircuitBreakerPrimitive[str, int])
    assert_type(RateLimitPrimitive(Len(), most=1, per_seconds=1), RateLimitPrimitive[str, int])
    assert_type(BulkheadPrimitive(Len(), max_concurrent=1, max_waiting=0), BulkheadPrimitive[str, int])


def test_a_fallback_can_be_any_function_of_the_same_types() -> None:
    assert_type(FallbackPrimitive(Len(), [Len(), later]), FallbackPrimitive[str, int])
    assert_type(FallbackPrimitive(later, [plain, lambda _: 3]), FallbackPrimitive[str, int])


def test_a_key_can_be_made_of_input_and_context() -> None:
    by_input = CachePrimitive(Len(), cache_key_fn=lambda data: data.lower(), ttl_seconds=1)
    by_both = CachePrimitive(
        later, cache_key_fn=lambda data, context: (data, context.session_id), ttl_seconds=1
    )
    assert_type(by_input, CachePrimitive[str, int])
    assert_type(by_both, CachePrimitive[str, int])


def test_they_compose() -> None:
    flow = RetryPrimitive(Len(), on=OSError) >> RetryPrimitive(LambdaPrimitive(str), on=OSError)
    assert_type(flow, SequentialPrimitive[str, str])
