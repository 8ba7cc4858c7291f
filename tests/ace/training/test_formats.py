"""Public layouts become tasks that their own solutions pass in the jail, and wrong programs do not."""

from __future__ import annotations

import asyncio
import base64
import json
import pickle
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.ace.training.making import write_lines
from tta_dev_primitives.ace.evaluator import Evaluator
from tta_dev_primitives.ace.task import Task
from tta_dev_primitives.ace.training.formats.read import read_tasks
from tta_dev_primitives.core.errors import InvalidTask
from tta_dev_primitives.sandbox import Limits
from tta_dev_primitives.sandbox.open import open_sandbox

HUMANEVAL = {
    "task_id": "HumanEval/900",
    "prompt": 'def double(x: int) -> int:\n    """Return twice x."""\n',
    "entry_point": "double",
    "canonical_solution": "    return 2 * x\n",
    "test": "def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(0) == 0\n",
}
ROWS = {
    "id": "Sums/1",
    "prompt": "Write the file `sums.py` with add(a, b).",
    "entry_point": "sums.py",
    "tests": "from sums import add\nfrom node import ONE\n\ndef test_add():\n    assert add(1, ONE) == 2\n",
    "canonical_solution": "def add(a, b):\n    return a + b\n",
    "meta": {"solution_file": "sums.py", "support": {"node.py": "ONE = 1\n"}, "kind": "files"},
}
MBPP = {
    "task_id": 7,
    "text": "Write a function that triples a number.",
    "code": "import math\ndef triple(n):\n    return 3 * n\n",
    "test_list": ["assert triple(1) == ONE * 3"],
    "test_setup_code": "ONE = 1",
    "challenge_test_list": ["assert triple(-1) == -3"],
}
PRIVATE = [{"input": "3 4\n", "output": "7\n", "testtype": "stdin"}]
PACKED = base64.b64encode(zlib.compress(pickle.dumps(json.dumps(PRIVATE)))).decode()
BY_STDIN = {
    "question_id": "abc_1",
    "question_title": "Sum",
    "question_content": "Read two numbers and print their sum.",
    "difficulty": "easy",
    "public_test_cases": json.dumps([{"input": "1 2\n", "output": "3\n", "testtype": "stdin"}]),
    "private_test_cases": PACKED,
    "metadata": "{}",
}
BY_CALL = {
    "question_id": "3000",
    "question_title": "Add",
    "question_content": "Return the sum of nums and bias.",
    "difficulty": "hard",
    "starter_code": "class Solution:\n    def addAll(self, nums: List[int], bias: int) -> int:\n        ",
    "public_test_cases": json.dumps([{"input": "[1, 2]\n3", "output": "6", "testtype": "functional"}]),
    "private_test_cases": json.dumps([{"input": "[]\n0", "output": "0", "testtype": "functional"}]),
    "metadata": json.dumps({"func_name": "addAll"}),
}
DEEP = "[" * 100_000 + "]" * 100_000
SUM_OF_INPUT = "print(sum(map(int, input().split())))"


@pytest.fixture(scope="module")
def evaluator() -> Iterator[Evaluator]:
    jail = open_sandbox("local")
    yield Evaluator(jail, Limits(wall_s=10))
    asyncio.run(jail.aclose())


async def passes(evaluator: Evaluator, task: Task, code: str) -> bool:
    return (await evaluator.judge(task, code)).verdict.success


@pytest.mark.parametrize(
    ("row", "named", "wrong"),
    [
        (HUMANEVAL, ("HumanEval/900", "humaneval"), "def double(x):\n    return x + 2"),
        (ROWS, ("Sums/1", "sums"), "def add(a, b):\n    return a"),
        (MBPP, ("MBPP/7", "mbpp"), "def triple(n):\n    return 3 * abs(n)"),
    ],
)
async def test_a_row_is_told_by_its_shape_and_judged_by_its_tests(
    evaluator: Evaluator, tmp_path: Path, row: Mapping[str, object], named: tuple[str, str], wrong: str
) -> None:
    tasks = read_tasks(write_lines(tmp_path / "set.jsonl", row))
    (task,) = tasks.tasks
    assert (task.id, task.family) == named
    assert await passes(evaluator, task, tasks.solutions[task.id])
    assert not await passes(evaluator, task, wrong)


def test_prompts_say_what_to_write(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "set.jsonl", HUMANEVAL)
    assert read_tasks(file).tasks[0].task.startswith("Complete the function `double`.")
    shown = read_tasks(write_lines(tmp_path / "mbpp.jsonl", MBPP)).tasks[0].task
    assert "assert triple(1)" in shown
    assert "triple(-1)" not in shown


