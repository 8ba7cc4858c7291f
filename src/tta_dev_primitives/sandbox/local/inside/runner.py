"""Run guest Python as `__main__` and tell the host what it says happened.

What is needed after guest code ran is bound before. That keeps honest reports intact when a program patches
the standard library by accident; it is no defence against one that means to lie, and none is needed: the host
believes the wait status only.
"""

from __future__ import annotations

import atexit
import builtins
import json
import linecache
import os
import sys
from types import ModuleType

from . import claims, compiling, messages
from .messages import ErrorClaim, Report

_dumps, _os_write = json.dumps, os.write
_FAILED = 1
_REHEARSED = "def a():\n    return [1]\nprint(end='')\na()"


def run(code: str, report_descriptor: int, working_directory: str) -> int:
    """Run `code`, send the report and return the exit code that an interpreter would give."""
    outcome = _Outcome()
    try:
        outcome.result = _execute(code, working_directory)
    except SystemExit as exit_:
        outcome.code = _exit_code(exit_)
    except BaseException as error:  # noqa: BLE001  # whatever a guest raises is its result
        outcome.code = _FAILED
        outcome.error = claims.of_error(error, {messages.PROGRAM_NAME})
    _wind_up(outcome)
    if outcome.result is not None or outcome.error is not None:
        _send(outcome, report_descriptor)
    return outcome.code


def warm_up() -> None:
    """Go through what every run goes through, so that its memory is at hand when a program comes."""
    main, arguments, path = sys.modules["__main__"], sys.argv[:], sys.path[:]
    outcome = _Outcome()
    outcome.result = _execute(_REHEARSED, "")
    nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    _send(outcome, nowhere)
    os.close(nowhere)
    # Not joining threads, which the interpreter does once only.
    _run_exit_handlers()
    _flush()
    sys.modules["__main__"], sys.argv[:], sys.path[:] = main, arguments, path
    linecache.cache.clear()


class _Outcome:
    code = 0
    result: str | None = None
    error: ErrorClaim | None = None


def _execute(code: str, working_directory: str) -> str | None:
    """Return the text of the last expression, if the program ends with one that is not None."""
    namespace = _new_main(code, working_directory).__dict__
    body, last = compiling.split(code, messages.PROGRAM_NAME)
    exec(body, namespace)  # noqa: S102  # the purpose of this file
    if last is None:
        return None
    value = eval(last, namespace)  # noqa: S307  # as above
    return None if value is None else claims.text(value)


def _new_main(code: str, working_directory: str) -> ModuleType:
    main = ModuleType("__main__")
    main.__dict__.update(__builtins__=builtins, __file__=messages.PROGRAM_NAME)
    sys.modules["__main__"] = main
    sys.argv[:] = [messages.PROGRAM_NAME]
    sys.path.insert(0, working_directory)
    lines = code.splitlines(keepends=True)
    linecache.cache[messages.PROGRAM_NAME] = (len(code), None, lines, messages.PROGRAM_NAME)
    return main


def _exit_code(exit_: SystemExit) -> int:
    """Return the exit code of `sys.exit(x)` as the interpreter would, printing what is no number."""
    if exit_.code is None:
        return 0
    if isinstance(exit_.code, int):
        return exit_.code & 0xFF
    try:
        print(exit_.code, file=sys.stderr)  # noqa: T201  # as the interpreter does
    except BaseException:  # noqa: BLE001  # a hostile __str__; the exit code stands
        return _FAILED
    return _FAILED


def _wind_up(outcome: _Outcome) -> None:
    """Do what an interpreter does at its end: join threads, run exit handlers, flush."""
    for step in (_join_threads, _run_exit_handlers, _flush):
        try:
            step()
        except SystemExit as exit_:
            outcome.code = _exit_code(exit_)
        except BaseException:  # noqa: BLE001, S110  # the program is over, its exit code stands
            pass


# There are no public names for these two, and a real end of the interpreter takes milliseconds.
def _join_threads() -> None:
    """Join them as the interpreter does, which has none either where that module was never imported.

    It is not imported here: it would make every fork of the jail slower.
    """
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._shutdown()  # noqa: SLF001


def _run_exit_handlers() -> None:
    atexit._run_exitfuncs()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


def _send(outcome: _Outcome, descriptor: int) -> None:
    try:
        report = Report(result=outcome.result, error=outcome.error)
        data = _dumps(report, ensure_ascii=False).encode(errors="replace")
        while data:
            data = data[_os_write(descriptor, data) :]
    except BaseException:  # noqa: BLE001, S110  # a guest that broke its own channel has no report
        pass
