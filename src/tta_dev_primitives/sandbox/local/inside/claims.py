"""What a guest says of its values and exceptions, of bounded size.

Bound here before guest code runs, as it may patch the standard library by accident; see runner.py.
"""

from __future__ import annotations

import traceback
from collections.abc import Container
from types import TracebackType
from typing import Final

from . import messages
from .messages import ErrorClaim

_OUR_FILES: Final = "<jail>/"
"""As loader.py names them."""


def text(value: object) -> str:
    """Return the value's repr, or what came of it."""
    try:
        return repr(value)[: messages.MAX_RESULT_CHARS]
    except Exception as error:  # noqa: BLE001  # a broken __repr__ does not undo a run that succeeded
        told = f"<{type(value).__name__} whose repr raised {type(error).__name__}>"
        return told[: messages.MAX_ERROR_NAME_CHARS]


def of_error(error: BaseException, files: Container[str]) -> ErrorClaim:
    """Return what a guest's exception is like; `files` are the names of its own source files."""
    try:
        guest_frames = _guest_part(error.__traceback__)
        lines = traceback.format_exception(type(error), error, guest_frames)
        return ErrorClaim(
            name=str(type(error).__name__)[: messages.MAX_ERROR_NAME_CHARS],
            value=_message(error)[: messages.MAX_ERROR_VALUE_CHARS],
            traceback=_ends("".join(lines), messages.MAX_TRACEBACK_CHARS),
            line=_line(error, guest_frames, files),
        )
    except BaseException:  # noqa: BLE001  # an exception that cannot even be described
        return ErrorClaim(name="Exception", value="", traceback="", line=None)


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # noqa: BLE001  # a hostile __str__
        return "<exception str() failed>"


def _ends(text: str, most: int) -> str:
    """Cut out the middle of what is too long: where it began and what went wrong are at the ends."""
    return text if len(text) <= most else f"{text[: most // 2]}\n[...]\n{text[-most // 2 :]}"


def _guest_part(frames: TracebackType | None) -> TracebackType | None:
    """Skip our own frames at the top."""
    while frames is not None and frames.tb_frame.f_code.co_filename.startswith(_OUR_FILES):
        frames = frames.tb_next
    return frames


def _line(error: BaseException, frames: TracebackType | None, files: Container[str]) -> int | None:
    """Return the innermost line of the program itself, or of its syntax error."""
    if isinstance(error, SyntaxError) and error.filename is not None and error.filename in files:
        return error.lineno
    line = None
    while frames is not None:
        if frames.tb_frame.f_code.co_filename in files:
            line = frames.tb_lineno
        frames = frames.tb_next
    return line
