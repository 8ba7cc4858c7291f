from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Playbox
from tests.cli.in_process_sandbox import InProcessSandbox
from tta_dev_primitives.ace.task import parse_task
from tta_dev_primitives.bench.environments import make_environment
from tta_dev_primitives.core.errors import SandboxCrashed
from tta_dev_primitives.sandbox import LocalSandbox

SMALL = ("bench", "environments", "--seed", "9", "--train", "5", "--test", "1")


def tasks_of(file: Path) -> list[dict[str, object]]:
    """The tasks of a file, with the contents that its paths lead to."""

    def read(files: dict[str, dict[str, str]]) -> dict[str, bytes]:
        return {name: (file.parent / place["path"]).read_bytes() for name, place in files.items()}

    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        line["files"] = read(line["files"])
        line["hidden"] = [{**hidden, "files": read(hidden["files"])} for hidden in line["hidden"]]
    return lines


def test_the_folder_holds_all_that_training_needs(playbox: Playbox) -> None:
    ran = playbox(*SMALL, "--out", "environment")
    folder, made = Path("environment"), make_environment(9, train=5, test=1)
    assert ran.code == 0, ran.err
    assert (folder / "documentation.md").read_text(encoding="utf-8") == made.documentation
    assert tuple((folder / "gold.txt").read_text(encoding="utf-8").splitlines()) == made.gold
    for name, tasks in (("train", made.train), ("test", made.test)):
        read = tasks_of(folder / f"{name}.jsonl")
        assert [parse_task(task) for task in read] == [parse_task(task.as_input()) for task in tasks]


def test_what_tasks_need_is_told_only_when_asked(playbox: Playbox) -> None:
    name = make_environment(9, train=5, test=1).name
    plain, revealed = playbox(*SMALL), playbox(*SMALL, "--reveal")
    assert f"seed 9: {name}, " in plain.out
    assert f"{name}-train-1" not in plain.out
    assert f"{name}-train-1" in revealed.out
    hidden, shown = playbox(*SMALL, "--json").document, playbox(*SMALL, "--json", "--reveal").document
    assert ("needs" in str(hidden["train"]), "needs" in str(shown["train"])) == (False, True)
    assert hidden["check"] is None


def test_claims_are_checked_in_the_sandbox(playbox: Playbox) -> None:
    ran = playbox(*SMALL, "--check", sandbox=LocalSandbox())
    assert (ran.code, "every informed program passes" in ran.out) == (0, True)


def test_a_claim_that_does_not_hold_ends_with_code_1(playbox: Playbox) -> None:
    ran = playbox(*SMALL, "--check", "--json", sandbox=InProcessSandbox())  # which has no files
    assert ran.code == 1
    assert "informed fails with the shown data" in str(ran.document["check"])


def test_a_failing_sandbox_is_no_broken_claim(playbox: Playbox) -> None:
    assert playbox(*SMALL, "--check", sandbox=InProcessSandbox(SandboxCrashed("gone"))).code == 4


@pytest.mark.parametrize(
    ("arguments", "told"), [(("--train", "1"), "take fewer tasks"), (("--test", "0"), "--test")]
)
def test_impossible_numbers_are_refused(playbox: Playbox, arguments: tuple[str, str], told: str) -> None:
    ran = playbox("bench", "environments", "--seed", "9", *arguments)
    assert (ran.code, told in ran.err) == (2, True)
