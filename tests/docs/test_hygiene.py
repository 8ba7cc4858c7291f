"""What must not be in a committed file, and how long code may get."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40
SOURCES = sorted((ROOT / "src").rglob("*.py"))
NAMES_A_PLACE = re.compile(
    r"(?<![\w.])/(?:home|Users)/(?!user\b|you\b)\w+"  # somebody's home
    r"|pyp[i]\.org|python[h]osted\.org|registry\.[n]pmjs"  # a registry
    r"|extra-index-url|find-links\s*="
)
FOREIGN_LICENCE = re.compile(
    r"GNU (?:Lesser |Affero )?General Public|Apache License|Mozilla Public|SPDX-License-Identifier: (?!MIT)"
)
SECRET = re.compile(r"\bsk-(?:ant-|proj-)?[A-Za-z0-9]{32,}|\bAKIA[0-9A-Z]{16}\b")


def committed() -> list[Path]:
    """Return the text files that git knows, or all in a tree without git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607  # git is where the user has it
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in files if path.is_file() and path != Path(__file__)]


@pytest.mark.parametrize(
    "pattern", [NAMES_A_PLACE, FOREIGN_LICENCE, SECRET], ids=["place", "licence", "secret"]
)
def test_no_committed_file_contains_it(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in committed()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found


def test_files_are_short() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in SOURCES}
    assert not {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES}


def test_functions_are_short() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {length(node)} lines"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and length(node) > MAX_FUNCTION_LINES
    ]
    assert not found


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines below the signature and the docstring."""
    first, *rest = function.body
    starts = rest[0].lineno if ast.get_docstring(function) and rest else first.lineno
    return (function.end_lineno or starts) - starts + 1
