"""Arms: what each side of a comparison keeps in the prompt, and what it cost to learn and to be tested."""

from __future__ import annotations

from ....bench.compare.answers import Cost
from ...numbers import decimal, percent
from ..markup import Element
from ..material import ArmCost, Material
from ..tables import NOTHING, table
from ..text import section

_TITLES = (
    "With",
    "In the context",
    "Training: calls",
    "tokens",
    "USD",
    "Test: calls a task",
    "tokens a task",
    "Reusable prefix",
)


def arms(material: Material) -> Element | None:
    """Return the section, or None for a report that compares no arms."""
    if not material.arms:
        return None
    lead = "What each costs: tokens in the generator's context beside the task, model calls, tokens, money."
    return section("costs", "Costs", lead, table(_TITLES, [_cells(arm) for arm in material.arms]))


def _cells(cost: ArmCost) -> tuple[str, ...]:
    arm, count = cost.report, cost.report.first_try.n
    return (
        cost.title,
        f"{arm.context_tokens:,}",
        *_training(arm.training),
        decimal(arm.test.calls / count),
        f"{(arm.test.input_tokens + arm.test.output_tokens) / count:,.0f}",
        NOTHING if arm.reuse is None else percent(arm.reuse.previous),
    )


def _training(cost: Cost | None) -> tuple[str, str, str]:
    if cost is None:
        return NOTHING, NOTHING, NOTHING
    usd = NOTHING if cost.usd is None else f"{cost.usd:.2f}"
    return f"{cost.calls:,}", f"{cost.input_tokens + cost.output_tokens:,}", usd
