"""What a program says in words: its comments, and its strings as they read when it runs.

In its source a sentence can be spread over lines, joined from pieces or written in escapes.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from typing import Final

from .snippets import parsed

_COMMENT: Final = re.compile(r"^\s*(?:#|//|--|\*)+(.*)$", re.MULTILINE)
"""In a language that is not read here."""
_FILLED_IN: Final = "_"
"""Stands for what a program puts into a string while it runs."""


def spoken(code: str) -> Iterator[str]:
    """Yield the comments of `code` as one text, then each of its strings."""
    tree = parsed(code)
    yield " ".join(_COMMENT.findall(code) if tree is None else _comments(code))
    if tree is not None:
        yield from _strings(tree)


def is_words_alone(code: str) -> bool:
    """Tell whether `code` does nothing: it has comments, or strings that nobody uses, and no more."""
    tree = parsed(code)
    if tree is None:
        return not _COMMENT.sub("", code).strip()
    return all(isinstance(one, ast.Expr) and _said(one.value) is not None for one in tree.body)


def _comments(code: str) -> Iterator[str]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                yield token.string.lstrip("#!:")
    except (tokenize.TokenError, SyntaxError):
        return  # what parses is tokenized as well, but for corners of the two


def _strings(tree: ast.Module) -> Iterator[str]:
    inside = set[ast.AST]()
    for node in ast.walk(tree):  # what is around comes before what is inside
        if node in inside:
            continue
        match node:
            case ast.BinOp(op=ast.Add()):
                pieces = _added(node, inside)
                if any(pieces):
                    yield "".join(piece or _FILLED_IN for piece in pieces)
            case ast.Call(
                func=ast.Attribute(attr="join", value=between), args=[ast.List(items) | ast.Tuple(items)]
            ):
                yield (_said(between) or " ").join(_said(item) or _FILLED_IN for item in items)
            case _:
                yield from filter(None, (_said(node),))


def _added(node: ast.BinOp, inside: set[ast.AST]) -> list[str | None]:
    """Return what is added up, in order; a loop, as a chain may be longer than calls can be deep."""
    pieces, left = [_said(node.right)], node.left
    while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
        inside.add(left)
        pieces.append(_said(left.right))
        left = left.left
    return [_said(left), *reversed(pieces)]


def _said(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Constant(value=bytes(raw)):
            return raw.decode(errors="replace")
        case ast.JoinedStr(values=values):
            return "".join(_said(value) or _FILLED_IN for value in values)
        case _:
            return None
