"""Headline figures: the few that say what a run came to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...ace.bullet import Status
from ...ace.content import tokens
from ...ace.statistics import tango
from ...ace.training.result import TaskResult
from ...llm.types import Usage
from ..numbers import decimal, interval, money, percent, points, points_interval
from ..screen import plural
from .contrast import contrast_of, pairs_of
from .material import Material, Sides, first_try

_MANY = 10_000
"""Tokens that are told in thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with what it is and what goes with it; `key` is its name for programs, `value` for those."""

    key: str
    title: str
    shown: str
    note: str
    value: object


def conclusion(material: Material) -> str:
    """Return in a sentence what the run came to."""
    sides = material.sides
    if sides is not None:
        return _compared(sides)
    halves = contrast_of(material)
    if halves is not None:
        early, late = first_try(halves.before), first_try(halves.after)
        return (
            f"The first program solved {percent(early.value)} of the first half of the tasks "
            f"({interval(early)}) and {percent(late.value)} of the second ({interval(late)})."
        )
    if material.done:
        share = first_try([one.result for one in material.done])
        tasks = plural(share.n, "task")
        return f"The first program solved {percent(share.value)} of {tasks} ({interval(share)})."
    return f"{plural(material.playbook.size, 'strategy')}, and no run that is kept here."


def _compared(sides: Sides) -> str:
    reference, chosen = sides.reference, sides.chosen
    told = (
        f"With {chosen.title} the first program solved {percent(chosen.first_try.value)} of "
        f"{plural(len(chosen.results), 'task')}, with {reference.title} {percent(reference.first_try.value)}"
    )
    pairs = pairs_of(reference.results, chosen.results)
    if not pairs.n:
        return f"{told}."
    change = tango(pairs)
    return f"{told}: {points(change.value)} points ({points_interval(change)})."


def figures(material: Material) -> list[Figure]:
    """Return the figures that there are."""
    return [*_success(material), *_effort(material), _playbook(material), *_cost(material)]


def _success(material: Material) -> Iterator[Figure]:
    sides, halves, key = material.sides, contrast_of(material), "first_try"
    if sides is not None:
        share, note = (
            sides.chosen.first_try,
            f"{percent(sides.reference.first_try.value)} with {sides.reference.title}",
        )
        title = f"first try, {sides.chosen.title}"
    elif halves is not None:
        share, title, key = first_try(halves.after), "first try, second half", "first_try_second_half"
        note = f"{percent(first_try(halves.before).value)} in the first half"
    elif material.done:
        share, title, note = first_try([one.result for one in material.done]), "first try", ""
    else:
        return
    note = f"{interval(share)}{'; ' if note else ''}{note}"
    yield Figure(key=key, title=title, shown=percent(share.value), note=note, value=share.value)


def _effort(material: Material) -> Iterator[Figure]:
    results = material.training or tuple(one.result for one in material.done)
    if not results:
        return
    attempts = sum(result.attempts for result in results) / len(results)
    calls = sum(result.calls for result in results) / len(results)
    probes = sum(result.probes for result in results)
    what = "learned from" if material.training else "done"
    yield Figure(
        key="tasks",
        title=f"tasks {what}",
        shown=f"{len(results):,}",
        note=f"{decimal(attempts)} attempts each",
        value=len(results),
    )
    note = f"and {plural(probes, 'probe')} in all" if probes else "and no probes"
    yield Figure(
        key="calls_per_task", title="model calls per task", shown=decimal(calls), note=note, value=calls
    )


def _playbook(material: Material) -> Figure:
    playbook = material.playbook
    size = sum(tokens(bullet.content) for bullet in playbook.active)
    validated = sum(bullet.status is Status.VALIDATED for bullet in playbook.active)
    return Figure(
        key="strategies",
        title="strategies",
        shown=f"{playbook.size:,}",
        note=f"{size:,} tokens, {validated} validated",
        value=playbook.size,
    )


def _cost(material: Material) -> Iterator[Figure]:
    """Yield what the whole run cost: all answers that were paid for, be it for a task or between tasks."""
    tasks = sum((_usage(one.result) for one in material.done), Usage())
    paid = material.paid if material.paid.tokens > tasks.tokens else tasks
    if not paid.tokens:
        return
    notes = [
        money(paid.usd),
        f"{percent(paid.cached_tokens / paid.input_tokens)} of input cached" if paid.cached_tokens else "",
        f"{paid.tokens - tasks.tokens:,} of them for no task's result" if paid is not tasks else "",
    ]
    yield Figure(
        key="tokens",
        title="tokens",
        shown=f"{paid.tokens / 1000:,.0f}k" if paid.tokens >= _MANY else f"{paid.tokens:,}",
        note=", ".join(filter(None, notes)),
        value=paid.tokens,
    )


def _usage(result: TaskResult) -> Usage:
    return Usage(
        input_tokens=result.input_tokens,
        cached_tokens=result.cached_tokens,
        output_tokens=result.output_tokens,
        calls=result.calls,
        usd=result.usd,
    )
