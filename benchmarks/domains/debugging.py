"""Functions of a small firm, each with one of eight defects whose obvious fix is not the firm's."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from tta_dev_primitives.learners.debugging import DebuggingLearner, DebuggingTask

from .world import TASKS, Quirk, World, craftsman, dealt

_VERBS = ("compute", "derive", "find", "settle", "tell", "yield")
_NOUNS = ("charge", "fee", "price", "rate", "share", "toll")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Defect:
    """Code as given, its obvious fix, the fix that all tests accept, and the tests; NAME is the function.

    The given code is told by its `mark`.
    """

    quirk: Quirk
    mark: str
    given: str
    obvious: str
    right: str
    tests: str


def _defect(
    name: str, lesson: str, mark: str, bodies: tuple[str, str, str], tests: tuple[str, str]
) -> _Defect:
    """Return a defect; `tests` fail with the given code and with the obvious fix."""
    given, obvious, right = bodies
    first, second = tests
    return _Defect(
        quirk=Quirk(name=name, lesson=lesson, sign=f"test_{name}", keywords=("fix", "tests", name)),
        mark=mark,
        given=given,
        obvious=obvious,
        right=right,
        tests=f"def test_plain():\n    {first}\n\ndef test_{name}():\n    {second}\n",
    )


_DEFECTS = (
    _defect(
        "half_cent",
        "This firm rounds half a cent up: Decimal(str(x)).quantize(Decimal('0.01'), ROUND_HALF_UP).",
        "int(net * 25) / 100",
        (
            "def NAME(net):\n    return int(net * 25) / 100\n",
            "def NAME(net):\n    return round(net * 0.25, 2)\n",
            (
                "from decimal import ROUND_HALF_UP, Decimal\ndef NAME(net):\n"
                "    exact = Decimal(str(net)) / 4\n"
                "    return float(exact.quantize(Decimal('0.01'), ROUND_HALF_UP))\n"
            ),
        ),
        ("assert NAME(1.07) == 0.27", "assert NAME(10.70) == 2.68"),
    ),
    _defect(
        "shared_list",
        "A list that is a default argument is shared by all calls; make None the default, and never "
        "clear it.",
        "rows=[]",
        (
            "def NAME(row, rows=[]):\n    rows.append(row)\n    return rows\n",
            "def NAME(row, rows=[]):\n    rows.clear()\n    rows.append(row)\n    return rows\n",
            (
                "def NAME(row, rows=None):\n    rows = [] if rows is None else rows\n    rows.append(row)\n"
                "    return rows\n"
            ),
        ),
        ("NAME(1); assert NAME(2) == [2]", "assert NAME(2, [1]) == [1, 2]"),
    ),
    _defect(
        "empty_input",
        "Without any amounts the answer here is 0, not an error and not None.",
        "total / len(amounts)",
        (
            "def NAME(amounts):\n    total = sum(amounts[1:])\n    return total / len(amounts)\n",
            "def NAME(amounts):\n    return sum(amounts) / len(amounts)\n",
            "def NAME(amounts):\n    return sum(amounts) / len(amounts) if amounts else 0\n",
        ),
        ("assert NAME([2, 4]) == 3", "assert NAME([]) == 0"),
    ),
    _defect(
        "sunday",
        "Weeks begin on Sunday in this firm, so Sunday is day 0: (weekday() + 1) % 7.",
        "isoweekday() + 1",
        (
            (
                "from datetime import date\ndef NAME(day):\n"
                "    return date.fromisoformat(day).isoweekday() + 1\n"
            ),
            "from datetime import date\ndef NAME(day):\n    return date.fromisoformat(day).isoweekday()\n",
            (
                "from datetime import date\ndef NAME(day):\n"
                "    return (date.fromisoformat(day).weekday() + 1) % 7\n"
            ),
        ),
        ("assert NAME('2024-05-06') == 1", "assert NAME('2024-05-05') == 0"),
    ),
    _defect(
        "letters",
        "Codes leave out the letters I and O: count through ABCDEFGHJKLMNPQRSTUVWXYZ.",
        "chr(64 + number) * 2",
        (
            "def NAME(number):\n    return chr(64 + number) * 2\n",
            "def NAME(number):\n    return chr(64 + number)\n",
            "def NAME(number):\n    return 'ABCDEFGHJKLMNPQRSTUVWXYZ'[number - 1]\n",
        ),
        ("assert NAME(1) == 'A'", "assert NAME(9) == 'J'"),
    ),
    _defect(
        "umlauts",
        "Customers are ordered by casefold() of the NFKD form of their name without its marks.",
        "sorted(names, reverse=True)",
        (
            "def NAME(names):\n    return sorted(names, reverse=True)\n",
            "def NAME(names):\n    return sorted(names)\n",
            (
                "import unicodedata\ndef NAME(names):\n    def plain(name):\n"
                "        parts = unicodedata.normalize('NFKD', name)\n"
                "        return ''.join(c for c in parts if not unicodedata.combining(c)).casefold()\n"
                "    return sorted(names, key=plain)\n"
            ),
        ),
        (
            "assert NAME(['b', 'a']) == ['a', 'b']",
            "assert NAME(['Zoe', '\\u00c4nne']) == ['\\u00c4nne', 'Zoe']",
        ),
    ),
    _defect(
        "last_page",
        "The last page counts as well when it is not full: divide with math.ceil, -(-a // b).",
        "items // size - 1",
        (
            "def NAME(items, size):\n    return items // size - 1\n",
            "def NAME(items, size):\n    return items // size\n",
            "def NAME(items, size):\n    return -(-items // size)\n",
        ),
        ("assert NAME(10, 5) == 2", "assert NAME(11, 5) == 3"),
    ),
    _defect(
        "same_keys",
        "Where two price lists have the same key, the first one counts: setdefault() instead of update().",
        "dict(first)",
        (
            "def NAME(first, second):\n    return dict(first)\n",
            "def NAME(first, second):\n    return {**first, **second}\n",
            "def NAME(first, second):\n    return {**second, **first}\n",
        ),
        (
            "assert NAME({'a': 1}, {'b': 2}) == {'a': 1, 'b': 2}",
            "assert NAME({'a': 1}, {'a': 2}) == {'a': 1}",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class _Craft:
    quirks: Sequence[Quirk] = tuple(defect.quirk for defect in _DEFECTS)

    def program(self, task: str, known: frozenset[str]) -> str:
        defect = next(defect for defect in _DEFECTS if defect.mark in task)
        found = re.search(r"^def (\w+)\(", task, re.MULTILINE)
        assert found is not None
        fix = defect.right if defect.quirk.name in known else defect.obvious
        return fix.replace("NAME", found[1])

    def concerns(self, quirk: Quirk, task: str) -> bool:
        return any(defect.quirk is quirk and defect.mark in task for defect in _DEFECTS)


def _task(number: int, defect: _Defect, source: random.Random) -> DebuggingTask:
    """Return a task; in one of six the obvious fix is enough."""
    tests = defect.tests.partition("\n\n")[0] if source.random() < 1 / 6 else defect.tests
    name = f"{source.choice(_VERBS)}_{source.choice(_NOUNS)}"
    return DebuggingTask(
        code=defect.given.replace("NAME", name),
        tests=tests.replace("NAME", name),
        family="fixes",
        id=f"fix-{number}",
    )


def _tasks(seed: int) -> list[DebuggingTask]:
    source = random.Random(seed)  # noqa: S311  # no secret
    drawn = dealt(_DEFECTS, source)
    return [_task(number, next(drawn), source) for number in range(TASKS)]


WORLD = World(name="debugging", model=partial(craftsman, _Craft()), tasks=_tasks, learner=DebuggingLearner)
