"""A disk that is full: files that may not grow past a size."""

from __future__ import annotations

import resource
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def room_for(left: int, path: Path) -> Generator[None]:
    """Let the file at `path` grow by `left` bytes only; what still fits of a write is written."""
    size = path.stat().st_size + left
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
