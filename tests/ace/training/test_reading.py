from __future__ import annotations

import os
from pathlib import Path

import pytest

from tta_dev_primitives.ace.training.reading import read_results, read_summary, read_transcript
from tta_dev_primitives.ace.training.result import Phase, TaskResult
from tta_dev_primitives.core.errors import ConfigurationError


def result(task: str, *, success: bool = True, position: int = 0) -> TaskResult:
    return TaskResult(
        phase=Phase.TRAIN,
        epoch=1,
        window=0,
        position=position,
        task_id=task,
        family="general",
        success=success,
        first_try=success,
        attempts=1,
        probes=0,
        calls=1,
        input_tokens=1,
        cached_tokens=0,
        output_tokens=1,
        usd=None,
        seconds=1.0,
        verdict="passed",
        error_signature="",
        playbook_version=0,
        playbook_size=0,
        playbook_tokens=0,
        episode_id="",
    )


def write(folder: Path, *results: TaskResult, rest: str = "") -> None:
    lines = "".join(f"{one.model_dump_json()}\n" for one in results)
    (folder / "results.jsonl").write_text(lines + rest)


def test_results_are_read_in_the_order_of_their_arrival_and_the_first_of_a_task_counts(
    tmp_path: Path,
) -> None:
    write(tmp_path, result("b"), result("a"), result("b", success=False))
    assert read_results(tmp_path) == (result("b"), result("a"))


def test_a_line_that_is_being_written_is_left_out_and_left_alone(tmp_path: Path) -> None:
    write(tmp_path, result("a"), rest='{"phase": "tr')
    before = (tmp_path / "results.jsonl").read_bytes()
    assert read_results(tmp_path) == (result("a"),)
    assert (tmp_path / "results.jsonl").read_bytes() == before


def test_a_folder_without_results_has_none(tmp_path: Path) -> None:
    assert read_results(tmp_path) == ()
    assert read_summary(tmp_path) is None
    assert read_transcript(tmp_path, result("a")) == ""


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    write(tmp_path, result("a"), rest='{"phase": "train"}\n')
    with pytest.raises(ConfigurationError, match=r"results.jsonl, line 2: epoch: Field required"):
        read_results(tmp_path)


def test_results_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").mkdir()
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        read_results(tmp_path)


def test_a_transcript_is_found_by_part_and_place(tmp_path: Path) -> None:
    folder = tmp_path / "transcripts" / "train-1-0"
    folder.mkdir(parents=True)
    (folder / "0003-a-b.md").write_text("# a/b")
    assert read_transcript(tmp_path, result("a/b", position=3)) == "# a/b"
    assert read_transcript(tmp_path, result("a/b", position=4)) == ""


def test_a_transcript_is_a_plain_file_of_the_run(tmp_path: Path) -> None:
    run = tmp_path / "run"
    folder = run / "transcripts" / "train-1-0"
    folder.mkdir(parents=True)
    (tmp_path / "secret").write_text("## key")
    (folder / "0000-a.md").symlink_to(tmp_path / "secret")
    (folder / "0001-b.md").mkdir()
    os.mkfifo(folder / "0002-c.md")
    told = [read_transcript(run, result(name, position=place)) for place, name in enumerate("abc")]
    assert told == ["", "", ""]
