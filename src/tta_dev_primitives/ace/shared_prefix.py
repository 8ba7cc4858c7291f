"""What several programs have in common from their beginning, in whole statements."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    shape: str
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A program as what it shares and the rest, each at its own lines; together they are the program."""

    shared: str
    rest: str


def shared_statements(failed: str, candidates: Sequence[str], failing_line: int | None) -> int:
    """Return with how many statements all of `candidates` begin that `failed` had run before it failed.

    Without a line, and in programs that do not parse, none.
    """
    before = _before(_statements(failed), failing_line)
    common = len(before)
    for candidate in candidates:
        pairs = zip(before, _statements(candidate), strict=False)
        common = min(common, sum(1 for _ in takewhile(lambda pair: pair[0].shape == pair[1].shape, pairs)))
    return common


def split(code: str, statements: int) -> Parts:
    """Return `code` as its first `statements` and the rest."""
    found = _statements(code)
    if statements == 0:
        return Parts(shared="", rest=code)
    last = found[statements - 1].last_line
    lines = code.splitlines(keepends=True)
    return Parts(shared="".join(lines[:last]), rest="\n" * last + "".join(lines[last:]))


def _before(statements: Sequence[_Statement], line: int | None) -> Sequence[_Statement]:
    if line is None:
        return ()
    return [statement for statement in statements if statement.last_line < line]


def _statements(code: str) -> Sequence[_Statement]:
    """Return the statements that have lines of their own; those after a shared line count no more."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found = [_statement(node) for node in tree.body]
    for number, (one, other) in enumerate(pairwise(found)):
        if one.last_line >= other.first_line:
            return found[:number]
    return found


def _statement(node: ast.stmt) -> _Statement:
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return _Statement(shape=ast.dump(node), first_line=first, last_line=node.end_lineno or node.lineno)
