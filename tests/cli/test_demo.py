from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from tests.cli.conftest import Playbox
from tests.cli.demo_answers import demo_model
from tta_dev_primitives.sandbox.local import LocalSandbox


def test_the_demonstration_from_end_to_end(playbox: Playbox, tmp_path: Path) -> None:
    keep = tmp_path / "what was learned"
    ran = playbox("demo", "--keep", str(keep), model=demo_model(), sandbox=LocalSandbox())
    assert ran.code == 0, ran.err
    for told in (
        "All code really runs, in the sandbox, now (isolation: ",
        "Pass 1: no playbook                         ✗   ✗   ✗   ✗   ✗   ✗   ✗   ✗",
        "Pass 2: the same tasks, learning            ✓3  ✓3  ✓2  ✓3  ✓2  ✓   ✓   ✓",
        "Pass 3: the unseen tasks, learned playbook  ✓   ✓   ✓   ✓   ✓   ✓   ✓   ✓",
        "what it learned: 7 strategies",
        "from learn-4, attempt 1: StagedError",
        "from learn-3, attempt 1: the program ran, but printed something else than expected; expected output",
        "without the playbook\nKNOWN, DEPOT = []",
        "with the playbook, at the first try",
        "0 of 8 without the playbook, 8 of 8 with it (+100 points",
    ):
        assert told in ran.out
    kept = playbox("playbook", "show", "--playbook", str(keep / "playbook.db"), "--json").document
    assert kept["size"] == 7


def test_json_and_verbose(playbox: Playbox) -> None:
    ran = playbox("demo", "--json", "--verbose", model=demo_model(), sandbox=LocalSandbox())
    document = ran.document
    assert (document["ok"], document["gain"], document["replayed"]) == (True, 100.0, False)
    assert len(cast("list[object]", document["playbook"])) == 7
    assert "StagedError" in str(document["story"])
    assert "learning/learn-1" in ran.err


def test_on_a_terminal_the_board_is_redrawn(playbox: Playbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    ran = playbox("demo", model=demo_model(), sandbox=LocalSandbox())
    assert ran.code == 0
    assert ran.out.count("Pass 3: the unseen tasks") > 1


@pytest.mark.parametrize(
    ("knows_all", "told"),
    [(True, "this model solved 8 of 8 tasks unaided"), (False, "this model learned too little")],
)
def test_a_gain_below_50_points_exits_with_1(playbox: Playbox, told: str, *, knows_all: bool) -> None:
    model = demo_model(knows_all=knows_all, learns=False)
    ran = playbox("demo", model=model, sandbox=LocalSandbox())
    assert ran.code == 1
    assert told in ran.out


def test_a_folder_with_something_in_it_is_refused(playbox: Playbox, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "playbook.db").write_bytes(b"")
    ran = playbox("demo", "--keep", "full", model=demo_model())
    assert (ran.code, "must be an empty folder" in ran.err) == (2, True)


def test_by_default_it_replays_the_recording_and_says_the_same_every_time(playbox: Playbox) -> None:
    first, second = playbox("demo", sandbox=LocalSandbox()), playbox("demo", sandbox=LocalSandbox())
    assert first.code == 0, first.err
    assert "recorded answers of a large language model" in " ".join(first.out.replace("│", " ").split())
    assert first.out == second.out
    document = playbox("demo", "--json", sandbox=LocalSandbox()).document
    assert document["replayed"] is True
    assert cast("float", document["gain"]) >= 50
