"""A pause of the garbage collector, for reading many values that are going to stay."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Generator[None]:
    """Pause the collector of cycles, which would walk all that was read so far again and again.

    What is read has no cycles. Reading 100,000 bullets takes a third of the time
    (`benchmarks/store.py`).
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
