"""A thousand writers of playbooks, each killed at a random moment: is anything lost that was acknowledged?

    python benchmarks/endurance/kills.py [--kills 1000] [--record]

The writers add, reword, pin, forget and purge, back up and merge, with and without a JSON file beside the
database, and with a snapshot every five events. A folder is used for 25 kills, as recovery from one is what
the next one meets. After each kill every row is verified, and all that was acknowledged is looked for.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from recording import keep
from tests.ace.store.killing import kill_a_writer
from tests.ace.store.test_kills import check

A_FOLDER = 25


async def main() -> None:
    """Kill, check, and tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--record", action="store_true", help="keep the figures in results/")
    kills = parser.parse_args().kills
    start, acknowledged, copies, forgotten = time.perf_counter(), 0, 0, 0
    for first in range(0, kills, A_FOLDER):
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(first, min(first + A_FOLDER, kills)):
                killed = kill_a_writer(Path(folder), seed)
                await check(Path(folder), killed)
                acknowledged += len(killed.lessons)
                copies += len(killed.copies)
                forgotten += len(killed.forgotten)
        print(
            f"{min(first + A_FOLDER, kills):>6} kills, {acknowledged} lessons acknowledged, none lost",
            flush=True,
        )
    figures = {"kills": kills, "lessons": acknowledged, "copies": copies, "forgotten": forgotten, "lost": 0}
    print(*(f"{name}: {value}" for name, value in figures.items()), sep="\n")
    print(f"{time.perf_counter() - start:.0f} s")
    keep(__file__, {"store": figures})


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
