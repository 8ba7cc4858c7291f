"""Tell tests that cannot be run here from programs that fail them."""

import builtins
import os
import sys
from collections.abc import Callable

globals()["__builtins__"] = {**vars(builtins)}  # as in playbox_report
_trace_of = BaseException.__traceback__.__get__  # type: ignore[attr-defined]  # a subclass may show another
_modules = sys.modules
TESTS = "tests.py"


class UnsupportedTests(BaseException):
    """The tests ask for something that is not there; no program can be blamed for it."""


class Blame:
    """Knows what stands beside the tests before the candidate, the module `file`, can change it."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._beside = {name.partition(".")[0] for name in (file, *os.listdir("."))}  # noqa: PTH208  # as in playbox_report

    def unsupported(self, error: BaseException) -> str | None:
        """Return why the tests cannot be run, or None if the candidate has a part in `error`."""
        if self._passed_the_candidate(error):
            return None
        if isinstance(error, UnsupportedTests):
            return str(error)
        if isinstance(error, SyntaxError):
            return f"line {error.lineno}: {error.msg}" if error.filename == TESTS else None
        return self._missing(error.name) if isinstance(error, ModuleNotFoundError) else None

    def _passed_the_candidate(self, error: BaseException) -> bool:
        trace = _trace_of(error)
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self._file:
                return True
            trace = trace.tb_next
        return False

    def _missing(self, name: str | None) -> str | None:
        top = str(name).partition(".")[0]
        if name is None or top in self._beside or top in _modules or top in sys.stdlib_module_names:
            return None
        own = self._file.removesuffix(".py")
        return f"they import {top!r}, which is neither the program, {own!r}, nor one of `files`"


def required(test: Callable[..., object]) -> tuple[str, ...]:
    """Return the names of the arguments without which `test` cannot be called."""
    function = getattr(test, "__func__", test)
    code = getattr(function, "__code__", None)
    if code is None:
        return ()
    given = len(function.__defaults__ or ())
    first = 0 if function is test else 1
    positional = code.co_varnames[first : code.co_argcount - given]
    named = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    return (*positional, *(name for name in named if name not in (function.__kwdefaults__ or {})))


def check_arguments(name: str, test: Callable[..., object], row: dict[str, object]) -> None:
    """Refuse a test whose arguments would be fixtures."""
    missing = [key for key in required(test) if key not in row]
    if missing:
        raise UnsupportedTests(
            f"{name} takes the argument {missing[0]!r}, which no parametrize row fills (no fixtures here)"
        )


def call_hook(owner: object, name: str, argument: object) -> None:
    """Call `owner.name`, such as `setup_method`, if there is one; it may take `argument`."""
    hook = getattr(owner, name, None)
    if hook is not None:
        hook(*([argument] if required(hook) else []))
