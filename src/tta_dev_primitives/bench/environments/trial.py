"""Runs programs of ours against a library in this process, with the engine as it is imported here.

Never for programs that a model wrote: those run in a sandbox, with what `artefact.py` built.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType, ModuleType

from .families import FAMILIES
from .library.books import Books, BookSpec
from .library.opening import LibrarySpec, Shapes, open_library

_RULES = {family.rule.__name__: family.rule for family in FAMILIES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a program printed, and the exception that ended it ("" if none did)."""

    stdout: str
    stderr: str
    error: str


class Trial:
    """A library, opened anew for each program."""

    def __init__(self, facade: str, spec: LibrarySpec, texts: Mapping[str, str]) -> None:
        self._code: CodeType = compile(facade, f"<{spec['name']}>", "exec", dont_inherit=True)
        self._spec, self._texts = spec, texts
        self._books: dict[str, Books] = {}

    def run(self, program: str) -> Outcome:
        """Return what `program` does; it must be one that `programs.py` wrote."""
        out, err, error = io.StringIO(), io.StringIO(), ""
        name = self._spec["name"]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            sys.modules[name] = self._library()
            try:
                exec(compile(program, "<program>", "exec", dont_inherit=True), {"__name__": "__main__"})  # noqa: S102
            except Exception as raised:  # noqa: BLE001  # whatever it is, it is the outcome
                error = f"{type(raised).__name__}: {raised}"
            finally:
                del sys.modules[name]
        return Outcome(stdout=out.getvalue(), stderr=err.getvalue(), error=error)

    def passes(self, program: str, expected: str) -> bool:
        """Return whether `program` prints this and ends well."""
        outcome = self.run(program)
        return not outcome.error and outcome.stdout == expected

    def books(self, site: str, spec: BookSpec) -> Books:
        """Return a site's books as nobody has written in them, made once."""
        if site not in self._books:
            self._books[site] = Books(site, spec)
        return self._books[site].fresh()

    def _library(self) -> ModuleType:
        module = ModuleType(self._spec["name"])

        def opened(shapes: Shapes) -> object:
            return open_library(self._spec, self._texts.__getitem__, _RULES, shapes, self.books)

        module.__dict__["_open"] = opened
        exec(self._code, module.__dict__)  # noqa: S102  # facade.py wrote it
        return module
