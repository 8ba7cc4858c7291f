"""The playbook of a step is one like any other: the commands that show and check it work on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.learners.learned.making import DAYS, LESSON, clerk, obedient
from tta_dev_primitives.cli import main


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    path = tmp_path / "clerk.db"
    async with clerk(obedient(), path) as step:
        for day in DAYS:
            await step.execute(day)
    return path


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show",), (LESSON,)),
        (("why", "str-00001"), (LESSON, DAYS[0], "'25/11/26' is not in ISO 8601")),
        (("history",), (f"+ str-00001 {LESSON}", "observed 1 strategy")),
        (("diff", "0", "1"), (LESSON,)),
    ],
    ids=lambda value: value[0],
)
def test_its_commands_work(
    arguments: Sequence[str], told: Sequence[str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["playbook", *arguments, "--playbook", str(file)])
    shown = capsys.readouterr()

    assert (code, shown.err) == (0, "")
    said = " ".join(shown.out.split())
    assert [part for part in told if part not in said] == []
