"""A process of its own that commits lesson after lesson and says which are acknowledged."""

from __future__ import annotations

import asyncio
import resource
import sys
from pathlib import Path

from tests.ace.making import adding
from tta_dev_primitives.ace.store import open_store
from tta_dev_primitives.core.errors import StoreError


async def write(place: Path | str, name: str, most: int) -> None:
    store = open_store(place)
    for number in range(most):
        try:
            await store.commit(adding(f"lesson {name} {number}"))
        except StoreError as error:
            print(f"{type(error).__name__}: {error}", flush=True)  # noqa: T201  # read by the test
            break
        print(f"lesson {name} {number}", flush=True)  # noqa: T201  # read by the test
    await store.aclose()


if __name__ == "__main__":
    if len(sys.argv) > 4:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
    place = sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1])
    asyncio.run(write(place, sys.argv[2], int(sys.argv[3])))
