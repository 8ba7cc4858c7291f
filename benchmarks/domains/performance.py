"""Slow functions of six kinds; the obvious remedy saves a constant, the one that helps has to be known."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from tta_dev_primitives.ace import CaseInput
from tta_dev_primitives.learners.performance import Growth, PerformanceLearner, PerformanceTask

from .world import TASKS, Quirk, World, craftsman, dealt

_VERBS = ("collect", "count", "gather", "list", "pick", "tally")
_NOUNS = ("boxes", "coins", "crates", "parcels", "tokens", "units")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """Code as given, and the two remedies; NAME is the function. The given code is told by its `mark`."""

    quirk: Quirk
    mark: str
    given: str
    obvious: str
    right: str
    workload: str
    case: CaseInput
    sizes: tuple[int, ...]


def _kind(  # noqa: PLR0913, PLR0917  # a table of kinds
    name: str,
    lesson: str,
    mark: str,
    bodies: tuple[str, str, str],
    workload: str,
    case: CaseInput,
    sizes: tuple[int, ...] = (800, 1_600, 3_200),
) -> _Kind:
    given, obvious, right = bodies
    quirk = Quirk(
        name=name, lesson=lesson, sign="too slow|too fast with n", keywords=("optimize", "slow", name)
    )
    return _Kind(
        quirk=quirk,
        mark=mark,
        given=given,
        obvious=obvious,
        right=right,
        workload=workload,
        case=case,
        sizes=sizes,
    )


_KINDS = (
    _kind(
        "membership",
        "Searching a list for each item costs its length every time: search a set instead.",
        "item == other for other in right",
        (
            (
                "def NAME(left, right):\n    found = []\n    for item in left:\n"
                "        if any(item == other for other in right):\n            found.append(item)\n"
                "    return found\n"
            ),
            "def NAME(left, right):\n    return [item for item in left if item in right]\n",
            (
                "def NAME(left, right):\n    wanted = set(right)\n"
                "    return [item for item in left if item in wanted]\n"
            ),
        ),
        "assert len(NAME(list(range(n)), list(range(n, 0, -1)))) == n - 1",
        {"args": [[3, 1, 2, 3], [3, 2]], "expected": [3, 2, 3]},
    ),
    _kind(
        "prefix",
        "Running totals add up the same numbers again: itertools.accumulate goes through them once.",
        "range(place + 1)",
        (
            (
                "def NAME(values):\n    totals = []\n    for place in range(len(values)):\n"
                "        total = 0\n"
                "        for other in range(place + 1):\n            total += values[other]\n"
                "        totals.append(total)\n    return totals\n"
            ),
            "def NAME(values):\n    return [sum(values[: place + 1]) for place in range(len(values))]\n",
            "from itertools import accumulate\ndef NAME(values):\n    return list(accumulate(values))\n",
        ),
        "assert NAME([1] * n)[-1] == n",
        {"args": [[1, 2, 3]], "expected": [1, 3, 6]},
        (800, 1_600, 3_200),
    ),
    _kind(
        "counting",
        "list.count() for each distinct item reads everything again and again: a Counter reads it once.",
        "if other == value",
        (
            (
                "def NAME(values):\n    counts = {}\n    for value in values:\n"
                "        counts[value] = sum(1 for other in values if other == value)\n    return counts\n"
            ),
            "def NAME(values):\n    return {value: values.count(value) for value in dict.fromkeys(values)}\n",
            "from collections import Counter\ndef NAME(values):\n    return dict(Counter(values))\n",
        ),
        "assert len(NAME([v % (n - n // 8) for v in range(n)])) == n - n // 8",
        {"args": [[3, 1, 3]], "expected": {"3": 2, "1": 1}},
    ),
    _kind(
        "pairs",
        "To find whether two numbers add up to a goal, keep those seen in a set: goal - number in seen.",
        "one + other == goal",
        (
            (
                "def NAME(values, goal):\n    for place, one in enumerate(values):\n"
                "        for other in values[place + 1 :]:\n            if one + other == goal:\n"
                "                return True\n    return False\n"
            ),
            (
                "def NAME(values, goal):\n    rest = list(values)\n    while rest:\n"
                "        one = rest.pop()\n"
                "        if goal - one in rest:\n            return True\n    return False\n"
            ),
            (
                "def NAME(values, goal):\n    seen = set()\n    for one in values:\n"
                "        if goal - one in seen:\n            return True\n        seen.add(one)\n"
                "    return False\n"
            ),
        ),
        "assert not NAME(list(range(n)), -1)",
        {"args": [[1, 4, 6], 10], "expected": True},
    ),
    _kind(
        "places",
        "list.index() starts from the front for each key: make a dict of key to place once.",
        "if name == keys[place]",
        (
            (
                "def NAME(keys, names):\n    found = []\n    for place in range(len(keys)):\n"
                "        found.append(next(at for at, name in enumerate(names) if name == keys[place]))\n"
                "    return found\n"
            ),
            "def NAME(keys, names):\n    return list(map(names.index, keys))\n",
            (
                "def NAME(keys, names):\n    places = {}\n    for place, name in enumerate(names):\n"
                "        places.setdefault(name, place)\n    return [places[key] for key in keys]\n"
            ),
        ),
        "assert NAME(list(range(n)), list(range(n)))[-1] == n - 1",
        {"args": [["b", "a"], ["a", "b", "b"]], "expected": [1, 0]},
    ),
    _kind(
        "greatest",
        "The greatest so far need not be looked for from the start: accumulate(values, max).",
        "for earlier in values",
        (
            (
                "def NAME(values):\n    greatest = []\n    for place in range(len(values)):\n"
                "        best = values[0]\n"
                "        for earlier in values[: place + 1]:\n            best = max(best, earlier)\n"
                "        greatest.append(best)\n    return greatest\n"
            ),
            "def NAME(values):\n    return [max(values[: place + 1]) for place in range(len(values))]\n",
            "from itertools import accumulate\ndef NAME(values):\n    return list(accumulate(values, max))\n",
        ),
        "assert NAME(list(range(n)))[-1] == n - 1",
        {"args": [[1, 3, 2]], "expected": [1, 3, 3]},
        (800, 1_600, 3_200),
    ),
)


@dataclass(frozen=True, slots=True)
class _Craft:
    quirks: Sequence[Quirk] = tuple(kind.quirk for kind in _KINDS)

    def program(self, task: str, known: frozenset[str]) -> str:
        kind = next(kind for kind in _KINDS if kind.mark in task)
        found = re.search(r"^def (\w+)\(", task, re.MULTILINE)
        assert found is not None
        remedy = kind.right if kind.quirk.name in known else kind.obvious
        return remedy.replace("NAME", found[1])

    def concerns(self, quirk: Quirk, task: str) -> bool:
        return any(kind.quirk is quirk and kind.mark in task for kind in _KINDS)


def _task(number: int, kind: _Kind, source: random.Random) -> PerformanceTask:
    """Return a task; in one of six a constant factor is all that is asked for."""
    name = f"{source.choice(_VERBS)}_{source.choice(_NOUNS)}"
    growth = Growth(sizes=kind.sizes, at_most=1.5)
    easy = source.random() < 1 / 6
    workload = kind.workload.replace("NAME", name)
    return PerformanceTask(
        code=kind.given.replace("NAME", name),
        workload=f"n = {kind.sizes[-1]}\n{workload}" if easy else workload,
        entry_point=name,
        cases=[kind.case],
        growth=None if easy else growth,
        family="slow functions",
        id=f"slow-{number}",
    )


def _tasks(seed: int) -> list[PerformanceTask]:
    source = random.Random(seed)  # noqa: S311  # no secret
    drawn = dealt(_KINDS, source)
    return [_task(number, next(drawn), source) for number in range(TASKS)]


WORLD = World(
    name="performance", model=partial(craftsman, _Craft()), tasks=_tasks, learner=PerformanceLearner, seeds=3
)
