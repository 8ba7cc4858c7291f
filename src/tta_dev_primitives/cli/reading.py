"""Text that the command line names: files and stdin."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from ..core.errors import InvalidTask

STDIN: Final = "-"
_MOST_BYTES_OF_A_CHARACTER: Final = 4
"""In UTF-8."""


def read_text(option: str, path: Path, most: int) -> str:
    """Return the text of a file, which has at most `most` characters.

    Raises:
        InvalidTask: it is missing, too long or no text; the message begins with `option`.
    """
    return _decoded(option, repr(str(path)), read_bytes(option, path, _enough(most)), most)


def read_stdin(option: str, most: int) -> str:
    """Return the text that comes in on stdin.

    Raises:
        InvalidTask: it is too long or no text.
    """
    return _decoded(option, "stdin", sys.stdin.buffer.read(_enough(most)), most)


def read_bytes(option: str, path: Path, most: int) -> bytes:
    """Return the first `most` bytes of a file.

    Raises:
        InvalidTask: it is missing or cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise InvalidTask(f"{option}={str(path)!r} cannot be read: {error.strerror}") from None


def _enough(most: int) -> int:
    """One byte more than the longest text, so that a longer one is noticed."""
    return most * _MOST_BYTES_OF_A_CHARACTER + 1


def _decoded(option: str, name: str, content: bytes, most: int) -> str:
    too_long = len(content) >= _enough(most)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "" if too_long else "\0"
    if "\0" in text:
        raise InvalidTask(f"{option}={name} is not UTF-8 text (is it a binary file?); give a text file")
    if too_long or len(text) > most:
        raise InvalidTask(f"{option}={name} is longer than {most:,} characters; give the part that matters")
    return text
