"""Which Python runs inside, and which paths of this machine guests may read."""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import CodeType
from typing import Final

from ...core.errors import SandboxUnavailable

UNPRIVILEGED_ID: Final = 65534
"""nobody on every Linux; root becomes this before anything else runs."""
PYTHON_FLAGS: Final = ("-I", "-S", "-B", "-X", "utf8")

_SYSTEM: Final = (
    "/bin",
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/bin",
    "/usr/include",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/share/zoneinfo",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/localtime",
)
_OF_A_PREFIX: Final = ("bin", "lib", "lib64", "include")
"""Not a whole prefix: projects are often kept in one, such as /usr/src or /opt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What starts our code in a fresh interpreter: `loader` as its `-c`, `data` on its standard input."""

    loader: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """The base interpreter of the running Python, and the paths that it needs."""

    executable: str
    readable: tuple[str, ...]


def base_interpreter() -> Interpreter:
    """Return the interpreter below the running one: no virtual environment, no site packages."""
    found: str = getattr(sys, "_base_executable", "") or sys.executable
    if not found:
        raise SandboxUnavailable("Python runs embedded here (sys.executable is empty); start it as a program")
    executable = Path(found).resolve()
    prefixes = {Path(sys.base_prefix).resolve(), executable.parent.parent}
    parts = [str(prefix / part) for prefix in sorted(prefixes) for part in _OF_A_PREFIX]
    return Interpreter(executable=str(executable), readable=_without_nested((*_SYSTEM, *parts)))


def jail_payload(entry: str, config: Mapping[str, object]) -> Payload:
    """Return all modules of `inside/` with the call `entry.main(config)`."""
    package = resources.files(f"{__package__}.inside")
    files = (file for file in package.iterdir() if file.name.endswith(".py"))
    texts = {file.name.removesuffix(".py"): file.read_text(encoding="utf-8") for file in files}
    loader = texts.pop("loader")
    named = {"inside" if name == "__init__" else f"inside.{name}": text for name, text in texts.items()}
    code = {name: _compiled(name, text) for name, text in named.items()}
    return Payload(loader=loader, data=marshal.dumps({"code": code, "entry": entry, "config": config}))


def _compiled(name: str, text: str) -> CodeType:
    """Return the code of a module, without its docstrings. The base interpreter is of the same version."""
    code: CodeType = compile(text, f"<jail>/{name}.py", "exec", dont_inherit=True, optimize=2)
    return code


def _without_nested(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Drop paths that are missing, named twice, or lie inside another one."""
    present = sorted({path for path in paths if os.path.lexists(path)})
    directories = [path for path in present if not Path(path).is_symlink()]
    return tuple(path for path in present if not any(path.startswith(f"{other}/") for other in directories))
