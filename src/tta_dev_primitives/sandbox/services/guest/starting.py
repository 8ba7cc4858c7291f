"""The first code in a box's interpreter: takes the other modules from standard input and starts one.

It runs as `python -c`, so it stands alone. Standard input and output are the channel to the other box; once
that is put aside, what is printed goes to standard error.
"""

import json
import os
import sys
from types import ModuleType
from typing import Any

_PACKAGE = "playbox_beside"


def _exactly(size: int) -> bytes:
    """Read so many bytes from standard input, and not one of what follows."""
    data = b""
    while len(data) < size:
        more = os.read(0, size - len(data))
        if not more:
            os._exit(1)
        data += more
    return data


def _start() -> None:
    given: dict[str, Any] = json.loads(_exactly(int.from_bytes(_exactly(4), "big")))
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    package = module = ModuleType(_PACKAGE)
    package.__path__ = []
    sys.modules[_PACKAGE] = package
    for name, text in given["modules"].items():  # each after those that it imports
        module = ModuleType(f"{_PACKAGE}.{name}")
        module.__package__ = _PACKAGE
        sys.modules[module.__name__] = module
        setattr(package, name, module)
        exec(compile(text, f"<playbox>/{name}.py", "exec"), module.__dict__)  # noqa: S102  # how they are loaded
    module.main(source, sink, given["config"])


_start()
