"""What a step changed in `context.state`: told from before and after, kept as JSON, and done again."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, JsonValue

from ...core.errors import NotKeepable
from .codec import encode_plain
from .fingerprint import fingerprint

Snapshot: TypeAlias = "Mapping[str, _Mark]"


class StateChanges(BaseModel):
    """The keys that a step set, with their values, and those that it removed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    put: dict[str, JsonValue] = {}
    removed: tuple[str, ...] = ()

    def apply(self, state: MutableMapping[str, object]) -> None:
        """Do the same to `state`."""
        state.update(self.put)
        for key in self.removed:
            state.pop(key, None)


def snapshot(state: Mapping[str, object]) -> Snapshot:
    """Return what tells each value of `state` from another one."""
    return {key: _Mark(value, _content(value)) for key, value in state.items()}


def changes(before: Snapshot, state: Mapping[str, object], step: str) -> str | None:
    """Return as JSON what is different in `state` than it was `before`, or None; `step` is who did it.

    Raises:
        NotKeepable: a value that was set is not plain JSON.
    """
    after = snapshot(state)
    put = {key: state[key] for key, mark in after.items() if not mark.is_same_as(before.get(key))}
    removed = [key for key in before if key not in after]
    if not put and not removed:
        return None
    for key, value in put.items():
        encode_plain(value, f"what step {step!r} put into the state as {key!r}")
    return encode_plain({"put": put, "removed": removed}, f"what step {step!r} changed in the state")


class _Mark(NamedTuple):
    """A value and its content. An equal value that was put in its place counts as set, as in a merge."""

    value: object
    content: str

    def is_same_as(self, before: _Mark | None) -> bool:
        return before is not None and self.value is before.value and self.content == before.content


def _content(value: object) -> str:
    try:
        return fingerprint(value)
    except NotKeepable:
        return f"object {id(value)}"  # such as a connection that the caller put there: the same, or another
