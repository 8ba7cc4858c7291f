"""Tokens: what each task read and wrote, and how much of what it read a provider may have had already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

from ....ace.training.result import TaskResult
from ...numbers import percent
from ..charts.series import Level, series_chart
from ..charts.stack import Stack, stack_chart
from ..markup import Element, Node, el
from ..material import Material
from ..text import facts, legend, section
from .effort import short


def tokens(material: Material) -> Element | None:
    """Return the section, or None if no tokens were counted."""
    shown = material.training or tuple(one.result for one in material.done)
    if not any(result.tokens for result in shown):
        return None
    lead = "Input and output of all model calls of a task, in the order of the tasks."
    return section("tokens", "Tokens", lead, _columns(shown), *_reused(material), facts(_sums(shown)))


def _columns(results: Sequence[TaskResult]) -> Element:
    sums = {name: sum(getattr(one, f"{name}_tokens") for one in results) for name in ("cached", "output")}
    keys = [("fresh", "read"), *([("cached", "read from a cache")] if sums["cached"] else [])]
    keys = [("out", "written"), *keys] if sums["output"] else [("fresh", "read and written")]
    label = f"tokens of {len(results)} tasks, {sum(result.tokens for result in results):,} together"
    stacks = [_stack(number, one) for number, one in enumerate(results, 1)]
    return el("figure", legend(*keys), stack_chart(stacks, word=short, label=label))


def _stack(number: int, result: TaskResult) -> Stack:
    fresh = result.input_tokens - result.cached_tokens
    told = (
        f"task {number}, {result.task_id}: {result.input_tokens:,} read ({result.cached_tokens:,} cached), "
        f"{result.output_tokens:,} written"
    )
    parts = (("cached", result.cached_tokens), ("fresh", fresh), ("out", result.output_tokens))
    return Stack(parts=parts, told=told)


def _reused(material: Material) -> Iterator[Node]:
    shares = list(material.reuse.values())
    if not shares:
        return
    levels = [
        Level(x=number, value=100 * share, told=f"{name}: {percent(share)}")
        for number, (name, share) in enumerate(material.reuse.items(), start=1)
    ]
    words = f"{percent(fmean(shares))} on average, {percent(min(shares))} at least"
    yield el(
        "figure",
        el("h3", "Reusable prefix of the generator's prompts", el("span", words, css="ends")),
        series_chart(levels, tasks=len(shares), word=lambda value: f"{value:g} %", label=words, top=100),
        css="below",
    )


def _sums(results: Sequence[TaskResult]) -> dict[str, Node]:
    read, cached = sum(r.input_tokens for r in results), sum(r.cached_tokens for r in results)
    written = sum(r.output_tokens for r in results)
    split: dict[str, Node] = (
        {"read": f"{read:,}", "written": f"{written:,}"} if written else {"all": f"{read:,}"}
    )
    cache: dict[str, Node] = (
        {"read from a cache": f"{percent(cached / read)} of what was read"} if cached else {}
    )
    last = results[-1]
    size = f"{last.playbook_tokens:,} tokens in {last.playbook_size} strategies"
    return {**split, **cache, "playbook of the last task": size}
