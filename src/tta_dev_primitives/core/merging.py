"""Merge: what becomes of the changes that branches make to their copies of the state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias, cast

from .errors import ConfigurationError, StateConflict

State: TypeAlias = Mapping[str, object]
"""A context's state, or a part of it."""

Reducer: TypeAlias = Callable[[State, Mapping[str, State]], State]
"""`reducer(state, changes)` returns what to write; `changes` are those of each branch, by label."""

Merge: TypeAlias = Literal["discard", "namespaced"] | Reducer


Kept: TypeAlias = Literal["namespaced"] | Reducer
"""A policy that keeps anything."""


def checked(merge: Merge) -> Merge:
    """Return the policy.

    Raises:
        ConfigurationError: it is none.
    """
    if merge in ("discard", "namespaced") or callable(merge):
        return merge
    raise ConfigurationError(
        f"merge={merge!r} is no policy for the state of branches; "
        "take 'discard', 'namespaced' or a function of (state, changes)"
    )


def policy(merge: Merge) -> str:
    """Return the policy as text."""
    return str(getattr(merge, "__name__", repr(merge)))


def changes(before: State, after: State) -> State:
    """Return what a branch added or replaced. What it removed, or changed in place, is none of it."""
    return {key: after[key] for key in after if key not in before or after[key] is not before[key]}


def merged(merge: Kept, state: State, by_branch: Mapping[str, State]) -> State:
    """Return what to write into `state`.

    Raises:
        StateConflict: namespaced, and a branch's label names something else in the state.
        ConfigurationError: the reducer did not return a mapping.
    """
    if merge == "namespaced":
        return {label: {**_space(label, state), **changed} for label, changed in by_branch.items() if changed}
    written = cast("object", merge(dict(state), by_branch))
    if isinstance(written, Mapping):
        return cast("State", written)
    raise ConfigurationError(f"the merge {merge!r} returned {written!r}; return a dict of what to write")


def _space(label: str, state: State) -> Mapping[str, object]:
    """Return what earlier runs of the branch left below its label."""
    found = state.get(label, {})
    if isinstance(found, Mapping):
        return cast("State", found)
    raise StateConflict(
        f"the branch {label!r} cannot keep its changes in state[{label!r}], where {found!r} is; "
        "rename the branch or the key, or merge with a function"
    )
