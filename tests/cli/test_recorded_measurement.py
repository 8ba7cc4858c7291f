"""The commands of the README that measure recorded answers: the programs really run, nobody is asked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

import pytest

from tests.cli.conftest import Playbox
from tta_dev_primitives.sandbox import LocalSandbox

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "benchmarks" / "results" / "real_model" / "303"


def test_the_recorded_playbook_is_measured_again(playbox: Playbox) -> None:
    playbox("bench", "environments", "--seed", "303", "--out", "env")
    done = playbox(
        *(
            "eval",
            "env/test.jsonl",
            "--playbook",
            str(RECORDED / "train" / "learned.json"),
            "--against",
            "none",
        ),
        *(
            "--probes",
            "0",
            "--model",
            f"replay:{RECORDED / 'test' / 'answers.jsonl'}",
            "--out",
            "runs/recorded",
        ),
        "--json",
        sandbox=LocalSandbox(),
    )

    assert done.code == 0, done.err
    comparison = cast("dict[str, object]", done.document["comparison"])
    assert (len(cast("list[str]", comparison["gained"])), comparison["lost"]) == (8, [])
    assert playbox("report", "runs/recorded").code == 0
    assert "With the playbook" in Path("runs/recorded/report.html").read_text(encoding="utf-8")


@pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="what probes printed was recorded on Python 3.11, in its words"
)
def test_the_recorded_training_leaves_the_recorded_playbook(playbox: Playbox) -> None:
    playbox("bench", "environments", "--seed", "303", "--out", "env")
    done = playbox(
        *("train", "env/train.jsonl", "--certain", "--out", "runs/again", "--json"),
        *("--model", f"replay:{RECORDED / 'train' / 'answers.jsonl'}"),
        sandbox=LocalSandbox(),
    )

    assert done.code == 0, done.err
    again, recorded = (
        playbox("playbook", "import", str(path), "--playbook", name, "--json").document["added"]
        for path, name in (
            (Path("runs/again/learned.json"), "a.db"),
            (RECORDED / "train" / "learned.json", "b.db"),
        )
    )
    assert again == recorded
