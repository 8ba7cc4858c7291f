"""Check what a caller hands to a run before anything of it is sent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from ...core.errors import ConfigurationError
from ..types import Limits

MAX_CODE_BYTES: Final = 4 << 20
MAX_ENVS_BYTES: Final = 128 << 10
_MAX_NAME_BYTES: Final = 255
_MAX_PATH_BYTES: Final = 1024
_BLOCK: Final = 4096
_LEAST: Final = {
    # An interpreter that only starts maps about 20 MiB.
    "memory_bytes": 48 << 20,
    "disk_bytes": _BLOCK,
    "open_files": 16,
}
_WHOLE: Final = ("cpu_s", "memory_bytes", "disk_bytes", "inodes", "open_files", "processes", "output_bytes")
_LEFT_TO_THE_LANGUAGE: Final = "processes"
_MOST: Final = (1 << 62) - 1


def check_limits(limits: Limits) -> None:
    """Refuse limits that the kernel cannot take or no interpreter can start with."""
    if not math.isfinite(limits.wall_s):
        raise ConfigurationError(f"limit wall_s={limits.wall_s!r} must be a number of seconds")
    for name in _WHOLE:
        value = getattr(limits, name)
        if value is None and name == _LEFT_TO_THE_LANGUAGE:
            continue
        if type(value) is not int or value > _MOST:
            raise ConfigurationError(f"limit {name}={value!r} must be a whole number up to {_MOST}")
    for name, least in _LEAST.items():
        if getattr(limits, name) < least:
            raise ConfigurationError(f"limit {name}={getattr(limits, name)!r} must be at least {least}")


def check_code(code: str) -> None:
    """Refuse code that is no text or too long. Text that is no Python is the guest's own error."""
    if not isinstance(code, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"code must be a str, not {type(code).__name__}")
    if len(code) > MAX_CODE_BYTES:
        raise ConfigurationError(f"code of {len(code)} characters is too long; at most {MAX_CODE_BYTES}")


def check_envs(envs: Mapping[str, str]) -> None:
    """Refuse what no environment can hold."""
    total = 0
    for name, value in envs.items():
        if not name or "=" in name:
            raise ConfigurationError(f"environment name {name!r} must not be empty or contain '='")
        total += len(_encoded(name, "environment name")) + len(_encoded(value, f"value of {name!r}"))
    if total > MAX_ENVS_BYTES:
        raise ConfigurationError(f"environment of {total} bytes is too large; at most {MAX_ENVS_BYTES}")


def check_files(files: Mapping[str, bytes], limits: Limits) -> None:
    """Refuse paths that leave the working directory or collide, and what does not fit on the run's disk."""
    directories: set[str] = set()
    for path, content in files.items():
        directories.update(_parents(path))
        if not isinstance(content, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"content of file {path!r} must be bytes, not {type(content).__name__}")
    for path in directories & files.keys():
        raise ConfigurationError(f"file {path!r} is also a directory of another file")
    blocks = sum(-(-len(content) // _BLOCK) for content in files.values())
    if blocks * _BLOCK > limits.disk_bytes:
        raise ConfigurationError(
            f"files of {blocks * _BLOCK} bytes (whole blocks) exceed disk_bytes={limits.disk_bytes}"
        )
    if len(files) + len(directories) > limits.inodes:
        raise ConfigurationError(
            f"{len(files) + len(directories)} files and directories exceed inodes={limits.inodes}"
        )


def _parents(path: str) -> set[str]:
    """Return the directories that `path` needs, after checking it."""
    encoded = _encoded(path, "file path")
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise ConfigurationError(f"file path {path!r} must be relative, normal and without '..'")
    if len(encoded) > _MAX_PATH_BYTES or any(len(part.encode()) > _MAX_NAME_BYTES for part in parts):
        raise ConfigurationError(
            f"file path {path[:80]!r}... is too long;"
            f" at most {_MAX_PATH_BYTES} bytes, {_MAX_NAME_BYTES} a name"
        )
    return {"/".join(parts[:length]) for length in range(1, len(parts))}


def _encoded(text: str, what: str) -> bytes:
    if not isinstance(text, str) or "\0" in text:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"{what} {text!r} must be a str without NUL characters")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ConfigurationError(f"{what} {text!r} cannot be written as UTF-8") from error
