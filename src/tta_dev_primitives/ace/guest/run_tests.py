"""Run assert, unittest or pytest-style source against the candidate and report each test.

The outcome is a claim: candidate and tests share a process. The report carries a marker that the candidate
was not told; what the tests stand on is compared with what it was before the candidate came; and a canary
that must fail shows whether assertions still work.
"""

import ast
import builtins
import sys
import types
import unittest
import unittest.suite
from collections.abc import Callable, Mapping
from typing import NamedTuple

import pytest
from playbox_blame import TESTS, Blame, UnsupportedTests, call_hook, check_arguments
from playbox_equal import guarded, note_known, note_tests
from playbox_ground import TOOLS, Ground, imports, load_standard
from playbox_report import Claim, claim, load_module, send, take_job

globals()["__builtins__"] = {**vars(builtins)}  # as in playbox_report
Row = dict[str, object]
_suite_run, _load_tests = unittest.TestSuite.run, unittest.TestLoader().loadTestsFromTestCase
_TestCase, _AssertionError, _Coroutine = unittest.TestCase, AssertionError, types.CoroutineType
_Generators = (types.GeneratorType, types.AsyncGeneratorType)
_CO_COROUTINE = 0x80
unittest.main = pytest.main  # type: ignore[misc, assignment]  # the tests are run anyway
_Skip = (pytest.SkippedTest, unittest.SkipTest)
_parse, _exc_info, _settrace, _setprofile = ast.parse, sys.exc_info, sys.settrace, sys.setprofile
_trace_of = BaseException.__traceback__.__get__  # type: ignore[attr-defined]  # a subclass may show another
_CALLED = "__playbox_called__"
_SKIPS = [globals(), vars(pytest), vars(unittest.case), vars(unittest.suite)]
"""Where a skip may come from, besides the tests themselves."""


class Sources(NamedTuple):
    """Names and texts of candidate and tests."""

    file: str
    solution: str
    tests: str
    blame: Blame

    @property
    def texts(self) -> Mapping[str, str]:
        """Return file name -> text."""
        return {self.file: self.solution, TESTS: self.tests}


def main() -> None:
    """Run all tests of the job and send the report."""
    job = take_job()
    file = str(job["solution_file"])
    sources = Sources(file, str(job["source"]), str(job["tests"]), Blame(file))
    tools, ground, marks = Ground(TOOLS), _ground(sources), note_known()
    error, results, completed, canary, unsupported = None, list[Row](), False, False, None
    try:
        solution = load_module(sources.file, sources.solution, {})
        _settrace(None)
        _setprofile(None)
        if ground.untouched():
            results += _run_all({**_names(solution, sources), **marks}, sources, acts=job["acts"] is True)
            canary = _canary_fails() and tools.untouched()
        completed = True
    except BaseException as caught:  # noqa: BLE001  # whatever the candidate does is a finding
        error, unsupported = claim(caught, sources.texts), sources.blame.unsupported(caught)
    report: Row = {"error": error, "results": results, "canary": canary, "completed": completed}
    send(job["marker"], {**report, "unsupported": unsupported})


def _ground(sources: Sources) -> Ground:
    """Return what the tests stand on, loaded."""
    needed = imports(sources.tests) | ({"asyncio"} if "async def" in sources.tests else set())
    standard = load_standard(needed, but=sources.file.removesuffix(".py"))
    return Ground({*TOOLS, "builtins", *standard})


def _names(solution: types.ModuleType, sources: Sources) -> Mapping[str, object]:
    """Return what of the candidate the tests see without an import.

    Tests that import it themselves mean the builtin where they use the name of one.
    """
    imported = sources.file.removesuffix(".py") in imports(sources.tests)
    hidden = vars(builtins).keys() if imported else ()
    names = {name: value for name, value in vars(solution).items() if type(name) is str}
    return {name: value for name, value in names.items() if not name.startswith("__") and name not in hidden}


class Canary(unittest.TestCase):
    """Must fail, or the candidate interferes with unittest."""

    def test_canary(self) -> None:
        """Fail."""
        self.assertEqual("a canary", "alive")  # noqa: PT009  # unittest's own assertion is what is tried


def _canary_fails() -> bool:
    """Return whether assertions that must fail do, both plain and by unittest."""
    rows = _run_test_case(Canary, _Collect(None, _SKIPS))
    return _plain_canary_fails() and len(rows) == 1 and not rows[0]["ok"]


def _plain_canary_fails() -> bool:
    space: dict[str, Callable[[], None]] = {}
    exec("def test_canary():\n    assert False", space)  # noqa: S102  # compiled as the tests were
    try:
        space["test_canary"]()
    except _AssertionError:
        return True
    return False


def _run_all(names: Mapping[str, object], sources: Sources, *, acts: bool) -> list[Row]:
    """Run the source, which `acts` by itself or only defines tests, and then its tests."""
    called = set[str]()
    try:
        code = compile(_noting_calls(sources.tests), TESTS, "exec")
        note_tests(code)
        module = load_module(TESTS, code, {**names, _CALLED: called})
    except _AssertionError as error:
        return [_row(TESTS, claim(error, sources.texts))]
    own = {name: value for name, value in vars(module).items() if names.get(name) is not value}
    found = [(name, value) for name, value in own.items() if name not in called | {_CALLED}]
    collect = _Collect(sources, [*_SKIPS, vars(module)])
    call_hook(module, "setup_module", module)
    for name, value in found:
        _run_item(name, value, module, collect)
    call_hook(module, "teardown_module", module)
    if not collect.rows and not acts:
        raise UnsupportedTests("there is no test in them: no test function, and no class with a test method")
    return collect.rows or [_row(TESTS, None)]


