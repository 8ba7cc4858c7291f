"""Which files may stand beside a program: paths that stay inside, names that are free, a size that fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from unicodedata import normalize

from .hygiene import visible

RESERVED_FILES = frozenset(
    {
        "main.py",
        "playbox_blame.py",
        "playbox_equal.py",
        "playbox_ground.py",
        "playbox_input.json",
        "playbox_others.py",
        "playbox_program.py",
        "playbox_report.py",
        "playbox_stdin.txt",
        "pytest.py",
    }
)
"""Names in the working directory that the checks themselves need."""
MAX_FILES_BYTES = 48 << 20
"""In whole blocks; leaves the program a quarter of the disk that it has by default (`Limits.disk_bytes`)."""
MAX_FILES = 5_000
_BLOCK = 4096
_MAX_PATH_BYTES = 1024
_MAX_NAME_BYTES = 255


def check_files(files: Mapping[str, bytes], *, solution_file: str) -> None:
    """Refuse what cannot be put beside a program, before a model is paid for one.

    Raises:
        ValueError: names the path, or the size, and what is possible.
    """
    taken = RESERVED_FILES | {solution_file}
    for path in files:
        _check_path(path)
        if path in RESERVED_FILES:
            raise ValueError(f"{path!r} is the name of a file that runs the checks; call yours differently")
        if path == solution_file:
            raise ValueError(f"{path!r} is solution_file, where the program goes; call yours differently")
    for path in _folders(files) & (files.keys() | taken):
        raise ValueError(f"path {path!r} is a file and also the folder of another file; rename one of them")
    _check_size(files)


def _check_path(path: str) -> None:
    if any(part in ("", ".", "..") for part in path.split("/")) or "\0" in path:
        raise ValueError(
            f"path {path!r} must be relative and stay below the working directory: 'data/a.csv', for example"
        )
    try:
        longest = max(len(part.encode()) for part in path.split("/"))
    except UnicodeEncodeError:
        raise ValueError(f"path {path!r} cannot be written as UTF-8; rename the file") from None
    if longest > _MAX_NAME_BYTES or len(path.encode()) > _MAX_PATH_BYTES:
        raise ValueError(
            f"path {path[:80]!r}... is too long; at most {_MAX_PATH_BYTES} bytes, {_MAX_NAME_BYTES} a name"
        )
    if "\n" in path or "\t" in path or visible(path) != normalize("NFC", path):
        raise ValueError(
            f"path {path!r} has invisible characters or a line break: names stand in prompts; rename it"
        )


def _folders(paths: Iterable[str]) -> set[str]:
    parts = [path.split("/") for path in paths]
    return {"/".join(names[:count]) for names in parts for count in range(1, len(names))}


def _check_size(files: Mapping[str, bytes]) -> None:
    size = sum(-(-len(content) // _BLOCK) * _BLOCK for content in files.values())
    if size > MAX_FILES_BYTES:
        raise ValueError(
            f"{len(files)} files take {size / (1 << 20):.1f} MiB; at most {MAX_FILES_BYTES >> 20} MiB fit "
            "beside a program: give a part of them"
        )
    if len(files) > MAX_FILES:
        raise ValueError(f"{len(files)} files are too many; at most {MAX_FILES} fit beside a program")
