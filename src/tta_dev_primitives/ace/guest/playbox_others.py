"""Other values than an expected one, from which no object can tell it by how they differ."""

import math
import os
from collections import deque
from collections.abc import Iterator
from copy import copy
from typing import Any

import pytest

globals()["__builtins__"] = {**vars(__import__("builtins"))}  # as in playbox_report
PLAIN = frozenset((bool, int, float, complex, str, bytes, type(None)))
_MOST, _FEWEST = 999, 63
"""Values that one comparison asks about; fewer as more was compared, as long lists would take minutes."""
_SHARE = 100
_HUGE = 1e300
_LETTERS = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789")
_BASES = (dict, list, tuple, set, frozenset, deque)
_mro_of = type.__dict__["__mro__"].__get__
_urandom = os.urandom
_left = [_MOST * _SHARE]
_FEW, _seconds = 15, [2.0]
_SMALLEST_MODULUS = 5


def others_than(value: Any) -> Iterator[Any]:  # noqa: ANN401  # of any type
    """Yield many values of the same type and size; they and `value` differ from one in their midst alike."""
    count = min(_MOST, max(_FEWEST, _left[0] // _SHARE))
    _left[0] -= count
    spread = 1 + chance() % 97
    midst = _varied(value, spread)
    for _ in range(count):
        other = _varied(midst, spread)
        yield _varied(value, spread) if type(other) in PLAIN and other == value else other


def affordable(seconds: float) -> int:
    """Return how many questions of so many seconds may be asked: a class may take long to compare."""
    count = max(_FEW, int(_seconds[0] / 4 / max(seconds, 1e-7)))
    _seconds[0] = max(0.0, _seconds[0] - seconds * min(count, _MOST))
    return count


def by_remainder(value: Any, others: list[Any], too: list[Any]) -> bool:  # noqa: ANN401  # of any type
    """Return whether `too` are those of `others` that leave the remainder of `value` by some number."""
    if type(value) is not int:
        return False
    modulus = math.gcd(*(other - value for other in too))
    alike = [other for other in others if not (other - value) % modulus]
    return modulus >= _SMALLEST_MODULUS and len(alike) == len(too)


def chance() -> int:
    """Return a number of 32 bits that the candidate cannot know."""
    return int.from_bytes(_urandom(4), "big")


def _varied(value: Any, spread: int) -> Any:  # noqa: ANN401  # of any type
    """Return another value of the same type and size, on either side of `value`."""
    kind, number = type(value), chance()
    if kind is pytest.approx:
        return pytest.approx(_varied(value.expected, spread), value.rel, value.abs)
    base = _base_of(kind)
    if base is None:
        return _varied_fields(value, spread) if _fields_of(kind) else _varied_plain(value, spread)
    if base is dict:
        key = [*value, "a"][number % max(len(value), 1)]
        return {**value, key: _varied(value.get(key), spread)}
    parts, at = list(value) or [0], number % max(len(value), 1)
    return base([*parts[:at], _varied(parts[at], spread), *parts[at + 1 :]])


def parts_of(value: Any) -> Iterator[Any]:  # noqa: ANN401  # of any type
    """Yield the parts by which a container or a data class is compared; the keys of a dict, too."""
    kind = type(value)
    base = _base_of(kind)
    if base is not None:
        yield from base.__iter__(value)
    if base is dict:
        yield from dict.values(value)
    yield from (getattr(value, name, None) for name in _fields_of(kind))


def _base_of(kind: type) -> Any:  # noqa: ANN401  # one of _BASES
    return next((base for base in _BASES if base in _mro_of(kind)), None)


def _fields_of(kind: type) -> tuple[str, ...]:
    fields = getattr(kind, "__dataclass_fields__", {}).values()
    return tuple(one.name for one in fields if one.compare and one._field_type.name == "_FIELD")  # noqa: SLF001  # dataclasses itself is slow to load


def _varied_fields(value: Any, spread: int) -> Any:  # noqa: ANN401  # of a data class
    other, fields = copy(value), _fields_of(type(value))
    name = fields[chance() % len(fields)]
    object.__setattr__(other, name, _varied(getattr(value, name, None), spread))
    return other


def _varied_plain(value: Any, spread: int) -> Any:  # noqa: ANN401  # of any type
    kind = type(value)
    if kind is bool:
        return not value
    if kind in {int, float, complex}:
        return _varied_number(value, spread)
    if kind is str:
        return _varied_text(value)
    return _varied_text(value.decode("latin-1")).encode("latin-1") if kind is bytes else chance()


def _varied_number(value: Any, spread: int) -> Any:  # noqa: ANN401  # a number
    if type(value) is not int and not abs(value) < _HUGE:  # or not a number
        return type(value)(chance())
    most = (int(abs(value)) + 9) * spread
    by = (chance() << 32 | chance()) % most + 1
    by = -by if chance() & 1 else by
    return value + by if type(value) is int or value == int(value.real) else value + by / 7


def _varied_text(value: str) -> str:
    """Return it with another letter or digit: a class may not mind what stands between those."""
    places = [at for at, char in enumerate(value) if char.isalnum()] or range(len(value))
    at = places[chance() % len(places)] if places else 0
    char = value[at : at + 1]
    others = next((some for some in _LETTERS if char in some), _LETTERS[0]).replace(char, "")
    return value[:at] + others[chance() % len(others)] + value[at + 1 :]
