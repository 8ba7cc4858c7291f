"""Environment: a language and the versions that programs run with; layers are what some have in common."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Self

from pydantic import BaseModel, Field, ValidationError

from ...core.errors import ConfigurationError, SandboxCrashed
from ...sandbox.types import Sandbox

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_GENERAL = "general"
_ASK = """
import importlib, json, sys
found = {}
for name in NAMES:
    try:
        found[name] = str(getattr(importlib.import_module(name), "__version__", ""))
    except ImportError:
        pass
print(json.dumps({"language": "%d.%d" % sys.version_info[:2], "libraries": found}))
"""


class _Told(BaseModel):
    """What a program said of itself: what is a part of a file's name must not lead to another file."""

    language: Annotated[str, Field(max_length=40, pattern=r"^[0-9]+(\.[0-9]+)*$")]
    libraries: Mapping[str, Annotated[str, Field(max_length=100)]]


@dataclass(frozen=True, slots=True)
class Layer:
    """What environments have in common, such as `python`, `python@3.11` and `pandas@2`; none is general."""

    requirements: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The name of its file, without a suffix."""
        return "+".join(sorted(self.requirements)) or _GENERAL

    @classmethod
    def named(cls, name: str) -> Self:
        """Return the layer of that name."""
        return cls(frozenset() if name == _GENERAL else frozenset(name.split("+")))

    def __and__(self, other: Layer) -> Layer:
        """Return the most special layer that both are part of."""
        return Layer(self.requirements & other.requirements)

    def __le__(self, other: Layer) -> bool:
        """Tell whether what is learned here is seen there: whether this is as general, or more so."""
        return self.requirements <= other.requirements


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """`language_version` is that of the interpreter, such as 3.11; `libraries` are name -> version."""

    language: str = "python"
    language_version: str = ""
    libraries: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        for name in (self.language, *self.libraries):
            if not _NAME.fullmatch(name):
                raise ConfigurationError(f"{name!r} is no name of a language or library")
        if self.language_version and not _NAME.fullmatch(self.language_version):
            raise ConfigurationError(
                f"language_version={self.language_version!r} is no version, such as '3.11'; as it is a part "
                "of a file's name, it can hold letters, digits, points, _ and - only"
            )

    @classmethod
    async def of(cls, sandbox: Sandbox, libraries: Iterable[str] = ("numpy", "pandas")) -> Self:
        """Return what Python programs in `sandbox` run with, found out by running one there.

        Of `libraries` those count that can be imported.

        Raises:
            SandboxError: the sandbox failed, or what it says makes no sense.
        """
        names = list(libraries)
        execution = await sandbox.run_code(_ASK.replace("NAMES", json.dumps(names)))
        try:
            told = _Told.model_validate_json(execution.stdout)
        except ValidationError:
            raise SandboxCrashed(
                f"the sandbox does not tell its versions: {execution.stop}, {execution.stderr[-200:]!r}"
            ) from None
        found = {name: version for name, version in told.libraries.items() if name in names}
        return cls(language_version=told.language, libraries=found)

    @property
    def layer(self) -> Layer:
        """The most special layer: the language with its minor version, each library with its major one."""
        own = [self.language]
        if self.language_version:
            own.append(f"{self.language}@{self.language_version}")
        return Layer(frozenset((*own, *(f"{n}@{_major(v)}" for n, v in self.libraries.items()))))


def _major(version: str) -> str:
    found = re.match(r"\d+", version)
    return found[0] if found else "unknown"
