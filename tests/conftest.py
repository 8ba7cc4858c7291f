"""What is loaded before the first test stays to the end: the garbage collector need not search it again."""

from __future__ import annotations

import gc


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
