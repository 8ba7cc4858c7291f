"""The engine as one program: the modules of `library/`, then the class of every family of quirks."""

from __future__ import annotations

import ast
from functools import cache
from importlib.resources import files
from types import CodeType
from typing import Final

from .families import FAMILIES
from .library import MODULES

_PACKAGE: Final = files(__package__ or "")


@cache
def engine_source() -> str:
    """Return the source. It needs nothing but the standard library."""
    parts = [_without_neighbours(_read("library", name)) for name in MODULES]
    for family in FAMILIES:
        module = family.rule.__module__.rpartition(".")[2]
        parts.append(_only_class(_read("families", module), family.rule.__name__))
    return "from __future__ import annotations\n\n" + "\n\n\n".join(parts) + "\n"


def engine_code(name: str) -> CodeType:
    """Return the compiled engine, without docstrings; its frames name the library."""
    return compile(engine_source(), f"<{name}>", "exec", optimize=2, dont_inherit=True)


def _read(folder: str, module: str) -> str:
    return (_PACKAGE / folder / f"{module}.py").read_text(encoding="utf-8")


def _without_neighbours(source: str) -> str:
    """Return a module without what it imports from modules of ours."""
    body = [node for node in ast.parse(source).body if not _is_ours(node)]
    return ast.unparse(ast.Module(body=body, type_ignores=[]))


def _only_class(source: str, name: str) -> str:
    """Return a class of a module, and what the module imports from the standard library."""
    body: list[ast.stmt] = [
        node
        for node in ast.parse(source).body
        if (isinstance(node, ast.ImportFrom) and not _is_ours(node))
        or (isinstance(node, ast.ClassDef) and node.name == name)
    ]
    return ast.unparse(ast.Module(body=body, type_ignores=[]))


def _is_ours(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.level > 0 or node.module == "__future__")
