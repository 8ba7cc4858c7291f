"""From a program's text to code objects."""

from __future__ import annotations
import __future__

import ast
from types import CodeType
from typing import cast


def _future_flags() -> int:
    flags = 0
    for name in __future__.all_feature_names:
        flags |= getattr(__future__, name).compiler_flag
    return flags


FUTURES = _future_flags()
"""What `from __future__ import` leaves in a code object's flags."""


def split(code: str, name: str, flags: int = 0) -> tuple[CodeType, CodeType | None]:
    """Compile a program called `name`, its last expression (if it ends with one) apart.

    `flags` are the compiler's, for both parts.
    """
    tree = ast.parse(code, name)
    tail = tree.body[-1] if tree.body else None
    if not isinstance(tail, ast.Expr):
        return compile(tree, name, "exec", flags, dont_inherit=True), None
    tree.body = tree.body[:-1]
    body = compile(tree, name, "exec", flags, dont_inherit=True)
    futures = body.co_flags & FUTURES
    last = cast(
        "CodeType", compile(ast.Expression(tail.value), name, "eval", futures | flags, dont_inherit=True)
    )
    return body, last
