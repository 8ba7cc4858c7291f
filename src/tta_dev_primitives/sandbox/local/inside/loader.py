"""The first code in the jail's interpreter: takes the other modules from standard input and starts them.

It runs as `python -c`, so it stands alone. Nothing is read from where this package is installed, which may be
out of reach for the user that the jail turns into. The modules come compiled, by the same interpreter: what a
compiler leaves behind in memory would be copied into every run.
"""

import importlib
import marshal
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Any


class _Modules:
    """Finds and runs modules whose code came from the host."""

    def __init__(self, code: dict[str, CodeType]) -> None:
        self.code = code

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if name not in self.code:
            return None
        return ModuleSpec(name, self, is_package="." not in name)  # type: ignore[arg-type]  # duck-typed

    def create_module(self, spec: ModuleSpec) -> None:
        del spec

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code.pop(module.__name__), module.__dict__)  # noqa: S102  # this is how modules are loaded


def _start() -> None:
    given: dict[str, Any] = marshal.load(sys.stdin.buffer)  # noqa: S302  # the host's own
    finder = _Modules(given["code"])
    sys.meta_path.insert(0, finder)
    entry = importlib.import_module(given["entry"])
    sys.meta_path.remove(finder)
    entry.main(given["config"])


_start()
