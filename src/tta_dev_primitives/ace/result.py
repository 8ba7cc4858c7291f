"""What `SelfLearningCodePrimitive.execute` returns."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Literal, TypeAlias, TypeVar, cast, overload

from pydantic import BaseModel, ConfigDict

Entry: TypeAlias = str | int | float | bool | tuple[str, ...] | None
"""What stands in a result under a key."""
Default = TypeVar("Default")
_TextKey: TypeAlias = Literal["result", "code_generated", "learning_summary"]
_CountKey: TypeAlias = Literal["strategies_learned", "playbook_size"]


class LearningResult(BaseModel):
    """The outcome of one task; every field by attribute and by key, as in a dict that cannot be changed.

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

    @overload
    def __getitem__(self, key: _TextKey) -> str: ...
    @overload
    def __getitem__(self, key: _CountKey) -> int: ...
    @overload
    def __getitem__(self, key: Literal["execution_success"]) -> bool: ...
    @overload
    def __getitem__(self, key: Literal["improvement_score"]) -> float: ...
    @overload
    def __getitem__(self, key: str) -> Entry: ...
    def __getitem__(self, key: str) -> Entry:
        if key not in type(self).model_fields:
            raise KeyError(f"{key!r} is not a result; there are {', '.join(type(self).model_fields)}")
        return cast("Entry", getattr(self, key))

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]  # a dict's, not a pydantic model's
        return iter(type(self).model_fields)

    def __len__(self) -> int:
        return len(type(self).model_fields)

    def __contains__(self, key: object) -> bool:
        return key in type(self).model_fields

    def keys(self) -> KeysView[str]:
        """Return the names, in the order above."""
        return type(self).model_fields.keys()

    def values(self) -> ValuesView[Entry]:
        """Return the values, in the order of `keys()`."""
        return {key: self[key] for key in self}.values()

    def items(self) -> ItemsView[str, Entry]:
        """Return the pairs of a name and its value, in the order of `keys()`."""
        return {key: self[key] for key in self}.items()

    def get(self, key: str, default: Default | None = None) -> Entry | Default:
        """Return the value of `key`, or `default` if there is no such key."""
        try:
            return self[key]
        except KeyError:
            return default
