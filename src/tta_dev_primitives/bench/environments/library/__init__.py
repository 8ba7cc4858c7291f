"""The engine of every generated library. It runs in the sandbox: standard library only, any supported Python.

`build.py` puts the modules of this package, in the order of `MODULES`, and the quirks' own classes together
into one program. So no two of them may use the same name for different things.
"""

from __future__ import annotations

from typing import Final

MODULES: Final = ("draw", "values", "books", "call", "desk", "opening")
