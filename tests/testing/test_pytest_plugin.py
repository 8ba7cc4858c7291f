"""What the page on testing shows works under pytest, with the plugin and without patching anything."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PLUGIN = "tta_dev_primitives.testing.pytest_plugin"
PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
USES_THE_FIXTURES = """
from pathlib import Path

from tta_dev_primitives.ace.store import SqliteStore


async def load(store: SqliteStore) -> int:
    return len((await store.load()).bullets)


def test_it_is_empty_and_there_is_no_file(playbook_store, playbook_file, tmp_path):
    import asyncio

    assert playbook_store.location == str(playbook_file)
    assert playbook_file.parent == tmp_path
    assert not playbook_file.exists()
    assert asyncio.run(load(playbook_store)) == 0
"""


def pytest_in(folder: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  # our own interpreter and arguments
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(PAGE.parents[1] / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_fixtures_give_an_empty_playbook_of_the_test_alone(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(USES_THE_FIXTURES)
    assert "1 passed" in pytest_in(tmp_path, "-p", PLUGIN)


def test_the_example_of_the_page_passes(tmp_path: Path) -> None:
    conftest, tests = re.findall(
        r"^```python\n# (?:conftest|test_\w+)\.py\n.*?^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    for name, block in (("conftest.py", conftest), ("test_mine.py", tests)):
        (tmp_path / name).write_text(block.removeprefix("```python\n").removesuffix("```"))
    assert "1 passed" in pytest_in(tmp_path)


def test_the_fakes_need_no_pytest() -> None:
    loads = "import sys, tta_dev_primitives.testing; sys.exit('pytest' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loads], check=False)  # noqa: S603  # our own text
    assert done.returncode == 0
