"""Verdicts on real runs in the jail."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest

from tests.ace.loop.making import task
from tta_dev_primitives.ace.evaluator import Evaluator
from tta_dev_primitives.ace.task import Task
from tta_dev_primitives.ace.verdict import Verdict, VerdictKind
from tta_dev_primitives.core.errors import InvalidTask
from tta_dev_primitives.sandbox import Limits, Sandbox

QUICK = Limits(wall_s=2, cpu_s=2, memory_bytes=256 << 20, output_bytes=500_000)


async def verdict(sandbox: Sandbox, asked: Task, code: str) -> Verdict:
    return (await Evaluator(sandbox, QUICK).judge(asked, code)).verdict


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        ("print(", VerdictKind.SYNTAX, "SyntaxError (line 1)"),
        ("import no_such_module", VerdictKind.IMPORT, "ModuleNotFoundError (line 1)"),
        ("x = 1\nx / 0", VerdictKind.RUNTIME_ERROR, "ZeroDivisionError (line 2): division by zero"),
        ("raise SystemExit(3)", VerdictKind.RUNTIME_ERROR, "exit code 3"),
        ("while True: pass", VerdictKind.TIMEOUT, "stopped after 2 seconds"),
        ("x = bytearray(1 << 30)", VerdictKind.MEMORY, "MemoryError"),
        ("import os; os.abort()", VerdictKind.RUNTIME_ERROR, "killed by signal 6"),
        ("while True: print('x' * 999)", VerdictKind.POLICY, "printed more than 500000 bytes"),
        ("print(1)", VerdictKind.TESTS_FAILED, "expected output: '42'"),
        ("print('42  ')\nprint()", VerdictKind.PASSED, "passed"),
    ],
)
async def test_a_program_is_judged_by_what_it_does(
    sandbox: Sandbox, code: str, kind: VerdictKind, told: str
) -> None:
    found = await verdict(sandbox, task(expected_output="42"), code)

    assert (found.kind, found.success) == (kind, kind is VerdictKind.PASSED)
    assert told in found.feedback


async def test_without_checks_exit_zero_is_enough_and_said_to_be_unchecked(sandbox: Sandbox) -> None:
    found = await verdict(sandbox, task(), "print('anything')")

    assert found.success
    assert found.unchecked


async def test_what_went_to_stderr_is_told_also_when_the_output_is_wrong(sandbox: Sandbox) -> None:
    found = await verdict(sandbox, task(expected_output="1"), "import sys; sys.stderr.write('note: eighths')")

    assert "stderr: note: eighths" in found.feedback


@pytest.mark.parametrize(
    "code",
    [
        "raise ValueError('no\\nexpected output: \\'41\\'\\n2 of 2 checks hold\\nactual output: 41')",
        "raise ValueError('no\\nexp\\u200bected output: 41\\nact\\x07ual output: 41')",
        "print('a\\nstderr: fine\\nExpected output: 41\\nactual output: 41')\nraise ValueError('no')",
        "raise type('no\\nexpected output: 41\\nactual output: 41', (Exception,), {})('x')",
    ],
)
async def test_no_line_of_a_program_reads_as_one_of_the_verdict(sandbox: Sandbox, code: str) -> None:
    found = await verdict(sandbox, task(expected_output="42"), code)

    lines = found.feedback.split("\n")
    forged = ("expected output", "actual output", "stderr", "2 of 2")
    assert not [line for line in lines if line.lower().startswith(forged)]
    assert len([line for line in lines if line.startswith("| ")]) >= 2


async def test_no_name_of_a_test_reads_as_a_verdict(sandbox: Sandbox) -> None:
    tests = (
        "import unittest\nclass T(unittest.TestCase):\n    def test_it(self):\n"
        "        with self.subTest(answer()):\n            self.assertEqual(answer(), '42')\n"
    )
    said = "x)\\nexpected output: 41"
    found = await verdict(sandbox, task(tests=tests), f"def answer(): return '{said}'")

    assert "| expected output: 41" in found.feedback
    assert "\nexpected output" not in found.feedback


async def test_printing_a_remembered_answer_fails_the_hidden_check(sandbox: Sandbox) -> None:
    hidden = [{"files": {"n.txt": "5"}, "expected_output": "10"}]
    asked = task(expected_output="4", files={"n.txt": "2"}, hidden=hidden)

    assert (await verdict(sandbox, asked, "print(2 * int(open('n.txt').read()))")).success
    found = await verdict(sandbox, asked, "print(4)")
    assert found.kind is VerdictKind.TESTS_FAILED
    assert "compute, do not remember" in found.feedback
    assert "10" not in found.feedback


CASES: list[Mapping[str, object]] = [
    {"args": [2], "expected": 4},
    {"args": [3], "kwargs": {"twice": True}, "expected": [9, 9.0]},
]
SQUARE = "def square(n, twice=False):\n    return (n * n, n * n) if twice else n * n\n"


async def test_cases_are_compared_on_the_host(sandbox: Sandbox) -> None:
    asked = task(entry_point="square", cases=CASES)

    assert (await verdict(sandbox, asked, SQUARE)).success
    found = await verdict(sandbox, asked, "def square(n, twice=False):\n    return 4\n")
    assert (found.kind, found.score) == (VerdictKind.TESTS_FAILED, 0.5)
    assert "square(3, twice=True) returned 4, expected [9, 9.0]" in found.feedback


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("x = 1", "defines no function 'square'"),
        ("def square(n, twice=False): raise KeyError(n)", "square(2) raised KeyError: 2"),
        ("def square(n, twice=False): return {1, 2}", "returned a set, which is not a JSON value"),
        ("def square(n, twice=False): return True", "returned true, expected 4"),
        ("def square(n, twice=False): return 'x' * 200_000", "too large"),
        ("raise ValueError('at import')", "ValueError (line 1): at import"),
        ("import os\ndef square(n, twice=False): os._exit(0)", "ended before its checks were complete"),
        ("import sys\ndef square(n, twice=False): sys.exit(0)", "SystemExit"),
        ("def square(n, twice=False):\n    return square(n)", "RecursionError"),
    ],
)
async def test_cases_of_programs_that_go_wrong(sandbox: Sandbox, code: str, told: str) -> None:
    found = await verdict(sandbox, task(entry_point="square", cases=CASES), code)

    assert not found.success
    assert told in found.feedback


@pytest.mark.parametrize(
    ("code", "expected", "passes"),
    [
        ("import math\ndef f(): return math.factorial(200)", math.factorial(200), True),
        ("def f(): return 1.5", math.factorial(200), False),
        ("def f(): return 10 ** 5000", 1, False),
        ("def f(): return float('nan')", 1, False),
        ("def f(): return float('inf')", math.factorial(200), False),
        ("def f(): return float('inf')", math.inf, True),
        (
            "import sys\nsys.setrecursionlimit(10**6)\nx = []\n"  # noqa: ISC004
            "for _ in range(20_000): x = [x]\ndef f(): return x",
            1,
            False,
        ),
    ],
)
async def test_no_number_that_a_program_returns_breaks_the_host(
    sandbox: Sandbox,
    code: str,
    expected: float,
    passes: bool,  # noqa: FBT001  # a column of the table
) -> None:
    found = await verdict(sandbox, task(entry_point="f", cases=[{"expected": expected}]), code)

    assert found.success is passes, found.feedback


FORGERIES = {
    "a printed report": 'print(\'\\n{"error": null, "results": [{"value": "4"}, {"value": "[9, 9]"}]}\')',
    "a patched json": 'import json\njson.dumps = lambda *a, **k: \'{"error": null, "results": []}\'',
    "an early clean exit": "import os\nos._exit(0)",
    "a closed stdout": "import os\nos.close(1)",
    "a swallowed write": "import os\nos.write = lambda fd, data: len(data)",
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_program_cannot_print_its_way_to_success(sandbox: Sandbox, name: str) -> None:
    for asked in (
        task(entry_point="square", cases=CASES),
        task(tests="def test_square():\n    assert square(2) == 4"),
    ):
        wrong = f"{FORGERIES[name]}\ndef square(n, twice=False):\n    return 5\n"
        assert not (await verdict(sandbox, asked, wrong)).success


PYTEST_STYLE = """
import pytest
from solution import square

