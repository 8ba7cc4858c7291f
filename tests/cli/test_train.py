"""`playbox train`, `playbox eval` and `playbox tasks` as a user meets them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from pydantic import BaseModel

from tests.ace.training.making import LESSONS, learner, one_task, scripted, write_lines
from tests.cli.conftest import ENVIRONMENT, Playbox
from tests.cli.test_interrupts import until
from tests.llm.provider_server import Exchange, hang, openai_answer, provider_server
from tta_dev_primitives.core.errors import ModelUnavailable
from tta_dev_primitives.llm.types import Request
from tta_dev_primitives.testing import Answer

RUN = Path("run")


@pytest.fixture
def tasks(playbox: Playbox) -> Path:  # noqa: ARG001  # which moves into an empty folder
    return write_lines(Path("tasks.jsonl"), *map(one_task, range(4)))


def part(document: dict[str, object], *names: str) -> dict[str, object]:
    for name in names:
        document = cast("dict[str, object]", document[name])
    return document


def test_a_playbook_is_trained_and_measured(playbox: Playbox, tasks: Path) -> None:
    held_out = write_lines(Path("held_out.jsonl"), *map(one_task, range(20, 26)))
    trained = playbox(
        "train", str(tasks), "--out", "run", "--certain", "--validation", str(held_out), model=scripted()
    )
    assert trained.code == 0, trained.err
    assert "first try 25%" in trained.out
    assert "3 strategies" in trained.out
    assert [line for line in trained.err.splitlines() if "+" in line] == [
        f"    + {lesson}" for lesson in LESSONS.values()
    ]
    assert "16/16" in trained.err

    measured = playbox(
        *("eval", str(held_out), "--playbook", "run", "--against", "none", "--out", "measured", "--json"),
        model=scripted(),
    )
    assert measured.code == 0, measured.err
    comparison = part(measured.document, "comparison")
    assert (comparison["n"], comparison["both"], comparison["neither"]) == (6, 0, 0)
    assert comparison["gained"] == [f"t{number}" for number in range(20, 26)]
    assert comparison["p"] == pytest.approx(2 * 0.5**6)
    assert part(measured.document, "test", "first_try")["value"] == 1.0
    assert part(measured.document, "against", "first_try")["value"] == 0.0


def test_the_folder_holds_all_there_is_to_know(playbox: Playbox, tasks: Path) -> None:
    before = {path.name for path in Path.cwd().iterdir()}
    done = playbox("train", str(tasks), "--out", "run", "--json", model=scripted())
    assert {path.name for path in Path.cwd().iterdir()} == before | {"run"}
    names = {path.name for path in RUN.iterdir()}
    expected = {"config.json", "tasks.jsonl", "answers.jsonl", "results.jsonl", "playbook.db", "learned.json"}
    assert expected | {"curve.json", "curve.png", "summary.json", "transcripts"} <= names
    assert (RUN / "curve.png").read_bytes().startswith(b"\x89PNG")
    summary = json.loads((RUN / "summary.json").read_text())
    assert {key: done.document[key] for key in summary} == summary
    assert done.document["folder"] == "run"
    results = [json.loads(line) for line in (RUN / "results.jsonl").read_text().splitlines()]
    assert [result["task_id"] for result in results] == ["t0", "t1", "t2", "t3"]


def test_what_was_learned_can_be_imported_and_trained_on(playbox: Playbox, tasks: Path) -> None:
    playbox("train", str(tasks), "--out", "run", "--certain", model=scripted())
    imported = playbox("playbook", "import", "run/learned.json", "--json")
    assert imported.document["added"] == list(LESSONS.values())
    for number, begin in enumerate(("run", "run/playbook.db", "run/learned.json", ".playbox/playbook.db")):
        more = playbox(
            *("train", str(tasks), "--playbook", begin, "--certain", "--out", f"more-{number}", "--json"),
            model=scripted(),
        )
        assert part(more.document, "train", "first_try")["value"] == 1.0


def test_a_run_that_failed_goes_on(playbox: Playbox, tasks: Path) -> None:
    left = iter(range(3))

    def unreliable(request: Request[BaseModel]) -> Answer:
        return ModelUnavailable("503") if next(left, None) is None else learner(request)

    failed = playbox("train", str(tasks), "--out", "run", model=scripted(unreliable))
    assert failed.code == 3
    assert failed.err.splitlines()[-2:] == ["error: 503", "go on with: playbox train --resume run"]
    again = scripted()
    done = playbox("train", "--resume", "run", model=again)
    assert done.code == 0, done.err
    assert "goes on: 1 of 4 results are there, 3 answers paid for" in done.err
    assert not any(request.task_id == "t0" for request in again.requests)


def test_a_budget_ends_a_run_that_then_goes_on_with_more(playbox: Playbox, tasks: Path) -> None:
    stopped = playbox("train", str(tasks), "--out", "run", "--budget-calls", "4", "--json", model=scripted())
    assert stopped.code == 6
    error = part(stopped.document, "error")
    assert error["type"] == "BudgetExceeded"
    assert error["notes"] == ["go on with: playbox train --resume run"]
    assert json.loads((RUN / "summary.json").read_text())["finished"] is False
    assert playbox("train", "--resume", "run", "--budget-calls", "20", model=scripted()).code == 0


def test_online_training_reports_its_test(playbox: Playbox, tasks: Path) -> None:
    done = playbox(
        *("train", str(tasks), "--online", "--window", "2", "--out", "run", "--certain", "--json"),
        model=scripted(),
    )
    assert part(done.document, "test", "first_try")["n"] == 4
    assert part(done.document, "train", "success")["value"] == 1.0


@pytest.mark.parametrize("made", [True, False])
def test_a_run_that_could_not_begin_leaves_its_folder_free(playbox: Playbox, tasks: Path, made: bool) -> None:  # noqa: FBT001  # a parameter
    if made:
        RUN.mkdir()
    Path("broken.json").write_text("{", encoding="utf-8")
    for wrong in ("none.db", "broken.json", "tasks.jsonl"):
        failed = playbox("train", str(tasks), "--out", "run", "--playbook", wrong, model=scripted())
        assert f"playbook {wrong!r}" in failed.err
    against = playbox(
        *("eval", str(tasks), "--out", "run", "--playbook", "none", "--against", "none.db"), model=scripted()
    )
    assert against.code == 2
    assert playbox("train", str(tasks), "--out", "run", model=scripted()).code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["train"], "name a file of tasks"),
        (["train", "none.jsonl"], "cannot be read"),
        (["train", "tasks.jsonl", "--resume", "run"], "leave out 'tasks.jsonl'"),
        (["train", "--resume", "nowhere"], "there is no run in 'nowhere'"),
        (
            ["train", "--resume", "run", "--epochs", "2", "--certain"],
            "leave out --epochs, --certain, or begin",
        ),
        (["eval", "--resume", "run", "--against", "none"], "leave out --against, or begin a new run"),
        (["train", "tasks.jsonl", "--online", "--epochs", "2"], "leave out --epochs"),
        (["train", "tasks.jsonl", "--validation", "1.5"], "a share from 0 to 1"),
        (["train", "tasks.jsonl", "--validation", "tasks.jsonl"], "4 tasks are in the training and"),
        (["train", "tasks.jsonl", "--playbook", "none.db"], "there is no playbook 'none.db'"),
        (["train", "tasks.jsonl", "--out", "."], "is not an empty folder"),
        (["eval", "tasks.jsonl"], "there is no playbook"),
        (["eval", "tasks.jsonl", "--playbook", "none", "--against", "x.db"], "there is no playbook 'x.db'"),
        (["tasks", "convert", "tasks.jsonl", "--out", "."], "cannot be written"),
    ],
)
def test_a_wrong_command_says_what_to_do(
    playbox: Playbox, tasks: Path, arguments: list[str], told: str
) -> None:
    assert tasks.exists()
    done = playbox(*arguments, model=scripted())
    assert done.code == 2
    assert told in done.err


@pytest.mark.parametrize("command", ["train", "eval"])
def test_what_is_wrong_with_the_tasks_is_told_before_that_there_is_no_model(
    playbox: Playbox, command: str
) -> None:
    done = playbox(command, "missing.jsonl", "--playbook", "none")

    assert done.code == 2
    assert "missing.jsonl" in done.err


def test_task_files_are_converted_and_checked(playbox: Playbox) -> None:
    row: dict[str, object] = {
        "id": "a/1",
        "prompt": "Print 1.",
        "tests": "assert f() == 1",
        "canonical_solution": "f = int",
        "meta": {},
    }
    source = write_lines(Path("rows.jsonl"), row)
    assert (
        playbox("tasks", "convert", str(source), "--out", "own.jsonl").out == "1 task written to own.jsonl\n"
    )
    converted = json.loads(Path("own.jsonl").read_text())
    assert converted == {
        "id": "a/1", "prompt": "Print 1.", "tests": "assert f() == 1", "family": "a", "solution": "f = int"
    }  # fmt: skip
    own = write_lines(
        Path("own.jsonl"),
        {"id": "one", "prompt": "Print 1.", "expected_output": "1", "solution": "print(1)"},
        {"id": "two", "prompt": "Print 2.", "expected_output": "2", "solution": "print(1)"},
    )
    checked = playbox("tasks", "check", str(own), "--json")
    assert checked.code == 1
    assert list(part(checked.document, "failed")) == ["two"]
    assert playbox("tasks").code == 2


def answer(exchange: Exchange) -> None:
    """Solve every task at the first try, as a provider."""
    text = json.dumps(exchange.body)
    if '"diagnosis": {' in text:
        return openai_answer({"diagnosis": "fine", "insights": [], "tags": []})(exchange)
    number = int(text.split("Print ", 1)[1].split(" ", 1)[0])
    return openai_answer({"plan": "print it", "code": f"print({number + 1})"})(exchange)


def test_ctrl_c_leaves_a_run_that_goes_on(playbox: Playbox, tasks: Path) -> None:
    with provider_server(answer, answer, answer, hang) as server:
        keyed = ENVIRONMENT | {"OPENAI_BASE_URL": f"{server.url}/v1", "PLAYBOX_MODEL": "openai-chat:slow"}
        command = [sys.executable, "-m", "tta_dev_primitives.cli", "train", str(tasks), "--out", "run"]
        with subprocess.Popen(  # noqa: S603  # our own program
            command, env=keyed, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running:
            until(lambda: len(server.asked) >= 4)
            running.send_signal(signal.SIGINT)
            _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    last = "error: interrupted: the run is kept; go on with: playbox train --resume run"
    assert err.splitlines()[-1] == last
    assert json.loads((RUN / "summary.json").read_text())["stopped"] == "interrupted"

    model = scripted()
    done = playbox("train", "--resume", "run", "--json", model=model)
    assert done.code == 0, done.err
    assert part(done.document, "answers")["paid"] == 3 + len(model.requests)
    assert part(done.document, "train", "success")["value"] == 1.0
