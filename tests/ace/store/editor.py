"""A process of its own that rewords one strategy again and again, and says what became of each edit."""

from __future__ import annotations

import asyncio
import json
import sys

from tta_dev_primitives.ace.editing import edit
from tta_dev_primitives.ace.store import open_store
from tta_dev_primitives.core.errors import PlaybookConflict


async def edit_often(place: str, name: str, times: int) -> None:
    store = open_store(place)
    for number in range(times):
        bullet = (await store.load()).get("str-00001")
        assert bullet is not None
        print("ready", flush=True)  # noqa: T201  # read by the test
        sys.stdin.readline()  # both have read the same revision before either edits it
        wanted = f"{name} {number}"
        told: dict[str, object] = {"wanted": wanted, "on": bullet.revision}
        try:
            await edit(store, "str-00001", wanted, revision=bullet.revision)
        except PlaybookConflict as late:
            told |= {"conflict": [late.wanted, late.based_on, late.current, late.revision]}
        print(json.dumps(told), flush=True)  # noqa: T201  # read by the test
        sys.stdin.readline()
    await store.aclose()


if __name__ == "__main__":
    asyncio.run(edit_often(sys.argv[1], sys.argv[2], int(sys.argv[3])))
