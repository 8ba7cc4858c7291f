"""The report of a comparison as two tables: what the arms achieved, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ...ace.training.comparison import Comparison
from ...ace.training.curve import Share
from ...bench.compare.answers import Cost
from ...bench.compare.report import REFERENCES, ArmReport, Report
from ..columns import columns

_LEGEND: Final = (
    "against: points of first-try success on the same tasks, with Tango's 95 % interval",
    "p: exact McNemar, two-sided; 95 % interval: Wilson's",
    "reusable prefix: the share of a generator's prompt that is equal to the one before, in the test",
)


def lines(report: Report) -> Iterator[str]:
    """Yield the lines of both tables."""
    yield f"{report.problem}: {report.train_tasks} training and {report.test_tasks} held-out tasks"
    yield ""
    references = [name for name in REFERENCES if any(name in arm.against for arm in report.arms)]
    heads = [f"{what} {name}" for name in references for what in ("against", "p")]
    yield from columns(
        ["arm", "first try", "95 % interval", "solved", *heads],
        [_achieved(arm, references) for arm in report.arms],
    )
    yield ""
    yield from columns(
        [
            "arm",
            "context tokens",
            "training calls",
            "tokens",
            "USD",
            "s",
            "test calls/task",
            "tokens/task",
            "cached",
            "USD",
            "s",
            "reusable prefix",
        ],
        [_cost(arm) for arm in report.arms],
    )
    yield ""
    yield from _LEGEND


def _achieved(arm: ArmReport, references: Sequence[str]) -> list[str]:
    compared = [cell for name in references for cell in _against(arm.against.get(name))]
    return [arm.name, *_share(arm.first_try), f"{arm.success.value:.0%}", *compared]


def _share(share: Share) -> tuple[str, str]:
    return f"{round(share.value * share.n)} of {share.n}", f"{share.low:.0%} to {share.high:.0%}"


def _against(comparison: Comparison | None) -> tuple[str, str]:
    if comparison is None:
        return "", ""
    points = comparison.difference
    return (
        f"{100 * points.value:+.0f} ({100 * points.low:+.0f} to {100 * points.high:+.0f})",
        f"{comparison.p:.3g}",
    )


def _cost(arm: ArmReport) -> list[str]:
    training, test, tasks = arm.training, arm.test, arm.first_try.n
    return [
        arm.name,
        f"{arm.context_tokens:,}",
        *(
            (f"{training.calls}", f"{training.tokens:,}", *_money(training))
            if training
            else ("0", "0", "", "")
        ),
        f"{test.calls / tasks:.2f}",
        f"{test.tokens / tasks:,.0f}",
        f"{test.cached_tokens / test.input_tokens:.0%}" if test.input_tokens else "",
        *_money(test),
        f"{arm.reuse.previous:.2f}" if arm.reuse else "",
    ]


def _money(cost: Cost) -> tuple[str, str]:
    return (
        "unknown" if cost.usd is None else f"{cost.usd:.4f}",
        "resumed" if cost.seconds is None else f"{cost.seconds:.1f}",
    )
