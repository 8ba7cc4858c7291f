"""Clients get better by what earlier ones ran into; without the playbook they do not."""

from __future__ import annotations

import pytest
from apis.curve import run

from tta_dev_primitives.sandbox import Sandbox


async def test_the_last_of_thirty_tasks_succeed_more_often_than_the_first(sandbox: Sandbox) -> None:
    arms = await run(0, sandbox, control_attempts=1)

    assert arms.learner.last.value - arms.learner.first.value >= 0.40
    assert all(arms.learner.solved)
    change = arms.control.gain
    assert change.low <= 0 <= change.high
    assert arms.control.last.value == pytest.approx(0.2)
