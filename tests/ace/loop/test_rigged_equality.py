"""What a program returns does not decide by itself whether it equals what a test expects."""

from __future__ import annotations

import pytest

from tests.ace.loop.making import task
from tta_dev_primitives.ace.evaluator import Evaluator
from tta_dev_primitives.sandbox import Limits, Sandbox

_ALL = "def __eq__(s, o): return True\n    def __ne__(s, o): return False\n    def __hash__(s): return 4\n"
RIGGED = {
    "an object that equals everything": f"class Y:\n    {_ALL}def add(a, b): return Y()",
    "a number that equals everything": f"class Y(int):\n    {_ALL}def add(a, b): return Y(3)",
    "a text that equals everything": f"class Y(str):\n    {_ALL}def add(a, b): return Y('x')",
    "an equality that is no function": (
        "class E:\n    def __call__(s, o): return True\nclass Y:\n    __eq__ = E()\ndef add(a, b): return Y()"
    ),
}
TESTS = {
    "plain": "def test_a():\n    assert add(2, 2) == 4",
    "at the top": "assert 4 == add(2, 2)",
    "in": "assert add(2, 2) in (4, 5)",
    "unequal": "assert not (add(2, 2) != 4)",
    "in a value": "def test_a():\n    assert {'a': [add(2, 2)]} == {'a': [4]}",
    "unittest": (
        "import unittest\nclass T(unittest.TestCase):\n"
        "    def test_a(self):\n        self.assertEqual(add(2, 2), 4)"
    ),
    "approx": "import pytest\ndef test_a():\n    assert add(2, 2) == pytest.approx(4.0)",
}
HONEST = {
    "a number": "def add(a, b): return a + b",
    "a class with an equality of its own": (
        "class Sum:\n    def __init__(s, x): s.x = x\n    def __eq__(s, o): return s.x == o\n"
        "    def __ne__(s, o): return s.x != o\n    def __hash__(s): return 1\n"
        "def add(a, b): return Sum(a + b)"
    ),
    "a member of an enumeration": (
        "from enum import IntEnum\nclass N(IntEnum):\n    FOUR = 4\ndef add(a, b): return N(a + b)"
    ),
}


async def passes(sandbox: Sandbox, tests: str, code: str) -> bool:
    judged = await Evaluator(sandbox, Limits(wall_s=5)).judge(task(tests=tests), code)
    return judged.verdict.success


@pytest.mark.parametrize("tests", TESTS)
async def test_what_equals_everything_equals_nothing(sandbox: Sandbox, tests: str) -> None:
    passed = [name for name, code in RIGGED.items() if await passes(sandbox, TESTS[tests], code)]

    assert not passed


@pytest.mark.parametrize("tests", TESTS)
async def test_honest_classes_pass(sandbox: Sandbox, tests: str) -> None:
    names = [name for name in HONEST if tests != "approx" or name == "a number"]

    assert all([await passes(sandbox, TESTS[tests], HONEST[name]) for name in names])


async def test_tests_may_equal_what_they_like(sandbox: Sandbox) -> None:
    tests = "from unittest.mock import ANY\nclass Any4:\n    def __eq__(s, o): return True\n"
    tests += "def test_a():\n    assert add(2, 2) == ANY\n    assert add(2, 2) == Any4()"

    assert await passes(sandbox, tests, HONEST["a number"])


_METHOD = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): "
SLY = {
    "a text that compares what it is asked": (
        "class Y:\n    def __init__(s): s.seen = []\n    def __eq__(s, o):\n        s.seen.append(o)\n"
        "        far = [sum(map(str.__ne__, o, one)) for one in s.seen[:-1]]\n"
        "        return len(far) > 3 and max(far) <= 1\ndef say(): return Y()"
    ),
    "what equals every other time": (
        "class Y:\n    n = 0\n    def __eq__(s, o):\n        s.n += 1\n        return s.n % 2 == 0\n"
        "def say(): return Y()"
    ),
    "an equality with the globals of a module that is known": (
        "import json, types\ndef eq(s, o): return True\n"
        "class Y:\n    __eq__ = types.FunctionType(eq.__code__, vars(json))\ndef say(): return Y()"
    ),
    "a proxy": (
        "import weakref\nclass Y:\n    def __eq__(s, o): return True\ny = Y()\n"
        "def say(): return weakref.proxy(y)"
    ),
    "what equals a text of this length": (
        "class Y:\n    def __eq__(s, o): return len(o) == 11\ndef say(): return Y()"
    ),
}


@pytest.mark.parametrize("code", SLY.values(), ids=SLY)
async def test_what_would_find_out_the_real_value_equals_nothing(sandbox: Sandbox, code: str) -> None:
    assert not await passes(sandbox, "def test_a():\n    assert say() == 'hello world'", code)


