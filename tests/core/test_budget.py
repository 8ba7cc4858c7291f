from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tta_dev_primitives import Budget
from tta_dev_primitives.core import Reservation, Spend
from tta_dev_primitives.core.errors import BudgetExceeded, ConfigurationError

amounts = st.builds(
    Spend,
    tokens=st.integers(0, 60),
    usd=st.floats(0, 0.6, allow_nan=False),
    calls=st.integers(0, 3),
)


@given(st.lists(st.tuples(amounts, st.floats(0, 1), st.integers(0, 5))))
def test_no_interleaving_exceeds_it(steps: list[tuple[Spend, float, int]]) -> None:
    budget = Budget(tokens=100, usd=1.0, calls=5)
    held: list[tuple[Reservation, float]] = []
    for most, share, settle in steps:
        try:
            held.append((budget.reserve(most), share))
        except BudgetExceeded:
            assert most.tokens > left(budget)[0] or most.usd > left(budget)[1] or most.calls > left(budget)[2]
        if held and settle:
            one, part = held.pop(settle % len(held))
            actual = Spend(tokens=int(one.tokens * part), usd=one.usd * part, calls=one.calls)
            budget.settle(one, actual)
        assert budget.spent.tokens <= 100
        assert budget.spent.usd <= 1.0 + 1e-12
        assert budget.spent.calls <= 5
        assert min(left(budget)) >= -1e-12


@given(st.lists(amounts))
def test_what_never_happened_costs_nothing(steps: list[Spend]) -> None:
    budget = Budget(tokens=10_000, usd=1_000.0, calls=1_000)
    for held in [budget.reserve(most) for most in steps]:
        budget.settle(held, Spend())
    assert left(budget) == (10_000, 1_000.0, 1_000)
    assert budget.spent == Spend()


@given(amounts, amounts)
def test_spends_add_and_subtract(one: Spend, other: Spend) -> None:
    total = one + other
    assert total.tokens == one.tokens + other.tokens
    assert total == other + one
    assert (total - other).tokens == one.tokens
    assert (total - other).calls == one.calls
    assert (total - other).usd == pytest.approx(one.usd)


async def test_concurrent_steps_share_one_account() -> None:
    budget = Budget(calls=3)
    made = 0

    async def call() -> None:
        nonlocal made
        held = budget.reserve(Spend(calls=1))
        await asyncio.sleep(0)
        made += 1
        budget.settle(held, Spend(calls=1))

    outcomes = await asyncio.gather(*(call() for _ in range(10)), return_exceptions=True)
    assert made == 3
    assert [type(outcome) for outcome in outcomes].count(BudgetExceeded) == 7
    assert budget.calls_left == 0


def test_unlimited_parts_are_none() -> None:
    budget = Budget()
    budget.settle(budget.reserve(Spend(tokens=10**9, usd=1e9)), Spend(tokens=5, usd=0.5, calls=1))
    assert (budget.tokens_left, budget.usd_left, budget.calls_left) == (None, None, None)
    assert budget.spent == Spend(tokens=5, usd=0.5, calls=1)


def test_an_overrun_is_recorded_and_stops_the_next_step() -> None:
    budget = Budget(tokens=100)
    budget.settle(budget.reserve(Spend(tokens=80)), Spend(tokens=130))
    assert budget.tokens_left == -30
    with pytest.raises(BudgetExceeded, match=r"could cost 1 tokens and 0 of the budget of 100 are left"):
        budget.reserve(Spend(tokens=1))


def test_a_refused_reservation_reserves_nothing() -> None:
    budget = Budget(tokens=100, calls=1)
    with pytest.raises(BudgetExceeded, match="2 calls and 1 of the budget of 1 are left"):
        budget.reserve(Spend(tokens=50, calls=2))
    assert budget.tokens_left == 100


def test_a_reservation_is_settled_once() -> None:
    budget = Budget(tokens=100)
    held = budget.reserve(Spend(tokens=60))
    budget.settle(held, Spend(tokens=1))
    with pytest.raises(ConfigurationError, match="settle each once"):
        budget.settle(held, Spend())
    with pytest.raises(ConfigurationError, match="not an open reservation of this budget"):
        budget.settle(Spend(tokens=60), Spend())
    with pytest.raises(ConfigurationError, match="not an open reservation of this budget"):
        budget.settle(Budget().reserve(Spend(tokens=60)), Spend())
    assert budget.tokens_left == 99


@pytest.mark.parametrize("limit", [0, -1, float("nan")])
def test_a_limit_must_be_above_zero(limit: float) -> None:
    with pytest.raises(ConfigurationError, match=r"budget usd=.* must be above 0"):
        Budget(usd=limit)


@pytest.mark.parametrize(
    "amount", [Spend(tokens=-1), Spend(usd=-0.1), Spend(calls=-1), Spend(usd=float("nan"))]
)
def test_an_amount_must_not_be_negative(amount: Spend) -> None:
    budget = Budget(tokens=10, usd=1.0, calls=10)
    with pytest.raises(ConfigurationError, match="must be 0 or more"):
        budget.reserve(amount)
    held = budget.reserve(Spend())
    with pytest.raises(ConfigurationError, match="must be 0 or more"):
        budget.settle(held, amount)
    assert budget.tokens_left == 10


def left(budget: Budget) -> tuple[float, float, float]:
    assert budget.tokens_left is not None
    assert budget.usd_left is not None
    assert budget.calls_left is not None
    return budget.tokens_left, budget.usd_left, budget.calls_left


@pytest.mark.parametrize("limit", [{"tokens": 10}, {"usd": 1.0}, {"calls": 1}])
def test_a_budget_is_exhausted_when_one_limit_has_nothing_left(limit: dict[str, int]) -> None:
    budget, seen = Budget(**limit), list[bool]()
    seen.append(budget.exhausted)
    held = budget.reserve(Spend(tokens=limit.get("tokens", 0), usd=limit.get("usd", 0), calls=1))
    seen.append(budget.exhausted)
    budget.settle(held, Spend())
    seen.append(budget.exhausted)
    assert seen == [False, True, False]
    assert not Budget().exhausted
