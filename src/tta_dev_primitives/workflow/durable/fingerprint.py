"""fingerprint(): a hash of a value that is the same in every process, and different for every other value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Final, TypeAlias, cast
from uuid import UUID

from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic_core import PydanticSerializationError, to_jsonable_python

from ...core.errors import NotKeepable

_Json: TypeAlias = "bool | int | float | str | list[_Json] | dict[str, _Json] | None"
_Collection: TypeAlias = "Mapping[object, object] | AbstractSet[object] | tuple[object, ...] | list[object]"

_TAG: Final = ""  # the one key of an object that stands for a value which is not JSON itself


def fingerprint(value: object) -> str:
    """Return 64 hexadecimal digits that tell `value`, its types included, from any other.

    A class counts by its name, so that a module may move. The order of a mapping or a set does not count.

    Raises:
        NotKeepable: `value` holds something without a content that could be told, such as a lock.
    """
    try:
        return hashlib.sha256(_text(_canonical(value)).encode("ascii")).hexdigest()
    except RecursionError:
        raise NotKeepable(f"a {type(value).__name__} is nested too deep, or holds itself") from None
    except ValueError as error:  # a whole number of more digits than Python writes
        raise NotKeepable(f"a {type(value).__name__} cannot be written: {error}; pass it as text") from None


def _text(canonical: _Json) -> str:
    return json.dumps(canonical, sort_keys=True, separators=(",", ":"))


def _canonical(value: object) -> _Json:
    """Return JSON that is different for every different value."""
    if value is None or type(value) in {bool, int, float, str}:
        return cast("bool | int | float | str | None", value)
    if type(value) is list:
        return [_canonical(item) for item in cast("list[object]", value)]
    if type(value) is dict:
        return _of_dict(cast("dict[object, object]", value))
    return {_TAG: [type(value).__qualname__, _content(value)]}


def _of_dict(value: dict[object, object]) -> _Json:
    if _TAG in value or not all(type(key) is str for key in value):
        return {_TAG: ["dict", _pairs(value)]}
    return {str(key): _canonical(item) for key, item in value.items()}


def _pairs(value: Mapping[object, object]) -> _Json:
    return cast("_Json", sorted(_text([_canonical(key), _canonical(item)]) for key, item in value.items()))


def _content(value: object) -> _Json:
    if isinstance(value, Enum):
        return _canonical(value.value)
    if isinstance(value, BaseModel):
        return _canonical(dict(value))
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _canonical(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping | AbstractSet | tuple | list):
        return _of_collection(cast("_Collection", value))
    return _of_scalar(value)


def _of_collection(value: _Collection) -> _Json:
    if isinstance(value, Mapping):
        return _pairs(value)
    if isinstance(value, AbstractSet):
        return cast("_Json", sorted(_text(_canonical(item)) for item in value))
    return [_canonical(item) for item in value]


def _of_scalar(value: object) -> _Json:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return [value.days, value.seconds, value.microseconds]
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, str | Decimal | UUID | PurePath):
        return str(value)
    if isinstance(value, int | float):
        return value + 0  # of a subclass, such as numpy's float
    return _of_other(value)


def _of_other(value: object) -> _Json:
    """What pydantic knows to serialise, such as a URL."""
    kind = type(value).__name__
    if isinstance(value, Iterator | SecretStr | SecretBytes):  # the one is used up by it, the other masked
        raise NotKeepable(f"a {kind} has no content that a journal could keep or compare; pass plain values")
    try:
        return _canonical(to_jsonable_python(value))
    except (PydanticSerializationError, UnicodeDecodeError):
        raise NotKeepable(
            f"a {kind} has no content that a journal could keep or compare; pass plain values, "
            "a dataclass or a pydantic model"
        ) from None
