from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.ace.loop.making import task
from tta_dev_primitives.ace.task import CodeTask, parse_task
from tta_dev_primitives.core.errors import InvalidTask


def test_only_the_task_is_required() -> None:
    parsed = parse_task({"task": "Print 1."})

    assert (parsed.language, parsed.max_iterations, parsed.checked) == ("python", 3, False)


def test_the_id_is_a_hash_of_what_is_asked() -> None:
    assert task().id == task().id != task(context="more").id
    assert task(id="mine").id == "mine"


def test_an_unknown_key_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidTask, match=r"unknown keys \['taks'\].*expected_output.*task"):
        parse_task({"taks": "x", "task": "y"})


BAD_FIELDS: list[tuple[Mapping[str, object], str]] = [
    ({"task": ""}, "task='': must say what to program"),
    ({"task": " \n "}, "blank"),
    ({"task": "x" * 200_001}, "at most 200000"),
    ({"code": b"\x00\x01"}, "code="),
    ({"code": "a\0b"}, "NUL byte"),
    ({"max_iterations": 0}, "max_iterations=0"),
    ({"max_iterations": 21}, "max_iterations=21"),
    ({"cases": [{"args": [1], "expected": 2}]}, "entry_point"),
    ({"cases": [{"arg": 1}], "entry_point": "f"}, "cases.0.arg"),
    ({"entry_point": "not a name"}, "entry_point"),
    ({"files": {"/etc/passwd": b""}}, "must be relative"),
    ({"files": {"a/../../b": b""}}, "must be relative"),
    ({"files": {"pytest.py": b""}}, "call yours differently"),
    ({"workload": "f()"}, "needs code"),
    ({"hidden": [{"files": {}, "expected_output": "1"}]}, "need expected_output"),
    ({"language": "bash", "tests": "assert 1"}, "for python"),
    ({"solution_file": "../x.py"}, "solution_file"),
    ({"test_cases": 3}, "test_cases=3"),
    ({"min_speedup": 0}, "min_speedup=0"),
]


@pytest.mark.parametrize(("fields", "message"), BAD_FIELDS)
def test_bad_fields_are_named_with_their_value(fields: Mapping[str, object], message: str) -> None:
    with pytest.raises(InvalidTask, match=message):
        task(**fields)


def test_a_task_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(InvalidTask, match="a task is a mapping"):
        parse_task("print 1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # a user's slip


def test_a_task_without_the_key_task_is_refused() -> None:
    with pytest.raises(InvalidTask, match="no key 'task'"):
        parse_task({"context": "x"})


def test_old_test_cases_become_tests_or_cases() -> None:
    assert (
        task(test_cases=["assert f(1) == 2", "assert f(2) == 3"]).tests
        == "assert f(1) == 2\nassert f(2) == 3"
    )
    assert task(test_cases="assert f(1) == 2").tests == "assert f(1) == 2"
    assert task(test_cases=[{"args": [1], "expected": 2}], entry_point="f").cases[0].expected == 2


def test_text_files_are_taken_as_utf8() -> None:
    assert task(files={"data.csv": "ä"}).files == {"data.csv": "ä".encode()}


def test_every_field_of_the_typed_mapping_is_a_field_of_the_task() -> None:
    assert set(CodeTask.__annotations__) - {"test_cases"} == set(type(task()).model_fields)
