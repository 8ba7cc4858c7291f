"""What tests stand on: remembered before the candidate runs, compared afterwards.

Without this, a candidate passes by replacing what its tests call: an assertion, a builtin, or a function of a
module that they import.
"""

import ast
import builtins
import contextlib
import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping

globals()["__builtins__"] = {**vars(builtins)}  # as in playbox_report
TOOLS = (
    "ast",
    "pytest",
    "types",
    "unittest",
    "unittest.case",
    "unittest.loader",
    "unittest.result",
    "unittest.suite",
)
_HOOKS = {"sys"}
"""Its functions are made to be replaced."""
_modules = sys.modules


class Ground:
    """The modules `names`, with all functions and classes in them, as they are now."""

    def __init__(self, names: Iterable[str]) -> None:
        self._known = [entry for name in names for entry in _entries(name)]

    def untouched(self) -> bool:
        """Return whether none of them was replaced."""
        return all(space.get(name) is value for space, name, value in self._known)


def imports(source: str) -> set[str]:
    """Return the names of all modules that `source` imports."""
    found = set[str]()
    with contextlib.suppress(SyntaxError, ValueError):  # told when the tests run
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
    return found


def load_standard(names: Iterable[str], *, but: str) -> set[str]:
    """Import those of `names` that are of the standard library, before a candidate can; return them."""
    standard = {name for name in names if name.partition(".")[0] in sys.stdlib_module_names - _HOOKS - {but}}
    for name in standard:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    return standard & _modules.keys()


def _entries(name: str) -> Iterator[tuple[Mapping[str, object], str, object]]:
    module = _modules[name]
    yield _modules, name, module
    classes = [value for value in vars(module).values() if isinstance(value, type)]
    for space in (vars(module), *map(vars, classes)):
        for key, value in space.items():
            if callable(value) or isinstance(value, (property, classmethod, staticmethod)):
                yield space, key, value
