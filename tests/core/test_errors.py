from __future__ import annotations

import inspect
import pickle
import re

import pytest

from tta_dev_primitives.core import errors

CLASSES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, errors.PlayboxError)
]


def drawn() -> dict[str, tuple[str, str | None]]:
    """Read name -> (parent, built-in) from the tree at the top of the module."""
    tree: dict[str, tuple[str, str | None]] = {}
    path = ["PlayboxError"]
    for line in inspect.cleandoc(errors.__doc__ or "").splitlines():
        found = re.match(r"((?:│   |    )*)[├└]── (\w+)(?: \((\w+)\))?", line)
        if found:
            depth = len(found[1]) // 4 + 1
            path[depth:] = [found[2]]
            tree[found[2]] = (path[depth - 1], found[3])
    return tree


def test_the_drawn_tree_is_the_real_one() -> None:
    real = {
        kind.__name__: (kind.__bases__[0].__name__, *(base.__name__ for base in kind.__bases__[1:]))
        for kind in CLASSES
        if kind is not errors.PlayboxError
    }
    assert {name: tuple(filter(None, bases)) for name, bases in drawn().items()} == real


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_travels_between_processes(kind: type[errors.PlayboxError]) -> None:
    copy = pickle.loads(pickle.dumps(kind("what happened")))  # noqa: S301  # our own bytes
    assert type(copy) is kind
    assert str(copy) == "what happened"
