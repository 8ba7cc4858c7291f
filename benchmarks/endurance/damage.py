"""Thousands of damaged playbooks: a flipped bit, a cut, a wiped page, other bytes. What becomes of each?

    python benchmarks/endurance/damage.py [--times 5000] [--seed 0] [--record]

Of every copy, half have one bit of the file flipped (header, pages of tables and indices, payloads, hashes,
head, snapshots), a quarter one bit of the log that a crash left, and a quarter are cut, have a page wiped or
up to 64 bytes overwritten. Each must load as it was, or with the damaged records named and nothing in use
that was not, or be refused with a remedy; a salvage of it must never use what was not in use. Anything else
ends the run.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from recording import keep
from tests.ace.store.damaging import outcomes

PART = 250


async def main() -> None:
    """Damage, check, and tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", action="store_true", help="keep the figures in results/")
    options = parser.parse_args()
    start, counts = time.perf_counter(), Counter[str]()
    for number, done in enumerate(range(0, options.times, PART)):
        with tempfile.TemporaryDirectory(prefix="playbox-damage-") as folder:
            part = min(PART, options.times - done)
            counts += await outcomes(Path(folder), seed=1000 * options.seed + number, times=part)
        print(f"{counts.total():>6} damaged, none silently", flush=True)
    print(*(f"{count:>6} {became}" for became, count in sorted(counts.items())), sep="\n")
    print(f"{time.perf_counter() - start:.0f} s")
    keep(
        __file__,
        {
            "seed": options.seed,
            "damaged": counts.total(),
            "silently_different": 0,
            "raw_exceptions": 0,
            "became": dict(sorted(counts.items())),
        },
    )


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
