"""Attributes: an event's plain fields under the names that traces and logs show them by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Final, TypeAlias, cast

Attribute: TypeAlias = str | int | float | bool | tuple[str, ...]
"""What OpenTelemetry can hold in an attribute, and JSON too."""

CONTENT: Final[Mapping[str, bool]] = MappingProxyType({"content": True})
"""`field(metadata=CONTENT)`: the field is a prompt, a program or what a guest printed."""

_PREFIX: Final = "playbox."


def plain_attributes_of(value: object) -> dict[str, Attribute]:
    """Return the plain fields of a dataclass, each as `playbox.FIELD`; None and all else is left out."""
    named = {_PREFIX + name: _plain(held) for name, held in _held(value, content=False)}
    return {name: plain for name, plain in named.items() if plain is not None}


def contents_of(value: object) -> dict[str, str]:
    """Return the fields of a dataclass that are declared `CONTENT` and hold text."""
    return {_PREFIX + name: held for name, held in _held(value, content=True) if isinstance(held, str)}


def _held(value: object, *, content: bool) -> Iterator[tuple[str, object]]:
    """Yield the fields that are declared as content, or those that are not."""
    if not is_dataclass(value):
        return
    for field in fields(value):
        if bool(field.metadata.get("content")) is content:
            yield field.name, getattr(value, field.name)


def _plain(value: object) -> Attribute | None:
    """Return a value as an attribute; members of a StrEnum are text, numbers in a tuple are written out."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, tuple):
        parts = cast("tuple[object, ...]", value)
        if all(isinstance(part, str | int | float) for part in parts):
            return tuple(str(part) for part in parts)
    return None
