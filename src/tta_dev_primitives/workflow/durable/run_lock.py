"""A lock on one run of a journal, which the kernel releases when the process dies, however it dies."""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ...core.errors import RunInProgress

_FLOCK = "hhqqi"  # struct flock of Linux: type, whence, start, length, process
_OFFSET_BITS = 62  # a file offset is a signed 64-bit number


def lock_run(path: Path, run_id: str) -> int:
    """Return a descriptor that holds the lock on `run_id` of the journal at `path` until it is closed.

    The lock is one byte of a side file of the journal, at an offset made from the id. It belongs to the open
    descriptor: one file serves all runs, and the tasks of one process exclude each other too.

    Raises:
        RunInProgress: somebody else holds it.
    """
    descriptor = os.open(_side_file(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _range(run_id))
    except BlockingIOError:
        os.close(descriptor)
        raise RunInProgress(
            f"the run {run_id!r} of the journal {str(path)!r} is in progress in another process, thread or "
            "task; wait until it ends, or end it"
        ) from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def locked_run(path: Path, run_id: str) -> Generator[None]:
    """Hold the lock on a run for a while."""
    descriptor = lock_run(path, run_id)
    try:
        yield
    finally:
        os.close(descriptor)


def is_locked(path: Path, run_id: str) -> bool:
    """Whether somebody is at the run now; asking takes no lock, so it is in nobody's way."""
    side = _side_file(path)
    if not side.exists():
        return False
    descriptor = os.open(side, os.O_RDWR | os.O_CLOEXEC)
    try:
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _range(run_id))
    finally:
        os.close(descriptor)
    return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)


def _side_file(path: Path) -> Path:
    real = path.resolve()
    return real.with_name(f"{real.name}-runs")


def _range(run_id: str) -> bytes:
    digest = hashlib.sha256(run_id.encode("utf-8", "surrogatepass")).digest()
    offset = int.from_bytes(digest[:8], "big") >> (64 - _OFFSET_BITS)
    return struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, offset, 1, 0)
