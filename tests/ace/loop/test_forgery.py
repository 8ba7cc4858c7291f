"""Programs that are wrong and want to pass, or want to bring the host down. None may do either."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ace.loop.forgeries import (
    FIND_MARKER,
    PLAIN,
    SKIPPED_BY_THE_PROGRAM,
    TAMPERING,
    VALUES,
    WRONG,
)
from tests.ace.loop.making import insight, program, reflection, scripted, task
from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace import AceOptions, SelfLearningCodePrimitive
from tta_dev_primitives.ace.evaluator import Evaluator
from tta_dev_primitives.ace.hygiene import clean, redact
from tta_dev_primitives.ace.task import Task
from tta_dev_primitives.ace.verdict import Verdict, VerdictKind
from tta_dev_primitives.sandbox import Limits, Sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import MemoryStore

QUICK = Limits(wall_s=2, cpu_s=2, memory_bytes=256 << 20, output_bytes=2_000_000)


async def verdict(sandbox: Sandbox, asked: Task, code: str) -> Verdict:
    return (await Evaluator(sandbox, QUICK).judge(asked, code)).verdict


def square_of(n: int, expected: object) -> Task:
    return task(entry_point="square", cases=[{"args": [n], "expected": expected}])


@pytest.mark.parametrize("name", VALUES)
async def test_no_value_and_no_report_brings_the_host_down(sandbox: Sandbox, name: str) -> None:
    assert not (await verdict(sandbox, square_of(2, 4), VALUES[name])).success


async def test_a_forged_report_without_any_test_is_no_success(sandbox: Sandbox) -> None:
    report = '{"error": null, "results": [], "canary": true, "completed": true}'
    found = await verdict(sandbox, task(tests="assert square(2) == 4"), f"{FIND_MARKER}forge('{report}')")

    assert not found.success


@pytest.mark.parametrize(
    ("expected", "returned", "same"),
    [
        (10**18, "10 ** 18", True),
        (10**18, "10 ** 18 + 1", False),
        (10**400, "10 ** 400", True),
        (10**400, "1e308", False),
        (9.0, "9", True),
        (0.3, "0.1 + 0.2", True),
        (1, "True", False),
        (0.0, "-0.0", True),
        ([1], "(1,)", True),
    ],
)
async def test_whole_numbers_are_compared_exactly(
    sandbox: Sandbox, expected: object, returned: str, *, same: bool
) -> None:
    found = await verdict(sandbox, square_of(2, expected), f"def square(n): return {returned}")
    assert found.success is same


@pytest.mark.parametrize("separator", ["\\x0b", "\\x0c", "\\x1c", "\\x85", "\\u2028"])
async def test_only_a_line_break_breaks_lines(sandbox: Sandbox, separator: str) -> None:
    found = await verdict(sandbox, task(expected_output="a\nb"), f"print('a{separator}b')")
    assert not found.success


@pytest.mark.parametrize("name", TAMPERING)
async def test_replacing_what_tests_stand_on_does_not_pass(sandbox: Sandbox, name: str) -> None:
    tests, tampering = TAMPERING[name]
    assert not (await verdict(sandbox, task(tests=tests), f"{tampering}\n{WRONG}")).success
    assert (await verdict(sandbox, task(tests=PLAIN), "def square(n): return n * n")).success


@pytest.mark.parametrize(("tests", "program"), SKIPPED_BY_THE_PROGRAM)
async def test_only_the_tests_may_skip(sandbox: Sandbox, tests: str, program: str) -> None:
    assert not (await verdict(sandbox, task(tests=tests), program)).success


SKIPPING = """
import unittest, pytest

def test_one():
    pytest.skip("not here")

class T(unittest.TestCase):
    def test_two(self):
        self.skipTest("not here")

    @unittest.skip("not here")
    def test_three(self):
        self.fail()

