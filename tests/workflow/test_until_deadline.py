from __future__ import annotations

import asyncio

import pytest

from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.core.errors import DeadlineExceeded
from tta_dev_primitives.workflow.until_deadline import until_deadline


async def test_a_wait_is_cut_off_at_the_deadline_and_named() -> None:
    with pytest.raises(DeadlineExceeded, match=r"after a wait of 0\.\d+ s for a turn"):
        async with until_deadline(WorkflowContext().with_timeout(0.02), "a turn"):
            await asyncio.sleep(60)


async def test_without_a_deadline_nothing_is_cut_off() -> None:
    async with until_deadline(WorkflowContext(), "a turn"):
        await asyncio.sleep(0.001)


async def test_a_timeout_from_inside_comes_out_as_it_is() -> None:
    mine = TimeoutError("mine")
    with pytest.raises(TimeoutError) as raised:
        async with until_deadline(WorkflowContext().with_timeout(60), "a turn"):
            raise mine
    assert raised.value is mine
