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
