"""The journal's own face: looking, deciding, clearing up."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tta_dev_primitives import LambdaPrimitive
from tta_dev_primitives.core.errors import ConfigurationError, NotKeepable, RunInProgress, StepChanged
from tta_dev_primitives.workflow import Journal

from .steps import Counted


async def unknown(journal: Journal, counted: Counted, *names: str) -> None:
    """Leave a run whose last step must not run twice and raised."""
    first, *rest = [counted.step(name, idempotent=False) for name in names]
    counted.fail(names[-1], LookupError())
    for step in rest:
        first = first >> step
    with pytest.raises(LookupError):
        await journal.run(first, 1, resume="run")


async def test_settled_steps_give_the_result_that_was_told(journal: Journal) -> None:
    counted = Counted()
    await unknown(journal, counted, "a", "b")
    journal.settle("run", "b", result=8)
    workflow = counted.step("a", idempotent=False) >> counted.step("b", idempotent=False) >> counted.step("c")
    assert await journal.run(workflow, 1, resume="run") == 9
    assert counted.calls == ["a(1)", "b(2)", "c(8)"]
    assert [(step.path, step.name, step.status, step.result) for step in journal.show("run")] == [
        ("/0", "a", "done", "2"),
        ("/1", "b", "settled", "8"),
        ("/2", "c", "done", "9"),
    ]


async def test_a_step_that_was_settled_with_another_type_can_be_settled_again(journal: Journal) -> None:
    counted = Counted()
    await unknown(journal, counted, "pay")
    journal.settle("run", "pay", result="no number")
    with pytest.raises(StepChanged, match="settle the step with one that is"):
        await journal.run(counted.step("pay", idempotent=False), 1, resume="run")
    journal.settle("run", "pay", result=8)
    assert await journal.run(counted.step("pay", idempotent=False), 1, resume="run") == 8
    with pytest.raises(ConfigurationError, match="run 'run' is done"):
        journal.settle("run", "pay", result=9)


@pytest.mark.parametrize("result", [10**5000, object()], ids=["long number", "object"])
async def test_a_result_that_is_no_json_is_refused(journal: Journal, result: object) -> None:
    counted = Counted()
    await unknown(journal, counted, "pay")
    with pytest.raises(NotKeepable, match="is no result that a journal can keep"):
        journal.settle("run", "pay", result=result)


async def test_a_step_may_be_let_run_again(journal: Journal) -> None:
    counted = Counted()
    await unknown(journal, counted, "a", "b")
    journal.retry("run", "/1")
    workflow = counted.step("a", idempotent=False) >> counted.step("b", idempotent=False)
    assert await journal.run(workflow, 1, resume="run") == 3
    assert counted.calls == ["a(1)", "b(2)", "b(2)"]
    with pytest.raises(ConfigurationError, match="run 'run' is done, so none of its steps will run"):
        journal.retry("run", "b")


async def test_what_cannot_be_decided_is_refused(journal: Journal) -> None:
    with pytest.raises(ConfigurationError, match="knows no run 'run'"):
        journal.settle("run", "a", result=1)
    assert not journal.path.exists()
    await unknown(journal, Counted(), "a", "b")
    with pytest.raises(ConfigurationError, match=r"'a' names 0 steps .* there are: /1 b"):
        journal.settle("run", "a", result=1)
    with pytest.raises(ConfigurationError, match="knows no run 'other'"):
        journal.retry("other", "b")
    with pytest.raises(NotKeepable, match="no result that a journal can keep"):
        journal.settle("run", "b", result=object())


async def test_a_name_that_is_not_unique_needs_its_path(journal: Journal) -> None:
    await unknown(journal, Counted(), "a", "a", "b")
    with pytest.raises(ConfigurationError, match=r"'a' names 2 steps .* there are: /0 a, /1 a, /2 b"):
        journal.retry("run", "a")
    journal.retry("run", "/1")
    assert [step.path for step in journal.show("run")] == ["/0", "/2"]


async def test_it_forgets_and_prunes(journal: Journal) -> None:
    counted = Counted()
    await unknown(journal, counted, "a")
    for name in ("x", "y"):
        await journal.run(counted.step("b"), 1, resume=name)
    assert journal.prune(older_than_s=60) == 0
    assert journal.prune(older_than_s=-1) == 2
    assert [(run.run_id, run.status, run.error) for run in journal.runs()] == [
        ("run", "failed", "LookupError: ")
    ]
    journal.forget("run")
    assert journal.runs() == ()
    with pytest.raises(ConfigurationError, match="knows no run 'run'"):
        journal.forget("run")
    with pytest.raises(ConfigurationError, match="knows no run 'run'"):
        journal.show("run")


def test_what_is_forgotten_is_on_the_disk_no_more(tmp_path: Path) -> None:
    journal, text = Journal(tmp_path / "runs.db"), "Mrs Quillfeather lives at Tarn 9. "

    def told(data: str) -> str:
        return data * 400

    asyncio.run(journal.run(LambdaPrimitive(told, idempotent=True), text, resume="run"))
    assert any(text.encode() in file.read_bytes() for file in tmp_path.iterdir())
    journal.forget("run")
    assert not [file.name for file in tmp_path.iterdir() if text.encode() in file.read_bytes()]


async def test_nobody_decides_while_the_run_is_in_progress(journal: Journal) -> None:
    def meddle(data: int) -> int:
        with pytest.raises(RunInProgress):
            journal.forget("run")
        with pytest.raises(RunInProgress):
            journal.settle("run", "meddle", result=1)
        return data

    assert await journal.run(LambdaPrimitive(meddle, idempotent=False), 1, resume="run") == 1


async def test_a_run_inside_a_run_is_another_run(journal: Journal) -> None:
    counted = Counted()

    async def outer(data: int) -> int:
        return await journal.run(counted.step("inner"), data, resume="inner")

    for _ in range(2):
        assert await journal.run(LambdaPrimitive(outer), 1, resume="outer") == 2
    assert counted.calls == ["inner(1)"]


async def test_arguments_are_checked(journal: Journal, tmp_path: Path) -> None:
    for name in ("", "two\nlines", "\ud800"):
        with pytest.raises(ConfigurationError, match="is no id of a run"):
            await journal.run(Counted().step("a"), 1, resume=name)
    with pytest.raises(ConfigurationError, match="is a directory"):
        Journal(tmp_path)
    with pytest.raises(ConfigurationError, match="busy_s=0"):
        Journal(tmp_path / "x.db", busy_s=0)


async def test_the_working_directory_may_change(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    counted = Counted()
    monkeypatch.chdir(tmp_path)
    journal = Journal("runs.db")
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        await journal.run(counted.step("a"), 1, resume="run")
    assert counted.calls == ["a(1)"]


async def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "new" / "runs.db")
    await journal.run(Counted().step("a"), 1, resume="run")
    assert {oct(file.stat().st_mode & 0o777) for file in journal.path.parent.iterdir()} == {"0o600"}
