"""A program reads its standard input, however it reads it; what it reads when nobody looks stays hidden."""

from __future__ import annotations

import pytest

from tests.ace.loop.making import task
from tta_dev_primitives.ace.evaluator import Evaluator
from tta_dev_primitives.ace.task import Task
from tta_dev_primitives.ace.verdict import Verdict, VerdictKind
from tta_dev_primitives.core.errors import InvalidTask
from tta_dev_primitives.sandbox import Limits, Sandbox

ADD = task(
    stdin="2\n40\n",
    expected_output="42",
    hidden=[{"stdin": "1\n2\n", "expected_output": "3"}, {"stdin": "5\n5", "expected_output": "10\n"}],
)


async def judge(sandbox: Sandbox, task: Task, code: str) -> Verdict:
    return (await Evaluator(sandbox, Limits(wall_s=5)).judge(task, code)).verdict


@pytest.mark.parametrize(
    "code",
    [
        "print(int(input()) + int(input()))",
        "import sys\nprint(sum(map(int, sys.stdin)))",
        "import sys\nprint(sum(map(int, sys.stdin.buffer.read().split())))",
        "print(sum(map(int, open(0).read().split())))",
        "from __future__ import annotations\nif __name__ == '__main__':\n    print(sum(map(int, open(0))))",
        "import os\nprint(sum(map(int, os.read(0, 99).split())))\nraise SystemExit",
    ],
)
async def test_every_way_to_read_it_works(sandbox: Sandbox, code: str) -> None:
    assert (await judge(sandbox, ADD, code)).success


async def test_a_remembered_answer_does_not_pass(sandbox: Sandbox) -> None:
    verdict = await judge(sandbox, ADD, "print(42)")
    assert (verdict.kind, verdict.score) == (VerdictKind.TESTS_FAILED, 0.5)
    assert "remember" in verdict.feedback
    assert "10" not in verdict.feedback


async def test_an_error_is_told_with_the_line_of_the_program(sandbox: Sandbox) -> None:
    code = "first = input()\nsecond = input()\nthird = input()\n"
    verdict = await judge(sandbox, ADD, code)
    assert verdict.kind is VerdictKind.RUNTIME_ERROR
    assert verdict.feedback.startswith("EOFError (line 3)")
    assert (await judge(sandbox, ADD, "x = 1\nx = = 2")).feedback.startswith("SyntaxError (line 2)")


async def test_without_any_there_is_nothing_to_read(sandbox: Sandbox) -> None:
    verdict = await judge(sandbox, task(expected_output="''"), "import sys\nprint(repr(sys.stdin.read()))")
    assert verdict.success


async def test_files_and_input_go_together(sandbox: Sandbox) -> None:
    both = task(stdin="b", files={"a.txt": "a"}, expected_output="ab ['a.txt']")
    code = "import os\nprint(open('a.txt').read() + input(), os.listdir())"
    assert (await judge(sandbox, both, code)).success


def test_input_needs_something_to_compare_with_and_python() -> None:
    with pytest.raises(InvalidTask, match="stdin needs expected_output"):
        task(stdin="1")
    with pytest.raises(InvalidTask, match="stdin are for python"):
        task(stdin="1", expected_output="1", language="bash")
