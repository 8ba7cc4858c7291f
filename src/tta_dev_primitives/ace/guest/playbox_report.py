"""Load the job, import the candidate, report what happened.

Everything that reporting needs is bound here before the candidate runs, so a candidate that patches `json`,
`os` or `sys` changes its own world only. The report is a claim all the same: it shares a process with the
candidate.
"""

import json
import os
import sys
import traceback
import types
from collections.abc import Mapping

JOB_FILE = "playbox_input.json"
MAX_MESSAGE = 2000
MAX_LINE = 300

_dumps, _write, _flush, _extract = json.dumps, os.write, sys.stdout.flush, traceback.extract_tb
Claim = dict[str, "str | int | None"]


def take_job() -> dict[str, object]:
    """Read the job and delete its file: the candidate is not told the marker of the report."""
    with open(JOB_FILE, encoding="utf-8") as file:  # noqa: PTH123  # pathlib takes longer to import than this runs
        job: dict[str, object] = json.load(file)
    os.unlink(JOB_FILE)  # noqa: PTH108  # as above
    return job


def load_module(file: str, source: object, names: Mapping[str, object]) -> types.ModuleType:
    """Run `source` as the module `file`, with `names` defined, and make it importable."""
    module = types.ModuleType(file.removesuffix(".py"))
    module.__file__ = file
    module.__dict__.update(names)
    sys.modules[module.__name__] = module
    exec(compile(source, file, "exec"), module.__dict__)  # noqa: S102  # running it is the purpose
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
    data = f"\n{marker}{_dumps(report)}\n".encode("utf-8", "replace")
    while data:
        data = data[_write(1, data) :]


def _claim(name: str, value: str, file: str | None, line: int | None, text: str) -> Claim:
    short = value[:MAX_MESSAGE]
    return {"name": name[:MAX_LINE], "value": short, "file": file, "line": line, "text": text[:MAX_LINE]}


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # noqa: BLE001  # a hostile __str__
        return "(its message cannot be shown)"
