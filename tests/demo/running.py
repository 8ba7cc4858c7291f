"""How the tests run guest programs: one small protocol, and a plain subprocess behind it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_DRIVER = """\
import contextlib, io, json, sys
sys.path.insert(0, ".")
outcomes = {}
for name, source in json.load(sys.stdin).items():
    sys.modules.pop("garnhythe", None)
    out, err = io.StringIO(), io.StringIO()
    error = ""
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            exec(compile(source, name, "exec"), {"__name__": "__main__"})
        except Exception as raised:
            error = type(raised).__name__ + ": " + str(raised)
    outcomes[name] = {"stdout": out.getvalue(), "stderr": err.getvalue(), "error": error}
json.dump(outcomes, sys.stdout)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one program printed, and the exception that ended it ("" if none did)."""

    stdout: str
    stderr: str
    error: str

    def passes(self, expected: str) -> bool:
        return not self.error and self.stdout == expected


class Runner(Protocol):
    """Runs programs, each against a library freshly imported from `files`."""

    def __call__(self, programs: Mapping[str, str], files: Mapping[str, bytes]) -> Mapping[str, Outcome]: ...


def subprocess_runner(python: str = sys.executable) -> Runner:
    """A runner that gives all programs to one isolated interpreter in an empty directory."""

    def run(programs: Mapping[str, str], files: Mapping[str, bytes]) -> Mapping[str, Outcome]:
        with tempfile.TemporaryDirectory() as directory:
            for path, content in files.items():
                (Path(directory) / path).write_bytes(content)
            finished = subprocess.run(  # noqa: S603 - the interpreter under test, and our own programs
                [python, "-I", "-B", "-W", "error", "-c", _DRIVER],
                cwd=directory,
                input=json.dumps(dict(programs)),
                capture_output=True,
                text=True,
                timeout=120,
                check=True,
            )
        return {name: Outcome(**outcome) for name, outcome in json.loads(finished.stdout).items()}

    return run


def find_python(version: str) -> str | None:
    """The path of an interpreter of this version that really starts, or None."""
    path = shutil.which(f"python{version}")
    if path is None:
        return None
    probe = subprocess.run([path, "-I", "-c", ""], capture_output=True, check=False)  # noqa: S603 - as above
    return path if probe.returncode == 0 else None
