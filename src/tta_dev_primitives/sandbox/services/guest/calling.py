"""In the program's process: run a program beside its service, call its entry point, and tell what came out.

What is told is the program's claim; it runs in this process.
"""

import builtins
import contextlib
import json
import os
import sys
import traceback
from typing import Any, NoReturn

from . import frames, shim

_MOST_VALUE, _MOST_TEXT = 200_000, 2000


def main(source: int, sink: int, given: dict[str, Any]) -> NoReturn:
    """Do it, and end with exit code 0 if the program got to its end, by a value or an exception."""
    channel = frames.Frames(source, sink)
    for name, text in given["files"].items():
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)  # noqa: PTH103, PTH120  # the host checked the paths
        with open(name, "w", encoding="latin-1", newline="") as file:  # noqa: PTH123  # pathlib takes long to import
            file.write(text)
    sys.path.insert(0, os.getcwd())  # noqa: PTH109  # as above
    line = shim.Line(channel)
    texts = (given["source"], *given["files"].values())
    shim.install(line, asynchronous=any("asyncio" in text for text in texts))
    told = _told(given)
    _flush()
    line.tell(frames.VALUE, json.dumps(told).encode())
    os._exit(0)


def _told(given: dict[str, Any]) -> dict[str, object]:
    file = given["solution_file"]
    try:
        value = _called(given, file)
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001  # whatever the program does is a finding
        return _raised(error, file)
    try:
        text = json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        text = ""
    if text and len(text) <= _MOST_VALUE:
        return {"returned": text, "name": "", "value": "", "line": None}
    wrong = "which is too large" if text else "which is not a JSON value"
    return _raised(TypeError(f"{given['entry_point']} returned a {type(value).__name__}, {wrong}"), file)


def _called(given: dict[str, Any], file: str) -> object:
    module = type(sys)(file.removesuffix(".py"))
    module.__file__ = file
    module.__dict__["__builtins__"] = builtins
    sys.modules[module.__name__] = module
    exec(compile(given["source"], file, "exec"), module.__dict__)  # noqa: S102  # running it is the purpose
    entry = getattr(module, given["entry_point"], None)
    if not callable(entry):
        raise NameError(f"the program defines no function {given['entry_point']!r}")  # noqa: TRY004
    value: Any = entry(*given["args"], **given["kwargs"])
    if type(value).__name__ == "coroutine":
        import asyncio  # noqa: PLC0415  # only where the program is asynchronous

        result: object = asyncio.run(value)
        return result
    return value


def _raised(error: BaseException, file: str) -> dict[str, object]:
    if isinstance(error, SyntaxError):
        text, line = error.msg, error.lineno
    else:
        text = _words(error)
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
        line = lines[-1] if lines else None
    return {"returned": None, "name": type(error).__name__, "value": text[:_MOST_TEXT], "line": line}


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # noqa: BLE001  # a hostile __str__
        return "(its message cannot be shown)"


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):  # the program may have closed or replaced it
            stream.flush()
