"""Comparisons of the tests that no object of the candidate's decides by itself.

`assert answer() == 4` asks the answer whether it equals 4, and an object can say so of everything. Where a
class of the candidate's would answer, it is asked about other values as well, in an order that it cannot
know; what equals any of those equals nothing.
"""

import ast
import os
import sys
import types
import unittest
from collections.abc import Callable, Iterator
from typing import Any

import pytest

globals()["__builtins__"] = {**vars(__import__("builtins"))}  # as in playbox_report
NAMES = {
    ast.Eq: "__playbox_equal__",
    ast.NotEq: "__playbox_unequal__",
    ast.In: "__playbox_in__",
    ast.NotIn: "__playbox_not_in__",
}
_OTHERS = 999
_DEEPEST = 20
_PLAIN = (bool, int, float, complex, str, bytes, type(None))
_MANY = (list, tuple, set, frozenset)
_ASSERTIONS = (
    *("assertEqual", "assertListEqual", "assertTupleEqual", "assertSequenceEqual", "assertDictEqual"),
    *("assertSetEqual", "assertCountEqual", "assertMultiLineEqual"),
)
_urandom, _Function, _Code = os.urandom, types.FunctionType, types.CodeType
_mro_of = type.__dict__["__mro__"].__get__
_space_of = type.__dict__["__dict__"].__get__
_known = {id(vars(module)) for module in list(sys.modules.values()) if isinstance(module, types.ModuleType)}
_tests_code: list[types.CodeType] = []
_marks: dict[str, object] = {}


def guarded(tree: ast.Module) -> ast.Module:
    """Return the tests with each comparison for equality made by this module."""
    _Comparisons().visit(tree)
    return ast.fix_missing_locations(tree)


def note_known() -> dict[str, object]:
    """Note that what is loaded by now is not the candidate's; return the names that `guarded` tests use."""
    _known.update(id(vars(one)) for one in list(sys.modules.values()) if isinstance(one, types.ModuleType))
    return _marks


def note_tests(code: types.CodeType) -> None:
    """Note the code of the tests, whose own classes may equal whatever they like."""
    _tests_code.extend(_within(code))


def equal(left: Any, right: Any) -> Any:  # noqa: ANN401  # as `==`
    """Return `left == right`; False where an object of the candidate's equals other things as well."""
    if type(left) is type(right) and type(left) in (dict, *_MANY) and (_decides(left) or _decides(right)):
        return len(left) == len(right) and _alike(left, right)
    if _plain(right) and _decides(left):
        return _asked(right, lambda value: left == value)
    if _plain(left) and _decides(right):
        return _asked(left, lambda value: value == right)
    return left == right


def unequal(left: Any, right: Any) -> Any:  # noqa: ANN401  # as `!=`
    """Return `left != right` in the same way."""
    if (_plain(left) and _decides(right)) or (_plain(right) and _decides(left)):
        return not equal(left, right)
    return left != right


def contains(item: Any, container: Any) -> bool:  # noqa: ANN401  # as `in`
    """Return `item in container` in the same way."""
    if type(container) in _MANY and _decides(item):
        return any(equal(item, one) for one in container)
    return item in container


def lacks(item: Any, container: Any) -> bool:  # noqa: ANN401  # as `not in`
    """Return `item not in container` in the same way."""
    return not contains(item, container)


def _alike(left: Any, right: Any) -> bool:  # noqa: ANN401  # two containers of one type and size
    """Compare part by part, as a part that equals everything hides among others."""
    if type(left) is dict:
        return all(
            any(equal(key, k) and equal(value, v) for k, v in left.items()) for key, value in right.items()
        )
    if type(left) in (list, tuple):
        return all(equal(*pair) for pair in zip(left, right, strict=True))
    return all(any(equal(part, value) for part in left) for value in right)


def _asked(value: Any, equals: Callable[[Any], Any]) -> bool:  # noqa: ANN401  # of any type
    order = [None, *range(1, _OTHERS + 1)]
    order.sort(key=lambda _: _urandom(8))
    answers = {number: _answer(value, number, equals) for number in order}
    real = answers.pop(None)
    if isinstance(real, BaseException):
        raise real
    return bool(real) and not any(answer is not False for answer in answers.values())


