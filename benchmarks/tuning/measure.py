"""What a tuner's run was worth against the base and against the best configuration in hindsight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tta_dev_primitives.ace.statistics import bootstrap, wilson
from tta_dev_primitives.workflow.adaptive.configuration import Configuration

from .simulation import BASE, Run

Truth = Mapping[Configuration, float]
LAST = 0.25
"""The last part of a run, over which the final share of the gap is measured."""
WRONG = 0.005
"""A final choice is wrong if its true utility is below the base's by more than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one run. `closed` are shares of the gap from base to best, `loss` a share of the base's utility."""

    gap_last: float
    closed_last: float
    closed_whole: float
    loss_whole: float
    wrong: float
    at_base: float


def figures(run: Run, truths: Sequence[Truth]) -> Figures:
    """Return the figures of a run; `truths[i]` are the true mean utilities when request i ran.

    The true mean of the configuration that a request ran under stands for its own utility: the same in
    expectation, and without its noise.
    """
    used = [truth[how] for how, truth in zip(run.used, truths, strict=True)]
    base = [truth[BASE] for truth in truths]
    best = {id(truth): max(truth.values()) for truth in truths}
    oracle = [best[id(truth)] for truth in truths]
    late = int(len(used) * (1 - LAST))
    gain, gap = sum(used) - sum(base), sum(oracle) - sum(base)
    gain_last, gap_last = sum(used[late:]) - sum(base[late:]), sum(oracle[late:]) - sum(base[late:])
    return Figures(
        gap_last=gap_last / (len(used) - late),
        closed_last=gain_last / max(gap_last, 1e-9),
        closed_whole=gain / max(gap, 1e-9),
        loss_whole=-gain / sum(base),
        wrong=float(truths[-1][run.final] < truths[-1][BASE] - WRONG),
        at_base=float(run.final == BASE),
    )


def summary(runs: Sequence[Figures]) -> dict[str, dict[str, float]]:
    """Return mean and 95 % interval over the seeds: BCa of means, Wilson's of shares of seeds."""
    told = dict[str, dict[str, float]]()
    for name in ("closed_last", "closed_whole", "loss_whole"):
        found = bootstrap([getattr(one, name) for one in runs], seed=0)
        told[name] = {"mean": found.value, "low": found.low, "high": found.high}
    for name in ("wrong", "at_base"):
        share = wilson(sum(int(getattr(one, name)) for one in runs), len(runs))
        told[name] = {"mean": share.value, "low": share.low, "high": share.high}
    told["gap_last"] = {"mean": runs[0].gap_last}
    return {name: {part: round(value, 4) for part, value in parts.items()} for name, parts in told.items()}
