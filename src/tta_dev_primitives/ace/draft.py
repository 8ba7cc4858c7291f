"""A mapping that is being changed: what changed lies over what it was, which stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)


class Lookup(Protocol[V_co]):
    """What can be asked for the value of a key: a mapping, or the draft of one."""

    def get(self, key: str, /) -> V_co | None:
        """Return the value of `key`, or None if there is none."""
        ...


@dataclass(slots=True, kw_only=True)
class Draft(Generic[V]):
    """`base` with `changed` over it. Nothing can be removed, as nothing is ever removed from a playbook."""

    base: Mapping[str, V]
    changed: dict[str, V] = field(default_factory=dict[str, V])

    def get(self, key: str) -> V | None:
        """Return the value of `key`, or None if there is none."""
        value = self.changed.get(key)
        return self.base.get(key) if value is None else value

    def values(self) -> Iterable[V]:
        """Return all values; the changed ones come where they were before."""
        return {**self.base, **self.changed}.values()

    def __getitem__(self, key: str) -> V:
        return self.changed[key] if key in self.changed else self.base[key]

    def __setitem__(self, key: str, value: V) -> None:
        self.changed[key] = value

    def __contains__(self, key: str) -> bool:
        return key in self.changed or key in self.base