def _answer(value: Any, number: int | None, equals: Callable[[Any], Any]) -> object:  # noqa: ANN401  # of any type
    try:
        return bool(equals(value if number is None else _varied(value)))
    except Exception as error:  # noqa: BLE001  # of the candidate's: it counts for the real value alone
        return error if number is None else False


def _varied(value: Any) -> Any:  # noqa: ANN401  # one return a type
    """Return another value of the same type and size, on either side of `value`."""
    kind, chance = type(value), int.from_bytes(_urandom(4), "big")
    if kind is pytest.approx:
        return pytest.approx(_varied(value.expected), value.rel, value.abs)
    if kind is bool:
        return not value
    if kind in {int, float, complex}:
        return value + (abs(value) + 1) * (chance % 97 + 1) * (1 if chance & 1 << 20 else -1)
    if kind in {str, bytes}:
        letter = chr(97 + chance % 26) if kind is str else bytes([97 + chance % 26])
        place = chance % len(value) if value else 0
        other = value[:place] + letter + value[place + 1 :]
        return other if other != value else value + letter
    if kind is dict:
        return {**value, next(iter(value), "a"): chance}
    return kind([*list(value)[1:], chance]) if kind in _MANY else chance


def _plain(value: Any, depth: int = 0) -> bool:  # noqa: ANN401  # of any type
    """Return whether only builtin types have a say in comparing `value`."""
    kind = type(value)
    if kind in _PLAIN:
        return True
    if depth > _DEEPEST:
        return False
    if kind is pytest.approx:
        return _plain(value.expected, depth + 1)
    parts = [*value, *value.values()] if kind is dict else value if kind in _MANY else [_plain]
    return all(_plain(part, depth + 1) for part in parts)


def _decides(value: Any, depth: int = 0) -> bool:  # noqa: ANN401  # of any type
    """Return whether code of the candidate's has a say in comparing `value`."""
    kind = type(value)
    if kind in _PLAIN or depth > _DEEPEST:
        return depth > _DEEPEST
    if kind is dict or kind in _MANY:
        parts = [*value, *value.values()] if kind is dict else value
        return any(_decides(part, depth + 1) for part in parts)
    return any(
        _of_the_candidate(_space_of(base)[name])
        for base in _mro_of(kind)
        for name in _EQUALITY
        if name in _space_of(base)
    )


_EQUALITY = ("__eq__", "__ne__")


def _of_the_candidate(method: object) -> bool:
    if type(method) is not _Function:
        return type(method).__name__ not in {"wrapper_descriptor", "method_descriptor"}
    trusted = id(method.__globals__) in _known or any(method.__code__ is code for code in _tests_code)
    return not trusted


def _within(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for part in code.co_consts:
        if isinstance(part, _Code):
            yield from _within(part)


class _Comparisons(ast.NodeTransformer):
    def visit_Compare(self, node: ast.Compare) -> ast.expr:  # ast's name
        self.generic_visit(node)
        name = NAMES.get(type(node.ops[0]))
        if name is None or len(node.ops) > 1:
            return node
        called = ast.Call(
            func=ast.Name(id=name, ctx=ast.Load()), args=[node.left, node.comparators[0]], keywords=[]
        )
        return ast.copy_location(called, node)


def _asserting(name: str) -> None:
    known = getattr(unittest.TestCase, name)

    def assertion(
        self: unittest.TestCase, first: object, second: object, *args: object, **kwargs: object
    ) -> None:
        if (_decides(first) or _decides(second)) and not equal(first, second):
            raise self.failureException("they are not equal")
        known(self, first, second, *args, **kwargs)

    setattr(unittest.TestCase, name, assertion)


_marks.update(zip(NAMES.values(), (equal, unequal, contains, lacks), strict=True))
for _name in _ASSERTIONS:
    _asserting(_name)
