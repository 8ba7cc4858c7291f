"""What is sent into a box: modules as text, and what the last of them is started with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

from pydantic import JsonValue

from ..local.interpreter import PYTHON_FLAGS, base_interpreter

_GUEST: Final = resources.files(f"{__package__}.guest")
_LENGTH_BYTES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestModules:
    """Modules of `guest/` by name, each after those that it imports; the last has the `main` to call."""

    texts: Mapping[str, str]

    def with_last(self, text: str) -> GuestModules:
        """Return the same with another text of the last one."""
        return GuestModules(texts={**self.texts, tuple(self.texts)[-1]: text})

    def encoded(self, config: Mapping[str, JsonValue]) -> bytes:
        """Return the bytes for standard input of what `command` starts."""
        data = json.dumps({"modules": dict(self.texts), "config": dict(config)}).encode("ascii")
        return len(data).to_bytes(_LENGTH_BYTES, "big") + data


def service_modules() -> GuestModules:
    """Return what serves: the scripted service."""
    return _modules("frames", "parsing", "scripted", "serving")


def program_modules() -> GuestModules:
    """Return what runs a program with a channel to its service."""
    return _modules("frames", "shim", "calling")


def command() -> tuple[str, ...]:
    """Return the command that takes modules from standard input and starts the last one."""
    return (base_interpreter().executable, *PYTHON_FLAGS, "-c", _text("starting"))


def _modules(*names: str) -> GuestModules:
    return GuestModules(texts={name: _text(name) for name in names})


def _text(name: str) -> str:
    return (_GUEST / f"{name}.py").read_text(encoding="utf-8")
