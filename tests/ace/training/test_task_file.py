"""Task files: every key, files in three forms, and errors that say where and what to do."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ace.training.making import one_task, task_set, write_lines
from tta_dev_primitives.ace.task import parse_task
from tta_dev_primitives.ace.training.formats.playbox import to_lines
from tta_dev_primitives.ace.training.formats.read import read_tasks
from tta_dev_primitives.ace.training.task_set import TaskSet
from tta_dev_primitives.core.errors import ConfigurationError, InvalidTask


def test_all_that_a_task_may_say(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_bytes(b"\xff\0")
    row: dict[str, object] = {
        "id": "one",
        "prompt": "Sum the file.",
        "context": "It has a header.",
        "family": "files",
        "max_iterations": 2,
        "files": {
            "a.csv": {"path": "data/a.csv"},
            "b.bin": {"base64": base64.b64encode(b"\x01").decode()},
            "c.txt": "text",
        },
        "expected_output": "3",
        "hidden": [{"files": {"a.csv": "x"}, "expected_output": "4"}, {"stdin": "1", "expected_output": "5"}],
        "solution": "print(3)",
    }
    timed = {"task": "Faster.", "code": "x = 1", "workload": "x", "min_speedup": 2, "tests": "assert x"}
    tasks = read_tasks(write_lines(tmp_path / "tasks.jsonl", row, timed))

    first, second = tasks.tasks
    assert first.files == {"a.csv": b"\xff\0", "b.bin": b"\x01", "c.txt": b"text"}
    assert (first.task, first.family, first.max_iterations) == ("Sum the file.", "files", 2)
    assert (first.hidden[0].files, first.hidden[1].stdin) == ({"a.csv": b"x"}, "1")
    assert tasks.solutions == {"one": "print(3)"}
    assert (second.workload, second.min_speedup) == ("x", 2)
    assert second.id.startswith("task-")


def test_a_case_that_utf8_cannot_hold_is_written_and_read_again(tmp_path: Path) -> None:
    row = {"id": "one", "prompt": "Cut é.", "entry_point": "cut", "cases": [{"args": ["\ud800"]}]}
    tasks = read_tasks(write_lines(tmp_path / "tasks.jsonl", row))
    again = tmp_path / "again.jsonl"
    again.write_text(to_lines(tasks), encoding="utf-8")
    assert read_tasks(again).digest == tasks.digest


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"prompt": "x", "test": "assert 1"}, r"unknown keys \['test'\]; known are"),
        ({"prompt": "x", "task": "y"}, "'task' are both given"),
        ({"prompt": 3}, "prompt=3 must be a text"),
        ({"tests": "assert x"}, "the task has no key 'task'"),
        ({"prompt": "x", "tests": "x ="}, "tests='x =': is not valid Python"),
        ({"prompt": "x", "expected_output": 42}, "expected_output=42"),
        ({"prompt": "x", "files": []}, r"files=\[\] must be an object"),
        ({"prompt": "x", "files": {"a": 1}}, "files: 'a' must be a text, {\"base64\""),
        ({"prompt": "x", "files": {"a": {"base64": "!"}}}, "files: 'a' is not base64"),
        ({"prompt": "x", "files": {"a": {"path": "b", "base64": ""}}}, "files: 'a' must be"),
        ({"prompt": "x", "files": {"a": {"path": "none.txt"}}}, "path 'none.txt' cannot be read"),
        ({"prompt": "x", "files": {"a": {"path": "../secret"}}}, "leaves the folder"),
        ({"prompt": "x", "files": {"a": {"path": "/etc/passwd"}}}, "leaves the folder"),
        ({"prompt": "x", "files": {"a": {"path": "link"}}}, "leaves the folder"),
        ({"prompt": "x", "files": {"a": {"path": "nul\0"}}}, "cannot be read"),
        ({"prompt": "x", "hidden": 1}, "hidden=1 must be a list"),
        ({"prompt": "x", "hidden": [1]}, "hidden.0=1"),
        ({"prompt": "x", "hidden": [{"files": {"a": 1}}]}, "hidden 1: files: 'a' must be"),
    ],
)
def test_an_error_names_file_line_key_and_remedy(tmp_path: Path, row: object, told: str) -> None:
    (tmp_path / "secret").write_text("key")
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "secret")
    file = write_lines(folder / "tasks.jsonl", {"prompt": "fine"}, row)
    with pytest.raises(InvalidTask, match=f"tasks.jsonl, line 2[:,] .*{told}"):
        read_tasks(file, "playbox")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{}\n{", "line 2: is not JSON"),
        (b"[1]", r"line 1: \[1\] is not an object"),
        (b"\n \n", "holds no task"),
        (b"\xff", "is not UTF-8 text"),
        (b'{"prompt": "x", "n": 1' + b"0" * 5000 + b"}", "line 1: is not JSON"),
    ],
)
def test_a_file_that_is_none_says_so(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "tasks.jsonl"
    file.write_bytes(content.replace(b"{}", b'{"prompt": "x"}'))
    with pytest.raises(InvalidTask, match=told):
        read_tasks(file)


def test_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidTask, match="cannot be read"):
        read_tasks(tmp_path / "none.jsonl")
    with pytest.raises(InvalidTask, match="neither QuixBugs nor"):
        read_tasks(tmp_path)
    with pytest.raises(ConfigurationError, match="there is no task format 'csv'"):
        read_tasks(tmp_path, "csv")
    with pytest.raises(ConfigurationError, match="reads a JSONL file"):
        read_tasks(tmp_path, "mbpp")
    with pytest.raises(ConfigurationError, match="reads the folder of a clone"):
        read_tasks(write_lines(tmp_path / "a.jsonl", one_task(1)), "exercism")


def test_two_tasks_with_one_id_are_refused(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "tasks.jsonl", one_task(1), one_task(2), one_task(1))
    with pytest.raises(InvalidTask, match="several tasks with the id 't1'"):
        read_tasks(file)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
one_line = texts.filter(lambda text: bool(text.strip()))
tasks = st.fixed_dictionaries(
    {"task": one_line},
    optional={
        "context": texts,
        "family": texts,
        "expected_output": texts,
        "max_iterations": st.integers(1, 20),
        "files": st.dictionaries(st.sampled_from(["a.txt", "b/c.bin"]), st.binary(max_size=20)),
        "cases": st.just([{"args": [1, "x"], "kwargs": {"k": None}, "expected": [True]}]),
    },
)


@settings(max_examples=40)
@given(st.lists(tasks, min_size=1, max_size=4, unique_by=lambda row: row["task"]))
def test_a_written_set_reads_as_the_same_set(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]
) -> None:
    entry = [{**row, "entry_point": "f"} if "cases" in row else row for row in rows]
    whole = TaskSet(name="a", tasks=tuple(parse_task({**row, "id": f"t{n}"}) for n, row in enumerate(entry)))
    file = tmp_path_factory.mktemp("set") / "tasks.jsonl"
    file.write_text(to_lines(whole), encoding="utf-8")
    again = read_tasks(file)
    assert again.tasks == whole.tasks
    assert again.digest == whole.digest


def test_the_digest_tells_every_change() -> None:
    whole = task_set(3)
    changes = [
        whole.changed(lambda task: task.model_copy(update={"max_iterations": 4})),
        whole.changed(lambda task: task.model_copy(update={"files": {"a": b""}})),
        whole.having(lambda task: task.id != "t1"),
        TaskSet(name="sums", tasks=whole.tasks[::-1]),
    ]
    assert len({whole.digest, *(changed.digest for changed in changes)}) == len(changes) + 1
    assert TaskSet(name="other", tasks=whole.tasks).digest == whole.digest


def test_a_line_may_hold_any_character(tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    file.write_text(json.dumps({"prompt": "a\u2028b"}, ensure_ascii=False), encoding="utf-8")
    assert read_tasks(file).tasks[0].task == "a\u2028b"
