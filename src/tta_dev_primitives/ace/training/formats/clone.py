"""Reading files of a clone: of nothing that its configuration or its links lead to elsewhere."""

from __future__ import annotations

from pathlib import Path

from ....core.errors import InvalidTask


def bytes_of(file: Path, *, below: Path) -> bytes:
    """Return the content of `file`, which is part of a clone that somebody else made.

    Raises:
        InvalidTask: it cannot be read, or is really outside of the folder `below`: what is read is shown to
            models and guests.
    """
    try:
        if not file.resolve().is_relative_to(below.resolve()):
            raise InvalidTask(f"{file} leads out of {below}; clone it again")
        return file.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidTask):
            raise
        raise InvalidTask(f"{file} cannot be read ({error}); clone it again") from None


def text_of(file: Path, *, below: Path) -> str:
    """Return the text of `file`, which must be UTF-8.

    Raises:
        InvalidTask: as `bytes_of`.
    """
    try:
        return bytes_of(file, below=below).decode()
    except UnicodeDecodeError as error:
        raise InvalidTask(f"{file} cannot be read ({error}); clone it again") from None
