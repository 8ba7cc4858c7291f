"""What `SelfLearningCodePrimitive.execute` returns."""

from __future__ import annotations

from collections.abc import KeysView
from typing import Any

from pydantic import BaseModel, ConfigDict


class LearningResult(BaseModel):
    """The outcome of one task; every field by key (`result["code_generated"]`) and by attribute.

    `result` is what the last program printed. `strategies_learned` counts strategies that this call really
    added. `improvement_score` is the measured first-try success with strategies minus that without, -1..1,
    and 0.0 while there is nothing to compare with; `learning_summary` says which. `verdict` is the last
    attempt's kind. `model` names who wrote the code, and says so where answers were replayed. `usd` is None
    if no price is known.
    """

    model_config = ConfigDict(frozen=True)

    result: str
    code_generated: str
    execution_success: bool
    strategies_learned: int
    playbook_size: int
    improvement_score: float
    learning_summary: str
    verdict: str
    unchecked: bool
    score: float
    feedback: str
    attempts: int
    strategies_used: tuple[str, ...]
    learned: tuple[str, ...]
    task_id: str
    episode_id: str
    model: str
    replayed: bool
    isolation: str
    tokens: int
    calls: int
    usd: float | None
    speedup: float | None = None

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401  # values differ by key, as in the dict that it stands for
        if key not in type(self).model_fields:
            raise KeyError(f"{key!r} is not a result; there are {', '.join(type(self).model_fields)}")
        return getattr(self, key)

    def __contains__(self, key: object) -> bool:
        return key in type(self).model_fields

    def keys(self) -> KeysView[str]:
        """Return the keys, so that `dict(result)` works."""
        return type(self).model_fields.keys()

    def get(self, key: str, default: object = None) -> Any:  # noqa: ANN401  # as above
        """Return the value of `key`, or `default` if there is no such key."""
        return getattr(self, key, default) if key in type(self).model_fields else default
