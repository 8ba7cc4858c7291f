"""What crosses the border to a run: the program going in, and the guest's claim coming out."""

from __future__ import annotations

import marshal
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, ValidationError

from ..types import ExecutionError, Limits, Result
from .inside.messages import ProgramHeader, RunLimits

_LENGTH_BYTES = 4
_plain = str.__str__
"""Of a kind of text, as members of StrEnum are, the text itself: `marshal` takes no kinds."""


class ErrorClaim(BaseModel):
    """What a guest says about its exception."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str
    value: str
    traceback: str
    line: int | None

    def execution_error(self) -> ExecutionError:
        """Return the claimed exception."""
        return ExecutionError(name=self.name, value=self.value, traceback=self.traceback, line=self.line)


class Claim(BaseModel):
    """What a guest says about its run. Well-formed and of bounded size, and nothing more."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    result: str | None = None
    error: ErrorClaim | None = None

    def results(self) -> tuple[Result, ...]:
        """Return the last expression's text as a result, if there is one."""
        return () if self.result is None else (Result(text=self.result, is_main_result=True),)

    def execution_error(self) -> ExecutionError | None:
        """Return the claimed exception."""
        return None if self.error is None else self.error.execution_error()


NO_CLAIM = Claim()


def encode_program(  # noqa: PLR0913  # they are the fields of the header
    code: str,
    files: Mapping[str, bytes],
    envs: Mapping[str, str],
    commands: Sequence[Sequence[str]] = (),
    *,
    lower: RunLimits | None = None,
    notice: bool = True,
) -> bytes:
    """Return the bytes that a child reads: length, header, contents. With `commands` the code is a file.

    `lower` are the limits for a spare with higher ones. With `notice` its end is told before the run is gone.
    """
    header = ProgramHeader(
        code="" if commands else _plain(code),
        commands=[list(command) for command in commands],
        envs={_plain(name): _plain(value) for name, value in envs.items()},
        files=[(_plain(path), len(content)) for path, content in files.items()],
        lower=lower,
        notice=notice,
    )
    # Both ends are the same interpreter. Lone surrogates in generated code arrive, and are its own error.
    text = marshal.dumps(dict(header))
    return b"".join((len(text).to_bytes(_LENGTH_BYTES, "big"), text, *files.values()))


def decode_claim(data: bytes) -> Claim:
    """Return the claim in `data`, or an empty one if it is not well-formed."""
    if not data:
        return NO_CLAIM
    try:
        return Claim.model_validate_json(data)
    except ValidationError:
        return NO_CLAIM


def kernel_limits(limits: Limits, *, reserved_bytes: int = 0) -> RunLimits:
    """Return the limits that the kernel enforces from inside; the host enforces the others.

    `reserved_bytes` of address space come on top of the memory (see `Language.reserved_bytes`).
    """
    return RunLimits(
        cpu_s=limits.cpu_s,
        memory_bytes=limits.memory_bytes,
        address_bytes=limits.memory_bytes + reserved_bytes,
        disk_bytes=limits.disk_bytes,
        inodes=limits.inodes,
        open_files=limits.open_files,
        processes=limits.processes or 1,
    )
