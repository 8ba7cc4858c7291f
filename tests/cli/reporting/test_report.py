from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from tests.ace.training.making import one_task, scripted, write_lines
from tests.cli.conftest import LESSON, Playbox, model_writing
from tests.cli.in_process_sandbox import InProcessSandbox
from tests.cli.reporting.test_markup import Read
from tta_dev_primitives.cli import main
from tta_dev_primitives.cli.session import Session

WRONG, RIGHT = "print(1 / 0)", "print(2)"


def tasks(file: Path, *names: str) -> None:
    rows = [{"id": name, "task": f"Divide {name}", "expected_output": "2"} for name in names]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one epoch over three tasks, with a validation task: the first programs are wrong."""
    folder = tmp_path_factory.mktemp("example")
    tasks(folder / "train.jsonl", "a", "b", "c")
    tasks(folder / "held.jsonl", "v")
    session = Session(model=model_writing(WRONG, WRONG, *[RIGHT] * 4), sandbox=InProcessSandbox())
    files = (str(folder / "train.jsonl"), "--validation", str(folder / "held.jsonl"))
    assert main(["train", *files, "--certain", "--out", str(folder / "run")], session) == 0
    return folder / "run"


@pytest.fixture
def trained(playbox: Playbox, example: Path) -> Path:
    """A copy of that run in the working directory, which is that of `playbox`."""
    assert callable(playbox)
    return Path(shutil.copytree(example, "run"))


def text_of(file: Path) -> str:
    return Read(file.read_text(encoding="utf-8")).text.replace("\xa0", " ")


def test_the_report_of_a_training(playbox: Playbox, trained: Path) -> None:
    ran = playbox("report", str(trained))
    assert ran.code == 0, ran.err
    assert "with no playbook 0 %" in ran.out.splitlines()[0]
    assert ran.out.splitlines()[-1] == "written to run/report.html"
    told = text_of(trained / "report.html")
    assert "ZeroDivisionError" in told
    assert "What attempt 2 changed" in told
    assert f"str-00001 {LESSON}" in told
    assert "validation after epoch 1" in told
    assert "Reusable prefix of the generator's prompts" in told


def test_a_report_counts_what_was_asked_between_tasks(playbox: Playbox) -> None:
    lines = write_lines(Path("tasks.jsonl"), *map(one_task, range(9)))
    trained = playbox(
        *("train", str(lines), "--epochs", "2", "--replay-share", "0.5", "--out", "run", "--json"),
        model=scripted(),
    )
    paid, train = (cast("dict[str, int]", trained.document[name]) for name in ("answers", "train"))
    assert paid["tokens"] > train["tokens"], "nothing was replayed"

    figures = cast("dict[str, object]", playbox("report", "run", "--json").document["figures"])
    assert figures["tokens"] == paid["tokens"]
    told = f"{paid['tokens'] - train['tokens']:,} of them for no task's result"
    assert told in playbox("report", "run").out


def test_a_figure_of_half_the_tasks_says_so_to_programs(playbox: Playbox) -> None:
    lines = write_lines(Path("tasks.jsonl"), *map(one_task, range(6)))
    playbox("train", str(lines), "--certain", "--out", "run", model=scripted())
    figures = cast("dict[str, object]", playbox("report", "run", "--json").document["figures"])
    assert "first_try" not in figures
    assert (figures["first_try_second_half"], figures["tasks"]) == (1.0, 6)


def test_nothing_of_the_run_is_changed(playbox: Playbox, trained: Path) -> None:
    before = {file: file.read_bytes() for file in trained.rglob("*") if file.is_file()}
    playbox("report", str(trained), "--out", "elsewhere.html")
    playbox("report", str(trained), "--out", "again.html")
    after = {file: file.read_bytes() for file in trained.rglob("*") if file.is_file()}
    assert {file.name for file in after.keys() - before.keys()} <= {"playbook.db-wal", "playbook.db-shm"}
    assert all(after[file] == content for file, content in before.items() if file.suffix != ".db-shm")
    assert Path("elsewhere.html").read_text() == Path("again.html").read_text()


def test_json_tells_where_and_the_headline_figures(playbox: Playbox, trained: Path) -> None:
    document = playbox("report", str(trained), "--json").document
    assert document["written"] == "run/report.html"
    assert document["finished"] is True
    figures = cast("dict[str, object]", document["figures"])
    assert (figures["tasks"], figures["strategies"], figures["first_try"]) == (3, 1, 1.0)


def test_a_run_that_goes_on_is_reported_as_far_as_it_is(playbox: Playbox, trained: Path) -> None:
    (trained / "summary.json").unlink()
    with (trained / "results.jsonl").open("a") as file:
        file.write('{"phase": "tra')
    with (trained / "answers.jsonl").open("a") as file:
        file.write('{"for')
    assert playbox("report", str(trained)).code == 0
    assert "Not finished: it has not been concluded yet" in text_of(trained / "report.html")


def test_the_report_of_an_evaluation(playbox: Playbox, trained: Path) -> None:
    tasks(Path("unseen.jsonl"), "e", "f")
    model = model_writing(RIGHT, RIGHT, WRONG, WRONG)
    arguments = ("eval", "unseen.jsonl", "--playbook", str(trained), "--against", "none", "--out", "ev")
    ran = playbox(*arguments, model=model)
    assert ran.code == 0, ran.err
    assert "+100 points" in playbox("report", "ev").out
    told = text_of(Path("ev/report.html"))
    assert "The playbook run against no playbook, on the same 2 tasks" in told
    assert "print(1 / 0)" in told


def test_the_report_of_online_learning(playbox: Playbox) -> None:
    tasks(Path("train.jsonl"), "a", "b", "c", "d")
    model = model_writing(*[WRONG] * 2, *[RIGHT] * 8)
    arguments = ("train", "train.jsonl", "--online", "--window", "2", "--certain", "--out", "run")
    ran = playbox(*arguments, model=model)
    assert ran.code == 0, ran.err
    assert playbox("report", "run").code == 0
    assert "window 2, before it was learned from" in text_of(Path("run/report.html"))


def test_the_report_of_a_comparison(playbox: Playbox) -> None:
    tasks(Path("train.jsonl"), "a", "b")
    tasks(Path("unseen.jsonl"), "e", "f")
    arguments = ("bench", "compare", "train.jsonl", "unseen.jsonl", "--out", "cmp")
    model = model_writing(WRONG, WRONG, WRONG, RIGHT, RIGHT, RIGHT, RIGHT)
    ran = playbox(*arguments, "--in-flight", "1", model=model)
    assert ran.code == 0, ran.err
    reported = playbox("report", "cmp")
    assert "With the learned playbook the first program solved 100 % of 2 tasks" in reported.out
    told = text_of(Path("cmp/report.html"))
    assert "Held-out tasks that no arm learned from" in told
    assert LESSON in told
    Path("cmp/report.json").unlink()
    shutil.rmtree("cmp/arms/learned/test")
    assert playbox("report", "cmp").code == 0
    assert "Not finished: not all arms have been tested" in text_of(Path("cmp/report.html"))
    shutil.rmtree("cmp/arms/none/test")
    early = playbox("report", "cmp")
    assert (early.code, "no arm of the comparison in 'cmp' has been tested yet" in early.err) == (2, True)


def test_the_report_of_a_playbook_alone(playbox: Playbox, learned: Path) -> None:
    ran = playbox("report")
    assert ran.code == 0, ran.err
    file = learned.with_suffix(".report.html")
    assert ran.out.splitlines()[-1] == f"written to {file.resolve()}"
    told = text_of(file)
    assert LESSON in told
    assert "ZeroDivisionError" in told


def test_an_imported_playbook_without_runs(playbox: Playbox, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(json.dumps({"strategies": ["Use len()."]}))
    playbox("playbook", "import", "in.json", "--playbook", "p.db")
    assert playbox("report", "--playbook", "p.db", "--out", "p.html").code == 0
    told = text_of(Path("p.html"))
    assert "1 strategy, and no run that is kept here." in told
    assert "Use len()." in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere"], "there is no run in 'nowhere'"),
        (["run", "--playbook", "p.db"], "are both given"),
        ([], "there is no playbook"),
        (["run", "--out", "no/such/folder.html"], "cannot be written to 'no/such/folder.html'"),
    ],
)
def test_what_cannot_be_reported_is_said(
    playbox: Playbox, trained: Path, arguments: Sequence[str], told: str
) -> None:
    assert trained.exists()
    ran = playbox("report", *arguments)
    assert (ran.code, told in ran.err) == (2, True), ran.err


def test_a_damaged_result_is_said(playbox: Playbox, trained: Path) -> None:
    (trained / "results.jsonl").write_text('{"phase": "train"}\n')
    ran = playbox("report", str(trained))
    assert (ran.code, "results.jsonl, line 1: epoch: Field required" in ran.err) == (2, True)
