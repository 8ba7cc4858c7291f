"""Comparisons of the tests that no object of the candidate's decides by itself.

`assert answer() == 4` asks the answer whether it equals 4, and an object can say so of everything. Where a
class of the candidate's would answer, it is asked about other values as well, in an order that it cannot
know; what equals many of those equals nothing. A class may well take a few for equal: letters in either case,
or numbers that leave the same remainder.
"""

import ast
import itertools
import sys
import time
import types
import unittest
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from playbox_others import PLAIN, affordable, by_remainder, chance, others_than, parts_of

globals()["__builtins__"] = {**vars(__import__("builtins"))}  # as in playbox_report
NAMES = {
    ast.Eq: "__playbox_equal__",
    ast.NotEq: "__playbox_unequal__",
    ast.In: "__playbox_in__",
    ast.NotIn: "__playbox_not_in__",
}
_ALL_EQUAL, _OF_THE_TESTS = "__playbox_all_equal__", "__playbox_tests__"
_TOLERATED = 0.05
_DEEPEST = 20
_PROXIES = (weakref.ProxyType, weakref.CallableProxyType, types.MappingProxyType)
_MANY = (list, tuple, set, frozenset)
_HASHED = (set, frozenset, dict, type({}.keys()))
_SOUGHT_IN = (list, tuple, range, type({}.values()), *_HASHED)
_ASSERTIONS = {
    **dict.fromkeys(
        (
            *("assertEqual", "assertListEqual", "assertTupleEqual", "assertSequenceEqual"),
            *("assertDictEqual", "assertSetEqual", "assertMultiLineEqual"),
        ),
        "equal",
    ),
    "assertCountEqual": "_same_parts",
    "assertAlmostEqual": "_equal_or_else",
    "assertIn": "contains",
    "assertNotIn": "lacks",
}
_clock = time.perf_counter
_Function, _Code = types.FunctionType, types.CodeType
_mro_of = type.__dict__["__mro__"].__get__
_space_of = type.__dict__["__dict__"].__get__
_known: dict[int, list[types.CodeType]] = {}
_tests_code: list[types.CodeType] = []
_marks: dict[str, object] = {}


def guarded(tree: ast.Module) -> ast.Module:
    """Return the tests with each comparison for equality made by this module."""
    _Comparisons(tree).visit(tree)
    return ast.fix_missing_locations(tree)


def note_known() -> dict[str, object]:
    """Note that what is loaded by now is not the candidate's; return the names that `guarded` tests use."""
    for code in _known_code():
        _known[id(code)] = [code]
    return _marks


def note_tests(code: types.CodeType) -> None:
    """Note the code of the tests, whose own classes may equal whatever they like."""
    _tests_code.extend(_within(code))


def equal(left: Any, right: Any) -> Any:  # noqa: ANN401  # as `==`
    """Return `left == right`; False where an object of the candidate's equals other things as well."""
    by_left, by_right = _decides(left), _decides(right)
    if type(left) is type(right) and type(left) in (dict, *_MANY) and (by_left or by_right):
        return len(left) == len(right) and _alike(left, right)
    if by_left and not by_right:
        return _asked(right, lambda value: left == value)
    if by_right and not by_left:
        return _asked(left, lambda value: value == right)
    return left == right


def unequal(left: Any, right: Any) -> Any:  # noqa: ANN401  # as `!=`
    """Return `left != right` in the same way."""
    return not equal(left, right) if _decides(left) != _decides(right) else left != right


def all_equal(*values: Any) -> Any:  # noqa: ANN401  # as `a == b == c`
    """Return whether each value equals the next in the same way."""
    return all(equal(*pair) for pair in itertools.pairwise(values))


def contains(item: Any, container: Any) -> bool:  # noqa: ANN401  # as `in`
    """Return `item in container` in the same way."""
    if type(container) in _SOUGHT_IN and (_decides(item) or _decides(container)):
        return any(_same(item, one) for one in _like_it(item, container))
    return item in container


def lacks(item: Any, container: Any) -> bool:  # noqa: ANN401  # as `not in`
    """Return `item not in container` in the same way."""
    return not contains(item, container)


def _same(left: Any, right: Any) -> bool:  # noqa: ANN401  # as containers compare
    return left is right or bool(equal(left, right))


def _alike(left: Any, right: Any) -> bool:  # noqa: ANN401  # two containers of one type and size
    """Compare part by part, as a part that equals everything hides among others."""
    if type(left) in (list, tuple):
        return all(_same(*pair) for pair in zip(left, right, strict=True))
    found = _by_hash(left)
    pairs = ((value, [one for one in found.get(hash(value), ()) if _same(one, value)]) for value in right)
    if type(left) is dict:
        return all(any(_same(left[one], right[value]) for one in ones) for value, ones in pairs)
    return all(ones for _, ones in pairs)


