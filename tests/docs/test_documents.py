"""Documents tell the truth: their Python runs, their links lead somewhere, their commands exist."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
RUNNER = Path(__file__).with_name("running.py")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
PATH = re.compile(r"`((?:src|tests|docs|examples|benchmarks|\.ci)/[\w./-]*)`")
TARGET = re.compile(r"(?:^|`)make ([a-z]+)", re.MULTILINE)

each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS]
)


def blocks(document: Path) -> list[dict[str, object]]:
    text = document.read_text()
    return [{"line": text[: found.start(1)].count("\n"), "code": found[1]} for found in BLOCK.finditer(text)]


@pytest.mark.parametrize(
    "document",
    [path for path in DOCUMENTS if blocks(path)],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_its_code_runs(document: Path, documented_model: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603  # our own interpreter and file
        [sys.executable, str(RUNNER)],
        input=json.dumps({"path": str(document), "blocks": blocks(document)}),
        cwd=tmp_path,
        env=documented_model | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@each_document
def test_its_links_lead_somewhere(document: Path) -> None:
    text = document.read_text()
    missing = [link for link in LINK.findall(text) if not (document.parent / link).exists()]
    missing += [path for path in PATH.findall(text) if not (ROOT / path).exists()]
    assert not missing


@each_document
def test_its_make_targets_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(TARGET.findall(document.read_text())) <= targets


def test_the_readme_shows_how_to_run_and_test() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    assert "make demo" in lines
    assert "make test" in lines
