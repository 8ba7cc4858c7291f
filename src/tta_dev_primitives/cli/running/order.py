"""From the options of `playbox sandbox run` to a program and what it may use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from ...core.errors import ConfigurationError, InvalidTask
from ...sandbox.local.inputs import MAX_CODE_BYTES
from ...sandbox.types import Limits
from ..reading import STDIN, read_bytes, read_stdin, read_text

_MIB: Final = 1 << 20
_LANGUAGES: Final = MappingProxyType(
    {".py": "python", ".sh": "bash", ".js": "javascript", ".c": "c", ".cpp": "c++"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What runs: its code, the files beside it, and the environment."""

    code: str
    language: str
    files: dict[str, bytes]
    envs: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the run may use; sizes are in MiB, None is the default."""

    timeout_s: float | None = None
    memory_mib: int | None = None
    disk_mib: int | None = None
    processes: int | None = None

    def limits(self) -> Limits:
        """Return them with the defaults.

        Raises:
            ConfigurationError: one is out of range.
        """
        usual = Limits()
        wall_s = usual.wall_s if self.timeout_s is None else self.timeout_s
        if not (math.isfinite(wall_s) and wall_s > 0):
            raise ConfigurationError(f"--timeout {wall_s!r} must be a number of seconds above 0")
        return Limits(
            wall_s=wall_s,
            # A program that computes all the time may use the time that it was given.
            cpu_s=max(usual.cpu_s, math.ceil(wall_s)),
            memory_bytes=usual.memory_bytes if self.memory_mib is None else self.memory_mib * _MIB,
            disk_bytes=usual.disk_bytes if self.disk_mib is None else self.disk_mib * _MIB,
            processes=self.processes,
        )

    def of_this_machine(self) -> list[str]:
        """Return the options given that only the local sandbox has."""
        given = {"--memory": self.memory_mib, "--disk": self.disk_mib, "--processes": self.processes}
        return [option for option, value in given.items() if value is not None]


def read_program(
    file: Path, language: str | None, beside: Sequence[Path], envs: Sequence[str], limits: Limits
) -> Program:
    """Return the program, with everything read.

    Raises:
        InvalidTask: a file cannot be read or has the name of another one, nothing names the language, or an
            item of `envs` is not NAME=VALUE.
    """
    named = language or _language_of(file)
    from_stdin = str(file) == STDIN
    code = read_stdin("FILE", MAX_CODE_BYTES) if from_stdin else read_text("FILE", file, MAX_CODE_BYTES)
    files = _files(beside, limits.disk_bytes)
    return Program(code=code, language=named, files=files, envs=dict(map(_variable, envs)))


def _language_of(file: Path) -> str:
    if str(file) == STDIN:
        return "python"
    try:
        return _LANGUAGES[file.suffix.lower()]
    except KeyError:
        raise InvalidTask(
            f"FILE={str(file)!r} does not tell its language ({' '.join(_LANGUAGES)}); name it with --language"
        ) from None


def _files(paths: Sequence[Path], most: int) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for path in paths:
        if path.name in files:
            raise InvalidTask(f"--file={str(path)!r}: there is a file {path.name!r} already; rename one")
        # One byte more than there is room for, which the sandbox then says.
        files[path.name] = read_bytes("--file", path, most + 1)
    return files


def _variable(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign):
        raise InvalidTask("an --env must be NAME=VALUE; one here has no NAME or no '='")
    return name, value
