"""LiveCodeBench as published: question_content, starter_code, metadata, public and private test cases.

Source: Jain et al., LiveCodeBench, arXiv 2403.07974; its data files. Tests by standard input become what the
program prints, tests of a function become cases. Private tests come as JSON, or as base64 of zlib of a pickle
of that JSON text: such a pickle is read without running it, and any other is refused.
"""

from __future__ import annotations

import ast
import base64
import binascii
import json
import pickletools
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

from ....core.errors import InvalidTask
from ...task import MAX_HIDDEN, MAX_TEXT
from ..row import Found, Row

_MOST_BYTES: Final = 64 << 20
"""Of one unpacked set of private tests."""
_NOT_JSON: Final = (ValueError, RecursionError)
_NO_PYTHON: Final = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python's parser raises for a surrogate, or for too many brackets or signs, as well."""
_TEXT = frozenset({"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"})
_AROUND_TEXT = frozenset({"PROTO", "FRAME", "MEMOIZE", "BINPUT", "STOP"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    given: str
    expected: str
    functional: bool


def from_row(row: Row) -> Found:
    """Return the task of a line. All tests count; at most `MAX_HIDDEN` inputs are taken, those of few bytes.

    Raises:
        InvalidTask: a key is missing or of another form.
    """
    public, private = _tests(row, "public_test_cases"), _tests(row, "private_test_cases")
    tests = [*public, *private]
    if not tests:
        raise row.wrong("public_test_cases", "holds no test; take a row that has some")
    kinds = {test.functional for test in tests}
    if len(kinds) > 1:
        raise row.wrong("public_test_cases", "mixes tests by standard input with tests of a function")
    checks = _cases(row, tests) if tests[0].functional else _printed(tests)
    fields: dict[str, object] = {
        "id": f"livecodebench/{row.text('question_id')}",
        "task": _task(row, functional=tests[0].functional),
        "family": f"livecodebench-{row.text('difficulty', 'any')}",
        **checks,
    }
    return Found(fields=fields)


def _task(row: Row, *, functional: bool) -> str:
    content = f"{row.text('question_title', '')}\n\n{row.text('question_content')}".strip()
    if not functional:
        return f"{content}\n\nThe program reads standard input and prints to standard output."
    head = _as_function(row)
    return f"{content}\n\nDefine it as a function of the module, not in a class:\n```python\n{head}\n```"


def _printed(tests: Sequence[_Test]) -> dict[str, object]:
    """The first test is the one that a model may be told of."""
    first, *rest = tests
    fitting = sorted(range(len(rest)), key=lambda n: len(rest[n].given) + len(rest[n].expected))
    taken = sorted(n for n in fitting[:MAX_HIDDEN] if len(rest[n].expected) <= MAX_TEXT)
    hidden = [{"stdin": rest[n].given, "expected_output": rest[n].expected} for n in taken]
    return {"stdin": first.given, "expected_output": first.expected, "hidden": hidden}


def _cases(row: Row, tests: Sequence[_Test]) -> dict[str, object]:
    def value(text: str) -> object:
        try:
            return json.loads(text)
        except _NOT_JSON:
            raise row.wrong("private_test_cases", f"has {text[:40]!r}, which is not a JSON value") from None

    cases = [
        {
            "args": [value(line) for line in test.given.splitlines() if line.strip()],
            "expected": value(test.expected),
        }
        for test in tests
    ]
    return {"entry_point": _function_name(row), "cases": cases}


def _function_name(row: Row) -> str:
    text = row.text("metadata", "{}")
    try:
        metadata: object = json.loads(text)
    except _NOT_JSON:
        raise row.wrong("metadata", "must be a JSON object with func_name") from None
    name = cast("dict[str, object]", metadata).get("func_name") if isinstance(metadata, dict) else None
    if not isinstance(name, str):
        raise row.wrong("metadata", "must hold func_name, the function that the tests call")
    return name


def _as_function(row: Row) -> str:
    """Return the head of the function, without the class that the starter code has around it."""
    starter, name = row.text("starter_code", ""), _function_name(row)
    try:
        tree = ast.parse(f"{starter.rstrip()}\n        pass\n")
    except _NO_PYTHON:
        return f"def {name}(...): ..."
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            node.args.args = [argument for argument in node.args.args if argument.arg != "self"]
            node.body = [ast.Expr(ast.Constant(...))]
            return ast.unparse(node)
    return f"def {name}(...): ..."


def _tests(row: Row, key: str) -> list[_Test]:
    text = row.text(key, "[]")
    try:
        items: object = json.loads(text)
    except _NOT_JSON:
        items = json.loads(_unpacked(row, key, text))
    if not isinstance(items, list):
        raise row.wrong(key, "must be a JSON list of tests")
    return [_test(row, key, item) for item in cast("list[object]", items)]


def _test(row: Row, key: str, item: object) -> _Test:
    match item:
        case {"input": str(given), "output": str(expected)}:
            kind = cast("dict[str, object]", item).get("testtype", "stdin")
            return _Test(given=given, expected=expected, functional=kind == "functional")
        case _:
            raise row.wrong(key, "must hold tests with input and output, both texts")


def _unpacked(row: Row, key: str, text: str) -> str:
    """Return the JSON text in a packed set of tests."""
    remedy = "is neither JSON nor packed JSON; convert it to a JSON list of {input, output, testtype}"
    try:
        unpack = zlib.decompressobj()
        data = unpack.decompress(base64.b64decode(text, validate=True), _MOST_BYTES)
        if unpack.unconsumed_tail:
            raise row.wrong(key, f"unpacks to more than {_MOST_BYTES >> 20} MiB; leave out its largest tests")
        found = data.decode() if data[:1] in (b"[", b"{") else _lone_text(data)
        json.loads(found)
    except InvalidTask:
        raise
    except (binascii.Error, zlib.error, *_NOT_JSON) as error:
        raise row.wrong(key, f"{remedy} ({error})") from None
    return found


def _lone_text(data: bytes) -> str:
    """Return the one text that a pickle holds, read as data: nothing in it is run.

    Raises:
        ValueError: it holds anything else.
    """
    texts = list(_texts(data))
    if len(texts) != 1:
        raise ValueError("a pickle that holds more than one text is not read, as it could run code")
    return texts[0]


def _texts(data: bytes) -> Iterator[str]:
    for code, argument, _ in pickletools.genops(data):
        if code.name in _TEXT:
            yield str(argument)
        elif code.name not in _AROUND_TEXT:
            raise ValueError(f"a pickle with {code.name} is not read, as it could run code")
