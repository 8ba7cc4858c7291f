"""What a kernel says, read as the claims of a guest: well-formed, of bounded size, and nothing more."""

from __future__ import annotations

import binascii
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from ...types import Result
from ..protocol import ErrorClaim

_TEXTS: Final = frozenset({"html", "markdown", "svg", "latex", "json", "javascript", "data", "chart"})
_BINARY: Final = frozenset({"png", "jpeg", "pdf"})
_MOST_QUOTES: Final = 256
"""Of all names and texts of one claim, two each."""
_MOST_OTHER_BYTES: Final = 4096
"""Of one claim, outside of its texts."""


class _Claim(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Ready(_Claim):
    """The kernel waits for cells."""

    op: Literal["ready"]


class Forked(_Claim):
    """There is another one of it."""

    op: Literal["forked"]
    number: int
    pid: int = Field(gt=1)


class Refused(_Claim):
    """It could not be forked."""

    op: Literal["refused"]
    number: int
    reason: str


class Shown(_Claim):
    """The cell displayed a value."""

    op: Literal["shown"]
    number: int
    text: str
    formats: dict[str, str]
    is_main_result: bool

    def result(self) -> Result:
        """Return the value, with the forms that have a known name."""
        formats = {name: text for name, text in self.formats.items() if _is_readable(name, text)}
        return Result(text=self.text, is_main_result=self.is_main_result, formats=formats)


class Done(_Claim):
    """The cell is over."""

    op: Literal["done"]
    number: int
    error: ErrorClaim | None


def _is_readable(name: str, text: str) -> bool:
    """Whether this is a form of a known name, in the encoding that is due."""
    if name not in _BINARY:
        return name in _TEXTS
    try:
        binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return False
    return True


KernelClaim = Annotated[Ready | Forked | Refused | Shown | Done, Field(discriminator="op")]
_KERNEL_CLAIMS: Final[TypeAdapter[KernelClaim]] = TypeAdapter(KernelClaim)


def read_claim(line: bytes) -> KernelClaim:
    """Return what a line says.

    Raises:
        ValueError: it is no claim, or more than texts and a little around them.
    """
    if not _is_texts(line):
        raise ValueError(f"a line of {len(line)} bytes holds more than a claim has")
    return _KERNEL_CLAIMS.validate_json(line)


def _is_texts(line: bytes) -> bool:
    """Whether there are few JSON strings and little else: a parsed list takes a hundred times its text."""
    parts = line.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"', _MOST_QUOTES + 1)
    return len(parts) <= _MOST_QUOTES + 1 and sum(map(len, parts[::2])) <= _MOST_OTHER_BYTES
