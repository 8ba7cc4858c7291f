"""The first code in the jail's interpreter: takes the other modules from standard input and starts them.

It runs as `python -c`, so it stands alone. Nothing is read from where this package is installed, which may be
out of reach for the user that the jail turns into.
"""

import importlib
import json
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class _Sources:
    """Finds and runs modules whose text came from the host."""

    def __init__(self, sources: dict[str, str]) -> None:
        self.sources = sources

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if name not in self.sources:
            return None
        return ModuleSpec(name, self, is_package="." not in name)  # type: ignore[arg-type]  # duck-typed

    def create_module(self, spec: ModuleSpec) -> None:
        del spec

    def exec_module(self, module: ModuleType) -> None:
        code = compile(self.sources[module.__name__], f"<jail>/{module.__name__}.py", "exec")
        exec(code, module.__dict__)  # noqa: S102  # this is how modules are loaded


def _start() -> None:
    given: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    finder = _Sources(given["sources"])
    sys.meta_path.insert(0, finder)
    entry = importlib.import_module(given["entry"])
    sys.meta_path.remove(finder)
    entry.main(given["config"])


_start()
