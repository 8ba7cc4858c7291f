"""The page on success metrics names the metrics that there are, and defines them as the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tta_dev_primitives.ace.metrics import CATALOGUE, Definition, Group

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")


def sections(level: int) -> list[str]:
    return re.findall(rf"^{'#' * level} (.+)$", PAGE, re.MULTILINE)


def plain(text: str) -> str:
    """Return text without emphasis, list marks and line breaks."""
    return " ".join(re.sub(r"^- |\*\*", "", text, flags=re.MULTILINE).split())


def test_it_names_exactly_the_metrics_that_there_are() -> None:
    assert sections(3) == [one.name for one in CATALOGUE]
    assert sections(2) == list(Group)


@pytest.mark.parametrize("one", CATALOGUE, ids=lambda one: one.name)
def test_it_defines_them_as_the_code_does(one: Definition) -> None:
    section = PAGE.partition(f"### {one.name}\n")[2].partition("\n#")[0]
    assert plain(section) == plain(one.formula)