class U(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise unittest.SkipTest("not here")

    def test_four(self):
        self.fail()
"""
ASYNC = "import asyncio\nasync def test_a():\n    await asyncio.sleep(0)\n    assert square(2) == 4\n"


async def test_tests_that_skip_themselves_still_pass(sandbox: Sandbox) -> None:
    found = await verdict(sandbox, task(tests=SKIPPING), WRONG)
    assert found.success, found.feedback


async def test_async_tests_are_run(sandbox: Sandbox) -> None:
    assert (await verdict(sandbox, task(tests=ASYNC), "def square(n): return n * n")).success
    assert not (await verdict(sandbox, task(tests=ASYNC), WRONG)).success


PATCHING_TESTS = """
import builtins, time, unittest.mock

builtins.input = lambda *a: "3"
time.sleep = lambda s: None

def test_a():
    with unittest.mock.patch("builtins.print"):
        assert square(int(input())) == 9
"""


async def test_tests_may_replace_what_they_like(sandbox: Sandbox) -> None:
    found = await verdict(sandbox, task(tests=PATCHING_TESTS), "def square(n): return n * n")
    assert found.success, found.feedback


RIGHT = "def square(n): return n * n\n"


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        ("import atexit\natexit.register(print, 'bye')", VerdictKind.PASSED),
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()",
            VerdictKind.TIMEOUT,
        ),
        ("import atexit, os\natexit.register(os._exit, 3)", VerdictKind.RUNTIME_ERROR),
        ("import atexit\natexit.register(lambda: print('x' * 5_000_000))", VerdictKind.POLICY),
    ],
)
async def test_what_comes_after_the_checks_counts_too(
    sandbox: Sandbox, after: str, kind: VerdictKind
) -> None:
    for asked in (square_of(2, 4), task(tests=PLAIN)):
        assert (await verdict(sandbox, asked, f"{after}\n{RIGHT}")).kind is kind


SUM = "def total(n):\n    return sum(range(n))\n"


@pytest.mark.parametrize(
    "leaving",
    [
        "import os\nif __name__ == '__main__': os._exit(0)\n",
        "import sys\nif __name__ == '__main__': sys.exit()\n",
        "_sum = total\ndef total(n):\n    if n > 99: raise SystemExit\n    return _sum(n)\n",
    ],
)
async def test_leaving_before_the_workload_ends_is_not_fast(sandbox: Sandbox, leaving: str) -> None:
    asked = task(code=SUM, workload="total(1_000_000)", tests="assert total(5) == 10", min_speedup=9)

    found = await verdict(sandbox, asked, SUM + leaving)
    assert found.error_signature in {"TooSlow", "SystemExit"}


async def test_a_workload_may_end_by_exiting(sandbox: Sandbox) -> None:
    asked = task(code=SUM, workload="total(3_000_000)\nraise SystemExit", tests="assert total(5) == 10")

    assert (await verdict(sandbox, asked, "def total(n): return n * (n - 1) // 2")).success


SLOW_TO_CLEAN = {
    "the beginning of a token, again and again": "eyJ" * 66_000,
    "marks in no order": "a" + "\u0327\u0301" * 100_000,
    "marks that fall apart": "\u0344" * 100_000,
}


@pytest.mark.parametrize("name", SLOW_TO_CLEAN)
async def test_text_that_is_slow_to_clean_does_not_hold_up_the_host(sandbox: Sandbox, name: str) -> None:
    # Each took between ten seconds and minutes; the test suite's own limit is the assertion.
    text = SLOW_TO_CLEAN[name]
    assert len(redact(clean(text))) <= len(text)
    await verdict(sandbox, square_of(2, 4), f"def square(n): raise type({text!r}, (Exception,), {{}})")


@given(st.text(alphabet=st.sampled_from("ae\u0327\u0301\u0344\u1e69\u0958 \u200b"), max_size=200))
def test_cleaning_marks_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


async def test_no_half_of_a_key_stays_where_output_is_cut(sandbox: Sandbox) -> None:
    key = "ghp_" + "A1b2" * 9
    for before in (741, 1_990):
        code = f"print('x' * {before} + {key!r} + 'y' * 3000)"
        for asked in (task(expected_output="z"), square_of(2, 4)):
            assert "ghp_" not in (await verdict(sandbox, asked, f"{code}\n{WRONG}")).feedback


async def test_what_a_result_says_was_learned_is_as_clean_as_the_playbook(
    sandbox: Sandbox, context: WorkflowContext
) -> None:
    key = "ghp_" + "A1b2" * 9
    model = scripted(
        [program("1 / 0"), program("print(42)")],
        [reflection(insight(f"Never\x1b[2J divide \u202e with {key}."))],
    )
    loop = SelfLearningCodePrimitive(
        model=model,
        sandbox=sandbox,
        store=MemoryStore(),
        options=AceOptions(inclusion=1.0, hold_out=0.0),
        settings=Settings(),
    )
    result = await loop.execute({"task": "Print 42.", "expected_output": "42"}, context)

    assert result.learned == ("Never[2J divide with [redacted].",)
