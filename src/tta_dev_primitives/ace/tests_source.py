"""Whether test source can fail at all: source that tests nothing would pass every program."""

from __future__ import annotations

import ast
import warnings

_MAY_ACT = (
    ast.Expr,
    ast.If,
    ast.For,
    ast.While,
    ast.With,
    ast.Try,
    ast.TryStar,
    ast.Match,
    ast.AsyncFor,
    ast.AsyncWith,
)
_ACTS = (ast.Assert, ast.Raise, ast.Call, ast.Await)


def check_tests_source(source: str) -> None:
    """Refuse test source that is no Python, or in which nothing is tested.

    Raises:
        ValueError: names the line, or what to add.
    """
    if not source.strip():
        raise ValueError("is blank, so every program would pass; write an assert, or leave it out")
    tree = _parse(source)
    if not any(map(_is_test, tree.body)) and not _acts(tree):
        raise ValueError(
            "tests nothing: it has no test function, no test class and no statement such as an assert or a "
            "call; add one (a function `check(candidate)` has to be called too)"
        )


def acts_at_top_level(source: str) -> bool:
    """Return whether running the source tests something by itself, without calling its functions."""
    return _acts(_parse(source))


def _parse(source: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the source is warned of is no matter of the host
            tree = ast.parse(source, "tests.py")
            compile(tree, "tests.py", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise ValueError(f"is not valid Python: line {error.lineno}: {error.msg}") from None
    except (RecursionError, MemoryError, UnicodeError):
        raise ValueError("is nested too deeply, or no text, for Python to read; write it simpler") from None
    return tree


def _is_test(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name.startswith("test")
    if isinstance(node, ast.ClassDef):
        return node.name.startswith("Test") or bool(node.bases)
    names = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(name, ast.Name) and name.id.startswith(("test", "Test")) for name in names)


def _acts(tree: ast.Module) -> bool:
    return any(map(_statement_acts, tree.body))


def _statement_acts(node: ast.stmt) -> bool:
    """Imports, definitions, assignments and docstrings prepare; `if __name__ == ...` is never entered."""
    if isinstance(node, ast.Assert | ast.Raise):
        return True
    if isinstance(node, ast.If) and any(
        isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test)
    ):
        return False
    if isinstance(node, _MAY_ACT):
        return any(isinstance(part, _ACTS) for part in ast.walk(node))
    return False
