"""Load the job, import the candidate, report what happened.

Everything that reporting needs is bound here before the candidate runs, so a candidate that patches `json`,
`os`, `sys` or `builtins` changes its own world only. The report is a claim all the same: it shares a process
with the candidate.
"""

import builtins
import json
import os
import sys
import traceback
import types
from _json import encode_basestring_ascii, make_encoder
from collections.abc import Callable, Mapping

JOB_FILE = "playbox_input.json"
MAX_MESSAGE = 2000
MAX_LINE = 300

# Functions defined from here on look names up in this copy, which no candidate can reach by name.
globals()["__builtins__"] = {**vars(builtins)}
_write, _flush, _extract = os.write, sys.stdout.flush, traceback.extract_tb
Claim = dict[str, "str | int | None"]


def _refuse(value: object) -> None:
    raise TypeError(f"a report holds no {type(value).__name__}")


# The part of `json` that is written in C, as `json` itself sets it up: nothing in it can be replaced.
_SORTED = _SKIPPED = False
_NAN_ALLOWED = True
_encode: Callable[[object, int], tuple[str, ...]] = make_encoder(
    None, _refuse, encode_basestring_ascii, None, ": ", ", ", _SORTED, _SKIPPED, _NAN_ALLOWED
)


def take_job() -> dict[str, object]:
    """Read the job and delete its file: the candidate is not told the marker of the report.

    From here on the programs around the candidate cannot be imported either.
    """
    with open(JOB_FILE, encoding="utf-8") as file:  # noqa: PTH123  # pathlib takes longer to import than this runs
        job: dict[str, object] = json.load(file)
    os.unlink(JOB_FILE)  # noqa: PTH108  # as above
    sys.modules["__main__"] = types.ModuleType("__main__")
    for name in [name for name in sys.modules if name.startswith("playbox_")]:
        del sys.modules[name]
    return job


def load_module(file: str, source: object, names: Mapping[str, object]) -> types.ModuleType:
    """Run `source`, text or code, as the module `file`, with `names` defined, and make it importable."""
    module = types.ModuleType(file.removesuffix(".py"))
    module.__file__ = file
    module.__dict__["__builtins__"] = builtins
    module.__dict__.update(names)
    sys.modules[module.__name__] = module
    code = source if isinstance(source, types.CodeType) else compile(source, file, "exec")
    exec(code, module.__dict__)  # noqa: S102  # running it is the purpose
    return module


def claim(error: BaseException, sources: Mapping[str, str]) -> Claim:
    """Describe `error` with the innermost line of `sources` (file name -> text) that it passed."""
    if isinstance(error, SyntaxError):
        return _claim(type(error).__name__, error.msg, error.filename, error.lineno, "")
    frames = [frame for frame in _extract(error.__traceback__) if frame.filename in sources]
    if not frames:
        return _claim(type(error).__name__, _text(error), None, None, "")
    last = frames[-1]
    rows = sources[last.filename].splitlines()
    row = rows[last.lineno - 1].strip() if last.lineno and last.lineno <= len(rows) else ""
    return _claim(type(error).__name__, _text(error), last.filename, last.lineno, row)


def send(marker: object, report: Mapping[str, object]) -> None:
    """Write the report as the last line of stdout, past whatever `sys.stdout` has become."""
    try:
        _flush()
    except BaseException:  # noqa: BLE001  # the candidate may have closed or replaced the stream
        report = {**report}
    data = f"\n{marker}{''.join(_encode(report, 0))}\n".encode("utf-8", "replace")
    while data:
        data = data[_write(1, data) :]


def _claim(name: str, value: str, file: str | None, line: int | None, text: str) -> Claim:
    short = value[:MAX_MESSAGE]
    where = None if file is None else file[:MAX_LINE]
    return {"name": name[:MAX_LINE], "value": short, "file": where, "line": line, "text": text[:MAX_LINE]}


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # noqa: BLE001  # a hostile __str__
        return "(its message cannot be shown)"
