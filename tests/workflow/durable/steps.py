"""Steps that count how often they ran, and around which a test composes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from tta_dev_primitives import LambdaPrimitive, WorkflowContext, WorkflowPrimitive


class Counted:
    """Functions on numbers that note each call in `calls`; one that is to fail does so once, after that."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._failing: dict[str, BaseException] = {}

    def fail(self, name: str, error: BaseException) -> None:
        """Let the next call of the step raise `error`."""
        self._failing[name] = error

    def step(self, name: str, *, idempotent: bool | None = None, add: int = 1) -> WorkflowPrimitive[int, int]:
        async def work(data: int) -> int:
            await asyncio.sleep(0)
            self.calls.append(f"{name}({data})")
            if name in self._failing:
                raise self._failing.pop(name)
            return data + add

        return LambdaPrimitive(work, name=name, idempotent=idempotent)


class Around(WorkflowPrimitive[int, int]):
    """A step with one step inside, which it tries `times` times on what `catching` names."""

    def __init__(
        self,
        inside: WorkflowPrimitive[int, int],
        *,
        times: int = 2,
        catching: type[Exception] = Exception,
        otherwise: int | None = None,
    ) -> None:
        self.inside = inside
        self.times = times
        self.catching = catching
        self.otherwise = otherwise

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        return {"inside": self.inside}

    async def _execute(self, data: int, context: WorkflowContext) -> int:
        for left in reversed(range(self.times)):
            try:
                return await self.inside.execute(data, context.at("inside"))
            except self.catching:
                if not left and self.otherwise is None:
                    raise
        assert self.otherwise is not None
        return self.otherwise


class Repeat(WorkflowPrimitive[int, int]):
    """A loop: the step inside `times` times, on the same input, or on what it gave the last time."""

    def __init__(self, inside: WorkflowPrimitive[int, int], *, times: int, feeding: bool = False) -> None:
        self.inside = inside
        self.times = times
        self.feeding = feeding

    @property
    def children(self) -> Mapping[str, WorkflowPrimitive[Any, Any]]:
        return {"body": self.inside}

    async def _execute(self, data: int, context: WorkflowContext) -> int:
        value = data
        for _ in range(self.times):
            value = await self.inside.execute(value if self.feeding else data, context.at("body"))
        return value
