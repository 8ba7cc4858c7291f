"""Reuse: how much of the generator's prompts a provider's prefix cache could reuse."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

from ...ace.value import Value
from ...llm.tape import SECTIONS, Entry
from ...llm.types import Role
from .prefix import common


class Reuse(Value):
    """Shares, 0..1, of a prompt that is equal, from its beginning, to an earlier one; means over `n` prompts.

    `previous` is beside the prompt before, in the order of the tasks; `least` the smallest of those; `any` is
    beside the best of all earlier ones. The first prompt is left out.
    """

    previous: float
    least: float
    any: float
    n: int


def reuse_of(answers: Sequence[Entry], tasks: Sequence[str]) -> Reuse | None:
    """Return the reuse of the generator's prompts among `answers`; None for fewer than two.

    `tasks` are the ids of the run's tasks in order.
    """
    place = {task_id: number for number, task_id in enumerate(tasks)}
    chosen = [one for one in answers if one.role is Role.GENERATOR and one.task_id in place]
    prompts = [_prompt(one) for one in sorted(chosen, key=lambda one: (place[one.task_id], one.attempt))]
    previous = [common(one, before) / len(one) for before, one in pairwise(prompts)]
    if not previous:
        return None
    best = (
        max(common(one, earlier) for earlier in prompts[:number]) / len(one)
        for number, one in enumerate(prompts)
        if number
    )
    return Reuse(previous=fmean(previous), least=min(previous), any=fmean(best), n=len(previous))


def _prompt(answer: Entry) -> str:
    """Return instructions and prompt, without what says how to answer."""
    return answer.request.rpartition(f"\n{SECTIONS[2]}\n")[0]
