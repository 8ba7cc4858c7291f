"""Append to a file of lines so that it never holds a part of one with another line after it."""

from __future__ import annotations

import errno
import os


def append(file: int, line: bytes) -> None:
    """Append `line` to the open `file` whole or not at all: a disk may fill in the middle of it.

    Raises:
        OSError: it could not be written.
    """
    written = os.write(file, line)
    if written < len(line):
        os.ftruncate(file, os.fstat(file).st_size - written)
        raise OSError(errno.ENOSPC, "only a part of a line could be written; is the disk full?")
