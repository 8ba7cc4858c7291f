"""A process of its own that commits lesson after lesson and says which are acknowledged."""

from __future__ import annotations

import asyncio
import resource
import sys
from pathlib import Path

from tests.ace.making import adding
from tta_dev_primitives.ace.store import open_store
from tta_dev_primitives.core.errors import StoreError


async def write(path: Path, name: str, most: int) -> None:
    store = open_store(path)
    for number in range(most):
        try:
            await store.commit(adding(f"lesson {name} {number}"))
        except StoreError as error:
            print(f"{type(error).__name__}: {error}", flush=True)  # noqa: T201  # read by the test
            return
        print(f"lesson {name} {number}", flush=True)  # noqa: T201  # read by the test


if __name__ == "__main__":
    if len(sys.argv) > 4:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
    asyncio.run(write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
