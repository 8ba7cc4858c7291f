"""All that a program finds by looking at objects: attributes, constants of code, closures, globals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import CodeType, FrameType, FunctionType, MappingProxyType, ModuleType, TracebackType
from typing import cast

_ELSEWHERE = {"__builtins__", "__loader__", "__spec__"}
_PARTS = (
    *(
        "__dict__",
        "__doc__",
        "__annotations__",
        "__slots__",
        "__mro__",
        "__func__",
        "__wrapped__",
        "__self__",
    ),
    *("fget", "fset", "args", "__traceback__", "__context__", "__cause__", "__objclass__"),
)


def seen(start: object, library: str) -> list[str | int]:
    """Every text and number that can be reached from `start` without leaving the library `library`."""
    found: list[str | int] = []
    left, known = [start], set[int]()
    kept: list[object] = []  # or ids would be used again
    while left:
        one = left.pop()
        if id(one) in known:
            continue
        known.add(id(one))
        kept.append(one)
        if isinstance(one, bytes):
            found.append(one.decode("latin-1"))
        elif isinstance(one, str | int):
            found.append(one)
        elif not _is_elsewhere(one, library):
            left += _inside(one)
    return found


def _is_elsewhere(one: object, library: str) -> bool:
    if isinstance(one, ModuleType):
        return one.__name__.partition(".")[0] != library
    return isinstance(one, type) and one.__module__.partition(".")[0] != library


def _inside(one: object) -> Iterator[object]:
    if isinstance(one, dict | MappingProxyType):
        named = cast("Mapping[object, object]", one)
        yield from (part for key, value in named.items() if key not in _ELSEWHERE for part in (key, value))
    elif isinstance(one, list | tuple | set | frozenset):
        yield from cast("Iterable[object]", one)
    elif isinstance(one, CodeType):
        yield from (one.co_consts, one.co_names, one.co_varnames, one.co_freevars, one.co_filename)
    elif isinstance(one, TracebackType):
        yield from (one.tb_frame, one.tb_next)
    elif isinstance(one, FrameType):
        yield from (one.f_code, one.f_locals, one.f_globals) if one.f_code.co_filename[0] == "<" else ()
    else:
        yield from _attributes(one)


def _attributes(one: object) -> Iterator[object]:
    if isinstance(one, FunctionType):
        yield from (one.__code__, one.__globals__, one.__defaults__, one.__kwdefaults__)
        yield from (cell.cell_contents for cell in one.__closure__ or ())
    if type(one).__module__ != "builtins" or isinstance(one, type):
        yield type(one) if not isinstance(one, type) else None
        yield from (getattr(one, slot, None) for slot in getattr(type(one), "__slots__", ()))
    yield from (getattr(one, part, None) for part in _PARTS)
