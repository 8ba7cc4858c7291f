"""Reuse: how much of a prompt equals the beginning of the one before, so that a cache can hold it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...bench.compare.prefix import common
from ...llm.tape import SECTIONS, Entry
from ...llm.types import Role


def reusable_prefixes(entries: Iterable[Entry]) -> Mapping[str, float]:
    """Return, for each task but the first, the share of its first generator prompt that can be reused.

    It is compared with the generator's prompt before, whatever task and attempt that was for. Entries are in
    the order in which they were answered; a task that was done several times counts as it was done last.
    """
    shares: dict[str, float] = {}
    last, tasks = "", set[str]()
    for entry in entries:
        if entry.role is not Role.GENERATOR:
            continue
        prompt = entry.request.partition(f"\n{SECTIONS[-1]}\n")[0]
        name = f"{entry.scope} {entry.task_id}".strip()
        if name not in tasks and last:
            shares[name] = common(last, prompt) / max(1, len(prompt))
        tasks.add(name)
        last = prompt
    return shares
