"""The judge of all systems: a program is really run in the embedded sandbox, and its real error is told.

Peers run in environments of their own, so they ask over loopback: POST /judge with {"order": ID, "code":
PROGRAM} answers {"success": BOOL, "feedback": TEXT}, the verdict and the words that our own loop gets.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from tta_dev_primitives.ace.evaluator import Evaluator
from tta_dev_primitives.ace.task import CodeTask, parse_task
from tta_dev_primitives.sandbox.types import Limits, Sandbox

from .world import DOCUMENTATION, LIBRARY, Order


def as_input(order: Order) -> CodeTask:
    """Return an order as a task of our loop."""
    return CodeTask(
        id=order.id,
        task=order.text,
        context=DOCUMENTATION,
        files={"thornmere.py": LIBRARY},
        expected_output=order.expected_output,
        family="thornmere",
    )


class Judge:
    """Judges programs for `orders`."""

    def __init__(self, sandbox: Sandbox, orders: Sequence[Order]) -> None:
        self._evaluator = Evaluator(sandbox, Limits())
        self._tasks = {order.id: parse_task(as_input(order)) for order in orders}

    async def answer(self, target: str, body: bytes) -> tuple[int, object]:
        """Return status and payload of one HTTP request."""
        if target != "/judge":
            return 404, {"error": f"no such path: {target}"}
        asked = json.loads(body)
        judgement = await self._evaluator.judge(self._tasks[asked["order"]], asked["code"])
        verdict = judgement.verdict
        return 200, {"success": verdict.success, "feedback": verdict.feedback}
