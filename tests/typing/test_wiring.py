"""Wrong wiring is a type error in pyright and in mypy, and right wiring is inferred. Works offline."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WIRING = Path(__file__).with_name("wiring.py")
EXPECTED = {
    number for number, line in enumerate(WIRING.read_text().splitlines(), 1) if line.endswith("  # wrong")
}


def check(*command: str, cwd: Path) -> str:
    """Run a checker that finds errors and return what it prints."""
    done = subprocess.run(  # noqa: S603  # our own interpreter and arguments
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_mypy_agrees() -> None:
    output = check("mypy", "--no-error-summary", "--hide-error-context", "--no-pretty", str(WIRING), cwd=ROOT)
    lines = {int(found[1]) for found in re.finditer(r"wiring\.py:(\d+): error", output)}
    assert lines == EXPECTED, output


def test_pyright_agrees(tmp_path: Path) -> None:
    shutil.copy(WIRING, tmp_path)
    settings = {"extraPaths": [str(ROOT / "src")], "typeCheckingMode": "standard"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    found = json.loads(check("pyright", "--outputjson", "--pythonpath", sys.executable, cwd=tmp_path))[
        "generalDiagnostics"
    ]
    lines = {one["range"]["start"]["line"] + 1 for one in found if one["severity"] == "error"}
    assert lines == EXPECTED, found
