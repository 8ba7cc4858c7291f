from __future__ import annotations

from pathlib import Path

import pytest

from tta_dev_primitives import WorkflowContext, run
from tta_dev_primitives.core.errors import ConfigurationError
from tta_dev_primitives.workflow import Journal

from .steps import Add, Fail, Put


def test_it_returns_the_output() -> None:
    assert run(Add() >> Add(), 1) == 3


def test_it_uses_the_context_given() -> None:
    context = WorkflowContext()
    run(Put("seen"), 5, context)
    assert context.state == {"seen": 5}


def test_an_error_comes_out_alone() -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        run(Fail(ZeroDivisionError), 1)
    assert raised.value.__context__ is None


async def test_inside_a_running_loop_it_says_what_to_write() -> None:
    with pytest.raises(ConfigurationError, match=r"await primitive\.execute\(data, context\)"):
        run(Add(), 1)


async def test_inside_a_running_loop_it_says_how_to_run_durably(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"await journal\.run\(primitive, data, context, resume=\.\.\.\)"
    ):
        run(Add(), 1, journal=Journal(tmp_path / "runs.db"), resume="run")


def test_a_durable_run_does_nothing_twice(tmp_path: Path) -> None:
    context = WorkflowContext()
    put, journal = Put("seen"), Journal(tmp_path / "runs.db")
    assert run(put >> Add(), 5, context, journal=journal, resume="run") == 7
    assert context.state == {"seen": 5}
    assert run(put >> Add(), 5, journal=journal, resume="run") == 7
    assert [step.path for step in journal.show("run")] == ["/0", "/1"]


def test_a_durable_run_takes_a_journal_and_an_id(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="a durable run takes both"):
        run(Add(), 1, resume="run")
    with pytest.raises(ConfigurationError, match="a durable run takes both"):
        run(Add(), 1, journal=Journal(tmp_path / "runs.db"))