@pytest.mark.parametrize("private", [PACKED, json.dumps(PRIVATE)])
async def test_livecodebench_by_standard_input(evaluator: Evaluator, tmp_path: Path, private: str) -> None:
    row = {**BY_STDIN, "private_test_cases": private}
    (task,) = read_tasks(write_lines(tmp_path / "set.jsonl", row)).tasks
    assert (task.id, task.family) == ("livecodebench/abc_1", "livecodebench-easy")
    assert await passes(evaluator, task, SUM_OF_INPUT)
    assert not await passes(evaluator, task, "input()\nprint(3)")


async def test_livecodebench_by_call(evaluator: Evaluator, tmp_path: Path) -> None:
    (task,) = read_tasks(write_lines(tmp_path / "set.jsonl", BY_CALL)).tasks
    assert "def addAll(nums: List[int], bias: int) -> int:" in task.task
    assert "class Solution" not in task.task
    assert await passes(evaluator, task, "def addAll(nums, bias):\n    return sum(nums) + bias")
    assert not await passes(evaluator, task, "def addAll(nums, bias):\n    return 6")


class Malicious:
    """What a pickle of private tests may hold."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.touch, (self.file,))


def test_a_pickle_is_never_run(tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    for packed in (pickle.dumps(Malicious(proof)), pickle.dumps(["[]", "[]"]), b"junk", b"cos\nsystem\n."):
        private = base64.b64encode(zlib.compress(packed)).decode()
        file = write_lines(tmp_path / "set.jsonl", {**BY_STDIN, "private_test_cases": private})
        with pytest.raises(InvalidTask, match=r"private_test_cases=.*convert it to a JSON list"):
            read_tasks(file)
    assert not proof.exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"public_test_cases": "[]", "private_test_cases": "[]"}, "holds no test"),
        ({"public_test_cases": "[1]"}, "input and output"),
        ({"public_test_cases": "{}"}, "must be a JSON list"),
        ({"public_test_cases": BY_CALL["public_test_cases"]}, "mixes tests"),
        ({"private_test_cases": "not base64 !"}, "neither JSON nor packed JSON"),
        ({"question_id": 3}, "question_id=3 must be a text"),
        ({"public_test_cases": DEEP}, "neither JSON nor packed JSON"),
        ({"private_test_cases": base64.b64encode(zlib.compress(DEEP.encode())).decode()}, "neither JSON nor"),
    ],
)
def test_livecodebench_of_another_form_is_named(
    tmp_path: Path, change: Mapping[str, object], told: str
) -> None:
    with pytest.raises(InvalidTask, match=told):
        read_tasks(write_lines(tmp_path / "set.jsonl", {**BY_STDIN, **change}))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"metadata": "x"}, "must be a JSON object with func_name"),
        ({"metadata": "{}"}, "must hold func_name"),
        (
            {"private_test_cases": json.dumps([{"input": "x", "output": "1", "testtype": "functional"}])},
            "not a JSON value",
        ),
        (
            {"private_test_cases": json.dumps([{"input": DEEP, "output": "1", "testtype": "functional"}])},
            "not a JSON value",
        ),
        ({"metadata": DEEP}, "must be a JSON object with func_name"),
    ],
)
def test_livecodebench_of_a_function_needs_its_name_and_values(
    tmp_path: Path, change: Mapping[str, object], told: str
) -> None:
    with pytest.raises(InvalidTask, match=told):
        read_tasks(write_lines(tmp_path / "set.jsonl", {**BY_CALL, **change}))


@pytest.mark.parametrize(
    "starter",
    [
        *("", "class Solution:\n    def other(self):\n        ", "class ("),
        *(f"def addAll(n={'-' * 100_000}1):", "def addAll(n='\ud800'):"),
    ],
    ids=["none", "another", "broken", "deep", "no text"],
)
def test_a_function_without_a_head_is_named_all_the_same(tmp_path: Path, starter: str) -> None:
    file = write_lines(tmp_path / "set.jsonl", {**BY_CALL, "starter_code": starter})
    assert "def addAll(...): ..." in read_tasks(file).tasks[0].task


def quixbugs(folder: Path) -> Path:
    files = {
        "python_programs/next_of.py": "def next_of(n):\n    return n - 1\n",
        "python_programs/node.py": "class Node:\n    pass\n",
        "correct_python_programs/next_of.py": "def next_of(n):\n    return n + 1\n",
        "json_testcases/next_of.json": "[[1], 2]\n[[5], 6]\n",
        "python_testcases/test_next_of.py": (
            "import pytest\nfrom load_testdata import load_json_testcases\n\n"
            "if pytest.use_correct:\n    from correct_python_programs.next_of import next_of\n"
            "else:\n    from python_programs.next_of import next_of\n\n"
            "testdata = load_json_testcases(next_of.__name__)\n\n"
            '@pytest.mark.parametrize("input_data,expected", testdata)\n'
            "def test_next_of(input_data, expected):\n"
            "    if not pytest.run_slow and input_data == [5]:\n        pytest.skip('slow')\n"
            "    assert next_of(*input_data) == pytest.approx(expected)\n"
        ),
        "python_testcases/test_without.py": "def test():\n    assert True\n",
        "python_testcases/node.py": "",
    }
    return laid_out(folder, files)


def exercism(folder: Path) -> Path:
    two = "exercises/practice/two-fer"
    config = {
        "files": {"solution": ["two_fer.py"], "test": ["two_fer_test.py"], "example": [".meta/example.py"]}
    }
    many = {"files": {"solution": ["a.py", "b.py"], "test": ["a_test.py"]}}
    files = {
        f"{two}/.docs/instructions.md": "# Instructions\n\nSay who gets one.\n",
        f"{two}/.docs/instructions.append.md": "Return a text.\n",
        f"{two}/.meta/config.json": json.dumps(config),
        f"{two}/.meta/example.py": "def two_fer(name='you'):\n    return f'One for {name}.'\n",
        f"{two}/two_fer.py": "def two_fer(name):\n    pass\n",
        f"{two}/two_fer_test.py": (
            "import unittest\n\nfrom two_fer import two_fer\n\n\nclass TwoFerTest(unittest.TestCase):\n"
            "    def test_none(self):\n        self.assertEqual(two_fer(), 'One for you.')\n"
        ),
        "exercises/practice/many/.meta/config.json": json.dumps(many),
    }
    return laid_out(folder, files)


def laid_out(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


async def test_quixbugs_as_a_folder(evaluator: Evaluator, tmp_path: Path) -> None:
    tasks = read_tasks(quixbugs(tmp_path))
    (task,) = tasks.tasks
    assert (task.id, sorted(task.files)) == ("quixbugs/next_of", ["node.py"])
    assert "return n - 1" in task.task
    assert tasks.left_out == (f"without: there is no {tmp_path / 'python_programs' / 'without.py'}",)
    assert await passes(evaluator, task, tasks.solutions[task.id])
    assert await passes(evaluator, task, "def next_of(n):\n    return 2 if n == 1 else 'skipped as slow'")
    assert not await passes(evaluator, task, "def next_of(n):\n    return n - 1")


async def test_exercism_as_a_folder(evaluator: Evaluator, tmp_path: Path) -> None:
    tasks = read_tasks(exercism(tmp_path))
    (task,) = tasks.tasks
    assert (task.id, task.solution_file) == ("exercism/two-fer", "two_fer.py")
    assert "Say who gets one." in task.task
    assert "Return a text." in task.task
    assert "def two_fer(name):" in task.task
    assert tasks.left_out == ("many: it needs one solution file and one test file",)
    assert await passes(evaluator, task, tasks.solutions[task.id])
    assert not await passes(evaluator, task, "def two_fer(name=''):\n    return name")


def test_a_broken_clone_is_named(tmp_path: Path) -> None:
    folder = exercism(tmp_path)
    (folder / "exercises/practice/two-fer/.meta/config.json").write_text("{")
    with pytest.raises(InvalidTask, match=r"config.json is not JSON"):
        read_tasks(folder)
    bugs = quixbugs(tmp_path / "bugs")
    (bugs / "python_testcases/test_next_of.py").write_text("def (")
    with pytest.raises(InvalidTask, match="not valid Python"):
        read_tasks(bugs)


@pytest.mark.parametrize("key", ["test", "example", "editor"])
def test_exercism_names_no_file_outside_of_the_exercise(tmp_path: Path, key: str) -> None:
    (tmp_path / "secret.py").write_text("assert 'key'")
    folder = exercism(tmp_path / "track")
    config = folder / "exercises/practice/two-fer/.meta/config.json"
    files = json.loads(config.read_text())["files"]
    for outside in (str(tmp_path / "secret.py"), "../../../../secret.py"):
        config.write_text(json.dumps({"files": {**files, key: [outside]}}))
        with pytest.raises(InvalidTask, match=r"secret.py leads out of .*two-fer; clone it again"):
            read_tasks(folder)


def test_links_of_a_clone_lead_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("key = 1")
    for name in ("python_programs/next_of.py", "python_programs/node.py", "json_testcases/next_of.json"):
        folder = quixbugs(tmp_path / name.replace("/", "-"))
        (folder / name).unlink()
        (folder / name).symlink_to(tmp_path / "secret.py")
        with pytest.raises(InvalidTask, match=f"{name} leads out of"):
            read_tasks(folder)


def test_a_file_that_a_clone_lacks_is_named(tmp_path: Path) -> None:
    folder = exercism(tmp_path)
    config = folder / "exercises/practice/two-fer/.meta/config.json"
    files = json.loads(config.read_text())["files"]
    config.write_text(json.dumps({"files": {**files, "editor": ["data.csv"]}}))
    with pytest.raises(InvalidTask, match=r"data.csv cannot be read"):
        read_tasks(folder)
    config.write_text(DEEP)
    with pytest.raises(InvalidTask, match=r"config.json is not JSON"):
        read_tasks(folder)