def _by_hash(parts: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for part in parts:
        found.setdefault(hash(part), []).append(part)
    return found


def _like_it(item: object, container: Iterable[Any]) -> Iterable[Any]:
    """Return what `item` may be equal to; a set looks only among those of an equal hash."""
    if type(container) not in _HASHED:
        return container
    hashed = hash(item)
    return (one for one in container if hash(one) == hashed)


def _same_parts(left: Iterable[Any], right: Iterable[Any]) -> bool:
    """Return whether both have the same parts, in any order."""
    rest = list(right)
    for part in left:
        at = next((at for at, other in enumerate(rest) if _same(part, other)), None)
        if at is None:
            return False
        del rest[at]
    return not rest


def _equal_or_else(left: Any, right: Any) -> bool:  # noqa: ANN401  # of any type
    """Return whether both are equal, or do not even claim it: then their difference decides."""
    return bool(equal(left, right)) or not bool(left == right)


def _asked(value: Any, equals: Callable[[Any], Any]) -> bool:  # noqa: ANN401  # of any type
    """Ask about `value` among others, all of them as far from a value in their midst."""
    others = list(others_than(value))
    began = _clock()
    _answer(others[0], equals)
    others = others[: affordable(_clock() - began)]
    place = chance() % (len(others) + 1)
    answers = [_answer(other, equals) for other in others[:place]]
    real = equals(value)
    is_equal = bool(real)
    answers += [_answer(other, equals) for other in others[place:]]
    too = [other for other, answer in zip(others, answers, strict=True) if answer]
    return is_equal and (len(too) <= _TOLERATED * len(others) or by_remainder(value, others, too))


def _answer(value: Any, equals: Callable[[Any], Any]) -> bool:  # noqa: ANN401  # of any type
    try:
        return bool(equals(value))
    except Exception:  # noqa: BLE001  # of the candidate's: it counts for the real value alone
        return False


def _decides(value: Any, depth: int = 0) -> bool:  # noqa: ANN401  # of any type
    """Return whether code of the candidate's has a say in comparing `value`."""
    kind = type(value)
    if kind in PLAIN or depth > _DEEPEST:
        return depth > _DEEPEST
    if kind is pytest.approx:
        return _decides(value.expected, depth + 1)
    if kind not in (dict, *_MANY) and (kind in _PROXIES or _has_its_own(kind)):
        return True
    parts = list(parts_of(value))
    return not PLAIN.issuperset(map(type, parts)) and any(_decides(part, depth + 1) for part in parts)


def _has_its_own(kind: type) -> bool:
    """Return whether a type has an equality of the candidate's."""
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
    if method.__globals__.get(_OF_THE_TESTS) is _marks:
        return False  # what data classes are given is compiled by itself
    return not any(method.__code__ is code for code in (*_known.get(id(method.__code__), ()), *_tests_code))


def _known_code() -> Iterator[types.CodeType]:
    """Yield the code of each equality that is loaded."""
    modules = [one for one in list(sys.modules.values()) if isinstance(one, types.ModuleType)]
    kinds = {id(one): one for module in modules for one in vars(module).values() if type(one) is type}
    for space in map(_space_of, kinds.values()):
        yield from (space[name].__code__ for name in _EQUALITY if type(space.get(name)) is _Function)


def _within(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for part in code.co_consts:
        if isinstance(part, _Code):
            yield from _within(part)


class _Comparisons(ast.NodeTransformer):
    def __init__(self, tree: ast.Module) -> None:
        self._values = set(_taken_as_values(tree))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:  # ast's name
        self.generic_visit(node)
        name = NAMES.get(type(node.ops[0]))
        if len(node.ops) > 1:
            name = _ALL_EQUAL if all(isinstance(op, ast.Eq) for op in node.ops) else None
        if name is None or node in self._values:
            return node
        called = ast.Call(
            func=ast.Name(id=name, ctx=ast.Load()), args=[node.left, *node.comparators], keywords=[]
        )
        return ast.copy_location(called, node)


_TAKING = {"where", "filter", "having"}


def _taken_as_values(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield the comparisons of which more is wanted than whether they hold: `(array == 1).all()`."""
    nodes = list(ast.walk(tree))
    parts = [node.value for node in nodes if isinstance(node, ast.Attribute | ast.Subscript)]
    named = {part.id for part in parts if isinstance(part, ast.Name)}
    yield from parts
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id in named:
                yield node.value
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            yield from node.args if called in _TAKING else ()


def _asserting(name: str, holds: Callable[[Any, Any], Any]) -> None:
    known = getattr(unittest.TestCase, name)

    def assertion(
        self: unittest.TestCase,
        first: Any,  # noqa: ANN401  # of any type
        second: Any,  # noqa: ANN401  # of any type
        *args: object,
        **kwargs: object,
    ) -> None:
        if name == "assertCountEqual":
            first, second = list(first), list(second)
        # Asked first: what is asked a single time only is known to be the real value.
        rigged = (_decides(first) or _decides(second)) and not holds(first, second)
        known(self, first, second, *args, **kwargs)
        if rigged:
            raise self.failureException(f"{first!r} also equals what it must not equal")

    setattr(unittest.TestCase, name, assertion)


_marks.update(zip(NAMES.values(), (equal, unequal, contains, lacks), strict=True))
_marks[_ALL_EQUAL] = all_equal
_marks[_OF_THE_TESTS] = _marks
for _name, _holds in _ASSERTIONS.items():
    _asserting(_name, globals()[_holds])
