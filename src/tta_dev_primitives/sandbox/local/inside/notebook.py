"""What code written for notebooks expects: lines that begin with `!`, and `IPython.display`."""

from __future__ import annotations

import importlib.machinery
import re
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

_PACKAGE, _DISPLAY = "IPython", "IPython.display"
_SHELL_LINE: Final = re.compile(r"^(\s*)!(.+)$", re.MULTILINE)
SHELL: Final = "__shell__"
"""The name that shell lines call; see `run_shell`."""
_FORMS: Final = {
    "HTML": "_repr_html_",
    "JSON": "_repr_json_",
    "Javascript": "_repr_javascript_",
    "Latex": "_repr_latex_",
    "Markdown": "_repr_markdown_",
    "SVG": "_repr_svg_",
}

Display = Callable[..., None]


def with_shell_lines(code: str) -> str:
    """Return `code` with each line `!command` as the call that runs it."""
    return _SHELL_LINE.sub(lambda line: f"{line[1]}{SHELL}({line[2]!r})", code)


def run_shell(command: str) -> None:
    """Run a line of shell in this directory; what it prints is the cell's output."""
    sys.stdout.flush()
    import subprocess  # noqa: PLC0415  # its threads would make every fork of the jail slower

    subprocess.run(["/bin/sh", "-c", command], check=False)  # noqa: S603  # the guest's own, inside


class Finder:
    """Gives `IPython.display` a `display` that displays here, whether or not IPython is installed."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._real: ModuleSpec | None = None

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find these two, the package only where there is none."""
        if name not in (_PACKAGE, _DISPLAY):
            return None
        real = importlib.machinery.PathFinder.find_spec(name, path, target)
        if name == _DISPLAY:
            self._real = real
        elif real is not None:
            return None
        return ModuleSpec(name, self, is_package=name == _PACKAGE)  # type: ignore[arg-type]  # duck-typed

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave that to the import system."""
        del spec

    def exec_module(self, module: ModuleType) -> None:
        """Fill the module: with the real one's names, or with the most used of them."""
        if module.__name__ == _PACKAGE:
            return
        if self._real is not None and self._real.loader is not None:
            self._real.loader.exec_module(module)
        else:
            module.__dict__.update({name: _form(name, method) for name, method in _FORMS.items()})
        module.__dict__["display"] = self._display


def _form(name: str, method: str) -> type:
    """Return a class whose values show the data that they are made with in one rich form."""

    def keep(self: object, data: object) -> None:
        self.__dict__["data"] = data

    def give(self: object) -> object:
        return self.__dict__["data"]

    return type(name, (), {"__init__": keep, method: give})