def _noting_calls(source: str) -> ast.Module:
    """Make each test function note its first call: one that the source itself calls is not run again."""
    tree = guarded(_parse(source, TESTS))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            (note,) = _parse(f"{_CALLED}.add({node.name!r})").body
            node.body.insert(0, ast.copy_location(note, node))
            ast.fix_missing_locations(node)
    return tree


class _Collect(unittest.TestResult):
    """Collects one row a test. `spaces` are the globals that may skip it."""

    def __init__(self, sources: Sources | None, spaces: list[dict[str, object]]) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._sources, self._spaces = sources, spaces

    def addSuccess(self, test: object) -> None:  # noqa: N802  # unittest's name
        self.rows.append(_row(str(test), None))

    def addFailure(self, test, err) -> None:  # type: ignore[no-untyped-def]  # noqa: N802, ANN001
        self.add(str(test), err[1])

    def addError(self, test, err) -> None:  # type: ignore[no-untyped-def]  # noqa: N802, ANN001
        self.addFailure(test, err)

    def addSubTest(self, test, subtest, err) -> None:  # type: ignore[no-untyped-def]  # noqa: N802, ANN001, ARG002
        if err is not None:
            self.addFailure(subtest, err)

    def addSkip(self, test: object, reason: str) -> None:  # noqa: N802, ARG002
        error = _exc_info()[1]
        if error is not None and not self._is_skip(error):
            self.add(str(test), error)

    def add(self, name: str, error: BaseException) -> None:
        """Add the row of a test that ended with `error`."""
        if self._sources is not None and self._sources.blame.unsupported(error) is not None:
            raise error
        texts = self._sources.texts if self._sources else {}
        self.rows.append(_row(name, None if self._is_skip(error) else claim(error, texts)))

    def _is_skip(self, error: BaseException) -> bool:
        """Return whether the tests skip, and not the candidate that they call."""
        trace = _trace_of(error)
        while trace is not None:
            if not any(trace.tb_frame.f_globals is space for space in self._spaces):
                return False
            trace = trace.tb_next
        return isinstance(error, _Skip)


def _run_item(name: str, value: object, module: types.ModuleType, collect: _Collect) -> None:
    """Run what `name` stands for, if it is a test: a TestCase, a Test class or a test function."""
    if isinstance(value, type) and issubclass(value, _TestCase):
        if value is not _TestCase:
            _run_test_case(value, collect)
    elif isinstance(value, type) and name.startswith("Test"):
        _run_class(name, value, collect)
    elif name.startswith("test") and callable(value):
        _run_rows(name, value, lambda: (module, value), "function", collect)


def _run_class(name: str, kind: type, collect: _Collect) -> None:
    """Run the test methods of a class and of its bases, each on an instance of its own."""
    keys = {key: None for base in reversed(kind.__mro__) for key in vars(base) if key.startswith("test")}
    methods = {key: getattr(kind, key) for key in keys if callable(getattr(kind, key))}
    if not methods or getattr(kind, "__test__", True) is False:
        return
    if kind.__init__ is not object.__init__:  # type: ignore[misc]
        raise UnsupportedTests(f"{name} has a constructor, so pytest would not run it; use setup_method")
    call_hook(kind, "setup_class", kind)
    for key, method in methods.items():
        _run_rows(f"{name}.{key}", method, lambda key=key: _bound(kind, key), "method", collect)  # type: ignore[misc]
    call_hook(kind, "teardown_class", kind)


def _bound(kind: type, key: str) -> tuple[object, Callable[..., object]]:
    instance = kind()
    return instance, getattr(instance, key)


def _run_rows(
    name: str,
    marked: Callable[..., object],
    find: Callable[[], tuple[object, Callable[..., object]]],
    level: str,
    collect: _Collect,
) -> None:
    """Run a test once for each row of its `parametrize` marks. `find` returns its owner and the test."""
    rows: list[Row] = getattr(marked, "playbox_rows", [{}])
    for row in rows:
        label = f"{name}{row}" if row else name
        try:
            owner, test = find()
            if not any(getattr(at, "playbox_skip", False) for at in (owner, test)):
                check_arguments(label, test, row)
                _run_one(owner, test, row, level)
        except BaseException as error:  # noqa: BLE001  # whatever the candidate does is a finding
            collect.add(label, error)
        else:
            collect.addSuccess(label)


def _run_one(owner: object, test: Callable[..., object], row: Row, level: str) -> None:
    """Run a test between `setup_function` and `teardown_function`, or `setup_method` and its like."""
    call_hook(owner, f"setup_{level}", test)
    try:
        _complete(test(**row))
    finally:
        call_hook(owner, f"teardown_{level}", test)


def _complete(outcome: object) -> None:
    """Run the rest of a test that is a coroutine."""
    if isinstance(outcome, _Generators):
        raise UnsupportedTests("a test has a `yield`, so nothing in it would be run")
    if isinstance(outcome, _Coroutine):
        import asyncio  # noqa: PLC0415  # it takes a while; loaded before the candidate where tests need it

        asyncio.run(outcome)


def _run_test_case(case: type[unittest.TestCase], collect: _Collect) -> list[Row]:
    suite = _load_tests(case)
    is_async = any(base.__name__ == "IsolatedAsyncioTestCase" for base in case.__mro__)
    for test in suite:
        code = getattr(getattr(test, test.id().rpartition(".")[2], None), "__code__", None)
        if code is not None and code.co_flags & _CO_COROUTINE and not is_async:
            raise UnsupportedTests(f"{test} is async: that needs an IsolatedAsyncioTestCase")
    _suite_run(suite, collect)
    return collect.rows


def _row(name: str, error: Claim | None) -> Row:
    return {"name": name[:200], "ok": error is None, "error": error}


main()
