from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.compare.making import PROBLEM, answer
from tests.cli.conftest import Playbox
from tta_dev_primitives.ace.training.formats.playbox import to_lines
from tta_dev_primitives.testing import ScriptedModel


@pytest.fixture
def files(playbox: Playbox) -> tuple[str, ...]:
    """Task files in the working directory, as options."""
    assert callable(playbox)
    Path("train.jsonl").write_text(to_lines(PROBLEM.train))
    Path("test.jsonl").write_text(to_lines(PROBLEM.test))
    return ("bench", "compare", "train.jsonl", "test.jsonl")


def test_arms_are_told_in_tables(playbox: Playbox, files: tuple[str, ...]) -> None:
    done = playbox(*files, "--arms", "none,history", model=ScriptedModel(answer))
    assert done.code == 0, done.err
    assert "none        0 of 6" in done.out
    assert "history     6 of 6" in done.out
    assert "+100 (" in done.out
    assert "history: 6 of 6 held-out tasks at the first try" in done.err


def test_json_is_the_whole_report_with_its_folder(playbox: Playbox, files: tuple[str, ...]) -> None:
    done = playbox(*files, "--arms", "none,learned", "--out", "here", "--json", model=ScriptedModel(answer))
    assert done.code == 0, done.err
    assert done.document["folder"] == "here"
    assert done.document["train_tasks"] == 6
    assert Path("here", "report.json").is_file()


def test_an_interrupted_comparison_says_how_to_go_on(playbox: Playbox, files: tuple[str, ...]) -> None:
    done = playbox(*files, "--out", "here", "--budget-calls", "3", model=ScriptedModel(answer))
    assert done.code != 0
    assert "go on with the same command and --out here" in done.err
    again = playbox(*files, "--out", "here", model=ScriptedModel(answer))
    assert again.code == 0, again.err
    assert "goes on: " in again.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "name what to compare on"),
        (("t.jsonl", "t.jsonl", "--seed", "1"), "name what to compare on"),
        (("t.jsonl",), "name what to compare on"),
        (("--seed", "7", "--arms", "best"), "there is no arm 'best'; choose from none, learned"),
        (("--seed", "8", "--tasks", "1"), "--seed 8 --tasks 1: the library of seed 8"),
    ],
)
def test_what_cannot_be_compared_is_said_before_anybody_is_asked(
    playbox: Playbox, options: tuple[str, ...], said: str
) -> None:
    model = ScriptedModel(answer)
    done = playbox("bench", "compare", *options, model=model)
    assert done.code != 0
    assert said in done.err
    assert not model.requests


def test_the_group_alone_shows_its_help(playbox: Playbox) -> None:
    done = playbox("bench")
    assert done.code == 2
    assert "compare" in done.out