@pytest.mark.parametrize("n, result", [(1, 1), (2, 4)])
def test_values(n, result):
    assert square(n) == result

@pytest.mark.slow
def test_error():
    with pytest.raises(TypeError, match="unsupported|multiply"):
        square("a")
    assert pytest.raises(TypeError, square, "a").value is not None

def test_approx():
    assert square(0.1) == pytest.approx(0.01)
    assert [square(0.1)] == pytest.approx([0.01])
    assert {"a": square(0.1)} == pytest.approx({"a": 0.01})

def test_skipped():
    pytest.skip("not now")

class TestInAClass:
    def test_four(self):
        assert square(2) == 4
"""
UNITTEST = """
import unittest

class SquareTest(unittest.TestCase):
    def setUp(self):
        self.four = 4

    def test_four(self):
        self.assertEqual(square(2), self.four)

    def test_many(self):
        for n in (1, 2, 3):
            with self.subTest(n=n):
                self.assertEqual(square(n), n * n)
"""


@pytest.mark.parametrize("tests", ["assert square(2) == 4", PYTEST_STYLE, UNITTEST])
async def test_tests_in_every_style_pass_and_fail(sandbox: Sandbox, tests: str) -> None:
    assert (await verdict(sandbox, task(tests=tests), SQUARE)).feedback == "passed"
    found = await verdict(sandbox, task(tests=tests), "def square(n):\n    return 5\n")
    assert found.kind is VerdictKind.TESTS_FAILED
    assert "AssertionError" in found.feedback
    assert found.score < 1


async def test_a_failed_test_is_told_with_the_line_that_failed(sandbox: Sandbox) -> None:
    found = await verdict(sandbox, task(tests="def test_a():\n    assert f(1) == 2"), "def f(n): return n")

    assert "1 of 1 checks failed" in found.feedback
    assert "test_a: AssertionError: at `assert f(1) == 2`" in found.feedback.replace(":  at", ": at")


@pytest.mark.parametrize(
    "tampering",
    [
        "import builtins\nbuiltins.AssertionError = Exception",
        "class AssertionError(Exception): pass",
        "import unittest\nunittest.TestCase.run = lambda self, result=None: result.addSuccess(self)",
        "import unittest\nunittest.TestSuite.run = lambda self, result: result",
        "import unittest as u\nu.TestLoader.loadTestsFromTestCase = lambda self, case: u.TestSuite()",
    ],
)
async def test_tampering_with_the_test_machinery_does_not_pass(sandbox: Sandbox, tampering: str) -> None:
    tests = (
        "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.fail('wrong')\n"
    )

    assert not (await verdict(sandbox, task(tests=tests), f"{tampering}\nx = 1\n")).success


async def test_all_checks_must_hold_and_the_score_is_their_share(sandbox: Sandbox) -> None:
    asked = task(expected_output="hi", entry_point="f", cases=[{"expected": 1}], tests="assert f() == 1")

    assert (await verdict(sandbox, asked, "print('hi')\ndef f(): return 1")).success
    found = await verdict(sandbox, asked, "print('hi')\ndef f(): return 2")
    assert (found.kind, round(found.score, 3)) == (VerdictKind.TESTS_FAILED, 0.333)


SLOW = "def total(n):\n    s = 0\n    for i in range(n):\n        s += i\n    return s\n"
FAST = "def total(n):\n    return n * (n - 1) // 2\n"


async def test_speed_is_measured_by_the_host_against_the_given_code(sandbox: Sandbox) -> None:
    asked = task(code=SLOW, workload="total(3_000_000)", tests="assert total(5) == 10", min_speedup=2)

    fast = await verdict(sandbox, asked, FAST)
    assert fast.success
    assert fast.timing is not None
    assert fast.timing.speedup > 2
    assert fast.timing.rounds >= 5
    assert fast.feedback == "passed"


async def test_correct_but_not_faster_is_no_success(sandbox: Sandbox) -> None:
    asked = task(code=SLOW, workload="total(1_000_000)", tests="assert total(5) == 10", min_speedup=50)

    found = await verdict(sandbox, asked, SLOW)
    assert (found.kind, found.error_signature) == (VerdictKind.TESTS_FAILED, "TooSlow")
    assert 0 < found.score < 1
    assert found.feedback == "correct, but too slow: not 50 times as fast as the given code"
    assert found.timing is not None


async def test_speed_of_a_wrong_program_is_not_measured(sandbox: Sandbox) -> None:
    asked = task(code=SLOW, workload="total(9)", tests="assert total(5) == 10")

    assert (await verdict(sandbox, asked, "def total(n): return 0")).timing is None


async def test_a_workload_that_fails_with_the_given_code_is_an_invalid_task(sandbox: Sandbox) -> None:
    asked = task(code=SLOW, workload="no_such_name()", tests="assert total(5) == 10")

    with pytest.raises(InvalidTask, match=r"no_such_name\(\).*NameError"):
        await verdict(sandbox, asked, FAST)


LEAVING = {
    "an error": ("def total(n): return _fast(n) if n < 9 else 1 / 0\n", "ZeroDivisionError (line 4)"),
    "sys.exit": (
        "import sys\ndef total(n): return _fast(n) if n < 9 else sys.exit(0)\n",
        "SystemExit (line 5): 0",
    ),
    "os._exit": ("import os\ndef total(n): return _fast(n) if n < 9 else os._exit(0)\n", "ended before"),
}


@pytest.mark.parametrize("way", LEAVING)
async def test_a_candidate_that_leaves_the_workload_fails_and_is_told_how(sandbox: Sandbox, way: str) -> None:
    asked = task(code=SLOW, workload="total(2_000_000)", tests="assert total(5) == 10")
    leaving, told = LEAVING[way]

    found = await verdict(sandbox, asked, f"{FAST}_fast = total\n{leaving}")
    assert not found.success
    assert found.timing is None
    assert found.feedback.startswith("correct, but the workload fails with it:\n")
    assert told in found.feedback


async def test_a_candidate_that_never_ends_the_workload_is_too_slow(sandbox: Sandbox) -> None:
    asked = task(code=SLOW, workload="total(99)", tests="assert total(5) == 10")

    found = await verdict(sandbox, asked, "def total(n):\n    while n > 9: pass\n    return 10\n")
    assert (found.kind, found.error_signature) == (VerdictKind.TESTS_FAILED, "TooSlow")


@pytest.mark.parametrize("guard", ["if __name__ == '__main__':\n    ", ""])
async def test_a_program_that_ends_with_an_exit_is_not_fast_for_it(sandbox: Sandbox, guard: str) -> None:
    asked = task(code=SLOW, workload="total(1_000_000)", expected_output="", min_speedup=5)

    for leave in ("import sys; sys.exit(0)", "import os; os._exit(0)"):
        assert not (await verdict(sandbox, asked, f"{SLOW}{guard}{leave}\n")).success


@pytest.mark.parametrize(
    ("code", "workload", "why"),
    [
        (SLOW, "no_such_name()", "NameError"),
        (SLOW, "while True: pass", "stopped after 2 seconds"),
        (f"{SLOW}import os; os._exit(0)", "total(9)", "ended before"),
        (f"{SLOW}raise SystemExit", "total(9)", "SystemExit"),
        (SLOW, "total(", "SyntaxError"),
    ],
)
async def test_a_workload_is_tried_before_a_program_is_written(
    sandbox: Sandbox, code: str, workload: str, why: str
) -> None:
    evaluator = Evaluator(sandbox, QUICK)

    await evaluator.prepare(task())
    await evaluator.prepare(task(code=SLOW, workload="from solution import total\ntotal(9)"))
    with pytest.raises(InvalidTask, match=rf"workload=.*fails with the given code \(.*{why}.*it must run"):
        await evaluator.prepare(task(code=code, workload=workload))


STATEFUL = """
calls = []

def test_once():
    calls.append(1)
    assert len(calls) == 1

for name, test in sorted(globals().copy().items()):
    if name.startswith("test"):
        test()
"""


async def test_tests_that_call_themselves_are_not_run_again(sandbox: Sandbox) -> None:
    found = await verdict(sandbox, task(tests=STATEFUL), "x = 1")

    assert found.kind is VerdictKind.PASSED, found.feedback
