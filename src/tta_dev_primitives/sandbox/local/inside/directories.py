"""Directories of runs: make one, and remove it when the run is over, however deep or odd it left it."""

from __future__ import annotations

import contextlib
import os
import stat


def make(beside: str | None, prefix: str) -> str:
    """Return a new directory for its owner alone, in `beside` or where temporary files go."""
    # Not at the top: it brings compressors along, which would make every fork of the jail slower.
    import tempfile  # noqa: PLC0415

    return tempfile.mkdtemp(prefix=prefix, dir=beside)


def remove(top: str) -> None:
    """Delete `top` and all below it, without following links and without paths that grow with its depth.

    Every directory found is first moved beside `top`. What cannot be deleted stays behind: the run is over.
    """
    beside, waiting = os.path.dirname(top), [top]
    while waiting:
        directory = waiting.pop()
        with contextlib.suppress(OSError):
            os.chmod(directory, stat.S_IRWXU)
            with os.scandir(directory) as entries:
                waiting += [moved for entry in entries for moved in _take_out(entry, beside)]
            os.rmdir(directory)


def _take_out(entry: os.DirEntry[str], beside: str) -> list[str]:
    """Delete a file; move a directory to a new name in `beside` and return that."""
    if not entry.is_dir(follow_symlinks=False):
        os.unlink(entry.path)
        return []
    # To move a directory, its own ".." is rewritten, which needs the right to write into it.
    os.chmod(entry.path, stat.S_IRWXU, follow_symlinks=True)
    target = make(beside, "removed-")
    os.rename(entry.path, target)
    return [target]
