"""Tests that cannot be run are the task's fault; what a program does to its tests is the program's."""

from __future__ import annotations

import pytest

from tests.ace.loop.making import task
from tta_dev_primitives.ace.evaluator import Evaluator
from tta_dev_primitives.ace.task import Task
from tta_dev_primitives.ace.verdict import Verdict
from tta_dev_primitives.core.errors import InvalidTask
from tta_dev_primitives.sandbox import Limits, Sandbox

QUICK = Limits(wall_s=3, cpu_s=3, memory_bytes=256 << 20, output_bytes=500_000)
RIGHT = "def square(n): return n * n\n"
WRONG = "def square(n): return 5\n"


async def verdict(sandbox: Sandbox, asked: Task, code: str) -> Verdict:
    return (await Evaluator(sandbox, QUICK).judge(asked, code)).verdict


UNSUPPORTED = {
    "a fixture": (
        "import pytest\n@pytest.fixture\ndef four(): return 4\ndef test_a(four): assert four",
        "there is no pytest.fixture",
    ),
    "an import of a fixture": ("from pytest import fixture\nassert square", "there is no pytest.fixture"),
    "a feature used in a test": (
        "import pytest\ndef test_a():\n    with pytest.warns(UserWarning): square(2)",
        "there is no pytest.warns",
    ),
    "a built-in fixture": ("def test_a(tmp_path): assert tmp_path", "test_a takes the argument 'tmp_path'"),
    "a fixture of a method": (
        "class TestA:\n    def test_a(self, capsys): assert capsys",
        "TestA.test_a takes the argument 'capsys'",
    ),
    "a fixture beside a row": (
        "import pytest\n@pytest.mark.parametrize('n', [1])\ndef test_a(n, *, monkeypatch): assert n",
        "takes the argument 'monkeypatch'",
    ),
    "a row that does not fit": (
        "import pytest\n@pytest.mark.parametrize('n, m', [(1, 2, 3)])\ndef test_a(n, m): assert n",
        r"row \(1, 2, 3\) does not fit",
    ),
    "a mark": ("import pytest\n@pytest.mark.xfail\ndef test_a(): assert 0", "there is no mark.xfail"),
    "a constructor": (
        "class TestA:\n    def __init__(self): self.n = 1\n    def test_a(self): assert 1",
        "TestA has a constructor",
    ),
    "a library": ("import numpy\ndef test_a(): assert square(2) == 4", "they import 'numpy'"),
    "a library inside a test": ("def test_a():\n    import numpy.random", "they import 'numpy'"),
    "a library inside a TestCase": (
        "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        import numpy",
        "they import 'numpy'",
    ),
    "a wrong name of the program": ("from square import square\ndef test_a(): assert square", "'solution'"),
    "a generator": ("def test_a():\n    yield 1", "has a `yield`"),
    "an async method of a plain TestCase": (
        "import unittest\nclass T(unittest.TestCase):\n    async def test_a(self): assert 0",
        "IsolatedAsyncioTestCase",
    ),
    "a class without tests": ("class TestA: pass", "there is no test in them"),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
async def test_tests_that_cannot_be_run_are_an_invalid_task(sandbox: Sandbox, name: str) -> None:
    tests, why = UNSUPPORTED[name]

    with pytest.raises(InvalidTask, match=f"tests cannot be run: .*{why}.*; beside them are"):
        await verdict(sandbox, task(tests=tests), RIGHT)


BLAMED = {
    "a missing function": ("from solution import square\nassert square(2) == 4", "x = 1"),
    "a missing part": ("import solution.part\nassert square(2) == 4", RIGHT),
    "a missing attribute": ("import solution\ndef test_a(): assert solution.square(2) == 4", "x = 1"),
    "a name that is not defined": ("assert square(2) == 4", "x = 1"),
    "a fixture of its own": (
        "assert square(2) == 4",
        f"import pytest\n{RIGHT}@pytest.fixture\ndef f(): pass",
    ),
    "a library of its own": ("assert square(2) == 4", f"import numpy\n{RIGHT}"),
    "a library inside a function": ("def test_a(): square(2)", "def square(n): import numpy"),
    "a feature inside a function": (
        "import pytest\ndef test_a(): square(2)",
        "import pytest\ndef square(n): pytest.warns(UserWarning)",
    ),
    "a file that it deleted": ("import own\nassert own.x == 1", f"import os\nos.unlink('own.py')\n{RIGHT}"),
    "a syntax error": ("from solution import square\nassert square(2) == 4", "def square(n:"),
}


@pytest.mark.parametrize("name", BLAMED)
async def test_what_a_program_causes_is_its_failure(sandbox: Sandbox, name: str) -> None:
    tests, code = BLAMED[name]

    assert not (await verdict(sandbox, task(tests=tests, files={"own.py": "x = 1"}), code)).success


ASYNC = "async def test_a():\n    assert square(2) == 4\n"
INHERITED = "class Base:\n    def test_a(self): assert square(2) == 4\nclass TestB(Base): pass\n"
ASYNC_CASE = """
import unittest
class T(unittest.IsolatedAsyncioTestCase):
    async def test_a(self):
        self.assertEqual(square(2), 4)
"""
SET_UP = """
import pytest

done = []

def setup_module(): done.append("module")
def setup_function(function): done.append(function.__name__)
def teardown_function(): done.append("down")

def test_first():
    assert done == ["module", "test_first"]

def test_then():
    assert done[2] == "down"
    assert square(2) == 4

class TestA:
    @classmethod
    def setup_class(cls): cls.two = 2
    def setup_method(self, method): self.four = 4
    def teardown_method(self): done.append("method")

    def test_a(self):
        assert square(self.two) == self.four

    def test_b(self):
        assert "method" in done
        assert not hasattr(self, "left")
"""
MARKS = """
import pytest, unittest

@pytest.mark.parametrize(("n", "m"), [pytest.param(2, 4, id="two"), (3, 9)])
def test_rows(n, m): assert square(n) == m

@pytest.mark.parametrize("n", [pytest.param(2), 2])
def test_one(n): assert square(n) == 4

@pytest.mark.skip(reason="not now")
def test_skipped(): assert 0

@pytest.mark.skipif(True, reason="not here")
class TestSkipped:
    def test_a(self): assert 0

@pytest.mark.skipif(False, reason="here")
def test_run(): assert square(2) == 4

def test_raised():
    with pytest.raises(TypeError) as info:
        square(None)
    assert info.type is TypeError
    assert info.match("unsupported")

unittest.main()
"""
HUMAN_EVAL = "def check(candidate):\n    assert candidate(2) == 4\n\ncheck(square)\n"


@pytest.mark.parametrize("tests", [ASYNC, INHERITED, ASYNC_CASE, SET_UP, MARKS, HUMAN_EVAL])
async def test_tests_are_really_run(sandbox: Sandbox, tests: str) -> None:
    assert (await verdict(sandbox, task(tests=tests), RIGHT)).feedback == "passed"
    assert not (await verdict(sandbox, task(tests=tests), WRONG)).success
