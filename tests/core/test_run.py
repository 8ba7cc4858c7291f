from __future__ import annotations

import pytest

from tta_dev_primitives import WorkflowContext, run
from tta_dev_primitives.core.errors import ConfigurationError

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