@pytest.mark.parametrize(
    "tests",
    [
        "assert add(1, 3) == add(2, 2) == 4",
        "from decimal import Decimal\nassert add(2, 2) == Decimal(4)",
        "assert add(2, 2) in {4: 'four'}",
        "assert {add(2, 2): 1} == {4: 1}",
        "assert {add(2, 2)} == {4}",
        "ok = add(2, 2) == 4\nassert ok",
        "assert add(2, 2) in range(4, 5)\nassert add(2, 2) in {'a': 4}.values()",
        "from collections import deque\nassert deque([add(2, 2)]) == deque([4])",
        "from collections import namedtuple\nP = namedtuple('P', 'x')\nassert P(add(2, 2)) == P(4)",
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nassert P(add(2, 2)) == P(4)",
        f"{_METHOD}self.assertIn(add(2, 2), [4])",
        f"{_METHOD}self.assertAlmostEqual(add(2, 2), 4.0)",
        f"{_METHOD}self.assertCountEqual([add(2, 2)], [4])",
    ],
)
async def test_what_equals_everything_equals_nothing_in_other_forms_of_tests(
    sandbox: Sandbox, tests: str
) -> None:
    assert not await passes(sandbox, tests, RIGGED["a number that equals everything"])
    assert await passes(sandbox, tests, HONEST["a number"])


_NUMBER = (
    "class N:\n    def __init__(s, x): s.x = x\n    def __eq__(s, o): return s.x == getattr(o, 'x', o)\n"
    "    def __hash__(s): return hash(s.x)\n    def __repr__(s): return f'N({s.x})'\n"
)
_POINTS = (
    "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass P:\n    x: int\n    y: int\n"
    "def points(): return {P(x, y) for x in range(80) for y in range(80)}\n"
)
_ARRAY = (
    "class A:\n    def __init__(s, *x): s.x = x\n    def __eq__(s, o): return A(*(x == o for x in s.x))\n"
    "    def all(s): return all(s.x)\n    def __bool__(s): raise ValueError('of many')\n"
)
_HOLDERS = (
    "import types\nfrom dataclasses import dataclass\nfrom collections import deque, namedtuple\n"
    "@dataclass\nclass P:\n    x: int\nQ = namedtuple('Q', 'x')\n"
    "class Same:\n    def __init__(s, x): s.x = x\n    def __eq__(s, o): return s.x == o.x\n"
)
_HELD = (
    "from dataclasses import field\nfrom typing import ClassVar\n"
    "@dataclass(frozen=True, slots=True)\nclass T:\n    n: ClassVar = 2\n    x: int\n"
    "    note: str = field(default='', compare=False)\n"
    "assert Same(1) == T(1)\nassert types.MappingProxyType({'a': 1}) == {'a': 1}\nassert Q(P(1)) == (P(1),)\n"
    "assert deque([P(1)]) == deque([P(1)])\nassert P(1) in {'a': P(1)}.values()"
)
OF_THEIR_OWN = {
    "text in either case": (
        "class T(str):\n    def __eq__(s, o): return s.lower() == o.lower()\n    def __hash__(s): return 1\n",
        "assert T('A') == 'a'\nassert T('Content-Type') in ['Content-Type']\nassert not T('a') == 'b'",
    ),
    "text without marks": (
        "class P(str):\n    def __eq__(s, o): return set(s) - set('() -') == set(o) - set('() -')\n",
        "assert P('123 456 7890') == '(123) 456-7890'",
    ),
    "remainders": (
        "class M:\n    def __init__(s, x): s.x = x % 7\n    def __eq__(s, o): return s.x == o % 7\n",
        "assert M(10) == 3\nassert M(3) == 10\nassert not M(3) == 4",
    ),
    "an array": (
        _ARRAY,
        "assert (A(1, 1) == 1).all()\nis_one = A(1, 2) == 1\nassert is_one.x == (True, False)",
    ),
    "a number that is nearly right": (
        "class F(float):\n    def __eq__(s, o): return float(s) == float(o)\n    def __hash__(s): return 1\n",
        f"{_METHOD}self.assertAlmostEqual(F(0.1 + 0.2), 0.3)",
    ),
    "infinity": (
        _NUMBER,
        "assert N(float('inf')) == float('inf')\nassert N(1e308) == 1e308\nassert N('') == ''",
    ),
    "parts in another order": (
        _NUMBER,
        f"{_METHOD}self.assertCountEqual(iter([N(1), N(2)]), [N(2), N(1)])",
    ),
    "views, data classes and proxies": (_HOLDERS, _HELD),
    "a set of thousands": (_POINTS, "assert points() == points()\nassert P(79, 79) in points()"),
    "what takes long to compare": (
        "import time\nclass N:\n    def __eq__(s, o):\n        time.sleep(0.02)\n        return o == 1\n",
        "assert N() == 1\nassert not N() == 2",
    ),
    "a list of thousands": (_NUMBER, "assert [N(i) for i in range(2000)] == list(range(2000))"),
}


@pytest.mark.parametrize("name", OF_THEIR_OWN)
async def test_classes_may_have_an_equality_of_their_own(sandbox: Sandbox, name: str) -> None:
    code, tests = OF_THEIR_OWN[name]

    assert await passes(sandbox, tests, code)


async def test_a_failed_comparison_of_objects_shows_them_and_the_message(sandbox: Sandbox) -> None:
    tests = (
        "import unittest\nclass T(unittest.TestCase):\n"
        "    def test_a(self):\n        self.assertEqual([N(1)], [N(2)], 'of the store')"
    )

    judged = await Evaluator(sandbox, Limits(wall_s=5)).judge(task(tests=tests), _NUMBER)

    assert "[N(1)] != [N(2)]" in judged.verdict.feedback
    assert "of the store" in judged.verdict.feedback
