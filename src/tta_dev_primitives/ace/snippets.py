"""Whether two snippets are one program: equal syntax trees, but for layout, comments and local names."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

from .content import Kind, clean_content

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_NOT_PARSED = (SyntaxError, ValueError, RecursionError, MemoryError)
_SEES_NAMES = frozenset({"dir", "eval", "exec", "globals", "locals", "vars"})


@lru_cache(maxsize=1 << 12)
def program_key(code: str) -> str | None:
    """Return a text that is equal for equal programs, or None if `code` is no Python.

    Local variables of a function are renamed in the order of their appearance, where that is safe: not where
    another scope stands in the function, nor where names can be read as text.
    """
    try:
        return _dumped(_parse(code))
    except _NOT_PARSED:
        return None


def parsed(code: str) -> ast.Module | None:
    """Return the syntax tree of `code`, or None if it is no Python."""
    try:
        return _parse(code)
    except _NOT_PARSED:
        return None


def syntax_fault(code: str) -> str | None:
    """Return why `code` is no Python, or None if it is."""
    try:
        _parse(code)
    except SyntaxError as error:
        return f"line {error.lineno or 1}: {error.msg}"
    except _NOT_PARSED as error:
        return f"{type(error).__name__}: {error}"
    return None


def _parse(code: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # about the snippet, which is not ours
        return ast.parse(clean_content(Kind.SNIPPET, code))


def _dumped(tree: ast.Module) -> str:
    for node in list(ast.walk(tree)):
        if isinstance(node, ast.Module | ast.ClassDef | _Function):
            _drop_docstring(node)
        if isinstance(node, _Function):
            _rename_locals(node)
    return ast.dump(tree)


def _drop_docstring(node: ast.Module | ast.ClassDef | _Function) -> None:
    if node.body and isinstance(node.body[0], ast.Expr):
        value = node.body[0].value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            node.body = node.body[1:] or [ast.Pass()]


def _rename_locals(function: _Function) -> None:
    inside = [node for statement in function.body for node in ast.walk(statement)]
    if any(isinstance(node, (*_SCOPES, ast.Global, ast.Nonlocal)) for node in inside) or any(
        isinstance(node, ast.Name) and node.id in _SEES_NAMES for node in inside
    ):
        return
    local = _assigned(function) - _bound_otherwise(function, inside)
    names: dict[str, str] = {}
    for node in inside:
        if isinstance(node, ast.Name) and node.id in local:
            node.id = names.setdefault(node.id, f"<local {len(names)}>")


def _assigned(function: _Function) -> set[str]:
    """Return the names that statements assign; a comprehension's own are another scope's."""
    return {
        node.id
        for statement in function.body
        for node in _outside_comprehensions(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _outside_comprehensions(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _COMPREHENSIONS):
            yield from _outside_comprehensions(child)


def _bound_otherwise(function: _Function, inside: list[ast.AST]) -> set[str]:
    """Return names that stand as text in the tree as well: parameters, imports, exceptions, patterns."""
    names = {argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)}
    for node in inside:
        match node:
            case ast.alias(name=name, asname=other):
                names.add(other or name.partition(".")[0])
            case ast.ExceptHandler(name=str(name)):
                names.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
            case ast.MatchMapping(rest=str(name)):
                names.add(name)
            case _:
                pass
    return names
