"""Run assert, unittest or pytest-style source against the candidate and report each test.

The outcome is a claim: candidate and tests share a process. The report carries a marker that the candidate
was not told, and a canary that must fail shows whether assertions still work.
"""

import ast
import unittest
from collections.abc import Callable, Iterator, Mapping

from playbox_report import Claim, claim, load_module, send, take_job

Row = dict[str, object]
_suite_run, _load_tests = unittest.TestSuite.run, unittest.TestLoader().loadTestsFromTestCase
_TestCase, _AssertionError = unittest.TestCase, AssertionError
_CALLED = "__playbox_called__"


def main() -> None:
    """Run all tests of the job and send the report."""
    job = take_job()
    file, source, tests = str(job["solution_file"]), str(job["source"]), str(job["tests"])
    sources = {file: source, "tests.py": tests}
    error, results, completed = None, list[Row](), False
    try:
        solution = load_module(file, source, {})
        names = {name: value for name, value in vars(solution).items() if not name.startswith("__")}
        results += _run_all(tests, names, sources)
        completed = True
    except BaseException as caught:  # noqa: BLE001  # whatever the candidate does is a finding
        error = claim(caught, sources)
    report: Row = {"error": error, "results": results, "canary": _canary_fails(), "completed": completed}
    send(job["marker"], report)


class Canary(unittest.TestCase):
    """Must fail, or the candidate interferes with unittest."""

    def test_canary(self) -> None:
        """Fail."""
        self.assertEqual("a canary", "alive")  # noqa: PT009  # unittest's own assertion is what is tried


def _canary_fails() -> bool:
    """Return whether assertions that must fail do, both plain and by unittest."""
    rows = _run_test_case(Canary, {})
    return _plain_canary_fails() and len(rows) == 1 and not rows[0]["ok"]


def _plain_canary_fails() -> bool:
    space: dict[str, Callable[[], None]] = {}
    exec("def test_canary():\n    assert False", space)  # noqa: S102  # compiled as the tests were
    try:
        space["test_canary"]()
    except _AssertionError:
        return True
    return False


def _run_all(source: str, names: Mapping[str, object], sources: Mapping[str, str]) -> list[Row]:
    called = set[str]()
    try:
        module = load_module("tests.py", _noting_calls(source), {**names, _CALLED: called})
    except _AssertionError as error:
        return [_row("tests.py", claim(error, sources))]
    own = {name: value for name, value in vars(module).items() if names.get(name) is not value}
    found = [(name, value) for name, value in own.items() if name not in called | {_CALLED}]
    results = [row for name, value in found for row in _run_item(name, value, sources)]
    return results or [_row("tests.py", None)]


def _noting_calls(source: str) -> ast.Module:
    """Make each test function note its first call: one that the source itself calls is not run again."""
    tree = ast.parse(source, "tests.py")
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            (note,) = ast.parse(f"{_CALLED}.add({node.name!r})").body
            node.body.insert(0, ast.copy_location(note, node))
            ast.fix_missing_locations(node)
    return tree


def _run_item(name: str, value: object, sources: Mapping[str, str]) -> Iterator[Row]:
    """Run what `name` stands for, if it is a test: a TestCase, a Test class or a test function."""
    if isinstance(value, type) and issubclass(value, _TestCase):
        if value is not _TestCase:
            yield from _run_test_case(value, sources)
    elif isinstance(value, type) and name.startswith("Test"):
        for method in [key for key in vars(value) if key.startswith("test")]:
            yield from _run_function(f"{name}.{method}", getattr(value(), method), sources)
    elif name.startswith("test") and callable(value):
        yield from _run_function(name, value, sources)


def _run_function(name: str, test: Callable[..., object], sources: Mapping[str, str]) -> Iterator[Row]:
    """Run a test function once for each row of its `parametrize` marks."""
    rows: list[Row] = getattr(test, "playbox_rows", [{}])
    for row in rows:
        label = f"{name}{row}" if row else name
        try:
            test(**row)
        except BaseException as error:  # noqa: BLE001  # whatever the candidate does is a finding
            yield _row(label, None if type(error).__name__ == "SkippedTest" else claim(error, sources))
        else:
            yield _row(label, None)


def _run_test_case(case: type[unittest.TestCase], sources: Mapping[str, str]) -> list[Row]:
    collected = _Collect(sources)
    _suite_run(_load_tests(case), collected)
    return collected.rows


class _Collect(unittest.TestResult):
    """Collects one row a test."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._sources = sources

    def addSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802  # unittest's name
        self.rows.append(_row(str(test), None))

    def addFailure(self, test, err) -> None:  # type: ignore[no-untyped-def]  # noqa: N802, ANN001
        self.rows.append(_row(str(test), claim(err[1], self._sources)))

    def addError(self, test, err) -> None:  # type: ignore[no-untyped-def]  # noqa: N802, ANN001
        self.addFailure(test, err)

    def addSubTest(self, test, subtest, err) -> None:  # type: ignore[no-untyped-def]  # noqa: N802, ANN001, ARG002
        if err is not None:
            self.addFailure(subtest, err)


def _row(name: str, error: Claim | None) -> Row:
    return {"name": name[:200], "ok": error is None, "error": error}


main()
