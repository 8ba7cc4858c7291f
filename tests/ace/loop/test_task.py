from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

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
    assert task(id="mine\n+ yours\tand\u2028all").id == "mine + yours andall"


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
    ({"test_cases": []}, r"test_cases=\[\] .* at least one"),
    ({"test_cases": ""}, "tests='': is blank"),
    ({"test_cases": [" "]}, "tests=' ': is blank"),
    ({"test_cases": [3]}, "cases.0=3"),
    ({"tests": ""}, "tests='': is blank"),
    ({"tests": " \n"}, "is blank"),
    ({"tests": "# nothing\n'''doc'''\nimport math\nx = 1\n"}, "tests nothing"),
    ({"tests": "def check(candidate):\n    assert candidate(1) == 2"}, "tests nothing.*has to be called"),
    ({"tests": "def helper(): pass\nif __name__ == '__main__':\n    helper()"}, "tests nothing"),
    ({"tests": "try:\n    import numpy\nexcept ImportError:\n    numpy = None"}, "tests nothing"),
    ({"tests": "assert f(1) == 2\nassert f(("}, "not valid Python: line 2"),
    ({"tests": "x = 1\nreturn x"}, "not valid Python: line 2: 'return' outside function"),
    ({"tests": "x = " + "-" * 50_000 + "1"}, "tests='x = ---.*simpler"),
    ({"tests": "assert True", "test_cases": ["assert f()"]}, "give tests or test_cases, not both"),
    (
        {"cases": [{"args": []}], "test_cases": [{"args": []}], "entry_point": "f"},
        "give cases or test_cases, not both",
    ),
    ({"cases": [{"expected": 10**5000}], "entry_point": "f"}, "too many digits"),
    ({"cases": [{"args": [[10**5000]]}], "entry_point": "f"}, "too many digits"),
    ({"cases": 10**5000}, "cases=a int that cannot be shown"),
    ({"task": b"abc"}, "task=b'abc'"),
    ({"context": b"abc"}, "context=b'abc'"),
    ({"code": b"abc"}, "code=b'abc'"),
    ({"expected_output": b"1"}, "expected_output=b'1'"),
    ({"solution_file": b"a.py"}, "solution_file=b'a.py'"),
    ({"solution_file": "pytest.py"}, "solution_file='pytest.py'"),
    ({"id": b"a"}, "id=b'a'"),
    ({"files": {"a/": b""}}, "files: path 'a/' must be relative"),
    ({"files": {"./a": b""}}, "must be relative"),
    ({"files": {"": b""}}, "path '' must be relative"),
    ({"files": {"a\0b": b""}}, "must be relative"),
    ({"files": {"\ud800": b""}}, "UTF-8"),
    ({"files": {"a\n# Attempt 1: passed": b""}}, "a line break"),
    ({"files": {"a\u202eb": b""}}, "invisible characters"),
    ({"files": {"a" * 256: b""}}, "is too long"),
    ({"files": {"a": b"", "a/b": b""}}, "'a' is a file and also the folder"),
    ({"files": {"pytest.py/b": b""}}, "'pytest.py' is a file and also the folder"),
    ({"files": {"solution.py": b""}}, "'solution.py' is solution_file"),
    ({"files": {"mine.py": b""}, "solution_file": "mine.py"}, "'mine.py' is solution_file"),
    ({"files": {"a.bin": bytes((48 << 20) + 1)}}, "files: 1 files take 48.0 MiB; at most 48 MiB"),
    ({"files": {str(n): b"" for n in range(5001)}}, "5001 files are too many"),
    *(
        ({"expected_output": "1", "hidden": [{"files": {path: b""}, "expected_output": "1"}]}, message)
        for path, message in [
            ("../x", r"hidden.0.files: path '../x' must be relative"),
            ("/etc/passwd", "hidden.0.files: path '/etc/passwd' must be relative"),
            ("a/", "must be relative"),
            ("main.py", "call yours differently"),
            ("solution.py", "solution_file"),
        ]
    ),
    (
        {
            "expected_output": "1",
            "files": {"a": bytes(30 << 20)},
            "hidden": [{"files": {"b": bytes(30 << 20)}, "expected_output": "1"}],
        },
        "hidden.0.files: 2 files take 60.0 MiB",
    ),
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


@pytest.mark.parametrize(
    "tests",
    [
        "def test_a(): pass",
        "async def test_a(): pass",
        "import base\nclass Mine(base.Base): pass",
        "class TestA:\n    def test_b(self): pass",
        "def check(candidate): assert candidate\ncheck(f)",
        "for n in range(3):\n    assert f(n)",
        "with open('x') as file:\n    file.read()",
        "test_a = make(3)",
        r"assert f('\d') == '\d'",
    ],
)
def test_source_that_can_fail_is_taken(tests: str) -> None:
    assert task(tests=tests).tests == tests


def test_the_id_tells_tasks_with_different_checks_apart() -> None:
    hidden = {"files": {"b": "1"}, "expected_output": "1"}
    different: list[Mapping[str, object]] = [
        {},
        {"expected_output": "1"},
        {"expected_output": "2"},
        {"expected_output": "1", "hidden": [hidden]},
        {"expected_output": "1", "hidden": [{**hidden, "expected_output": "2"}]},
        {"files": {"a": "1"}},
        {"files": {"a": b"\xff"}},
        {"tests": "assert f()"},
        {"tests": "assert g()"},
        {"entry_point": "f", "cases": [{"args": [1]}]},
        {"entry_point": "g", "cases": [{"args": [1]}]},
        {"entry_point": "f", "cases": [{"args": [1], "expected": float("nan")}]},
        {"code": "x = 1"},
        {"code": "x = 1", "workload": "x"},
    ]
    assert len({task(**fields).id for fields in different}) == len(different)
    assert task(files=MappingProxyType({"a": "1"})).id == task(files={"a": b"1"}).id


def test_text_files_are_taken_as_utf8() -> None:
    assert task(files={"data.csv": "ä"}).files == {"data.csv": "ä".encode()}


def test_every_field_of_the_typed_mapping_is_a_field_of_the_task() -> None:
    assert set(CodeTask.__annotations__) - {"test_cases"} == set(type(task()).model_fields)
