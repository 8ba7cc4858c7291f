"""A thousand writers of playbooks, each killed at a random moment: is anything lost that was acknowledged?

    python benchmarks/endurance/kills.py [--kills 1000] [--record]

Each is killed in one of the ways in which a playbook is written: commits, snapshots, the making of tables,
the JSON file, erasing and purging, backing up, merging, salvaging, or all of them in turns. A folder is used
for 25 kills, as recovery from one is what the next one meets. Every tenth kill is of a playbook on a
PostgreSQL server, which must be installed: of the writer, of the server's process that serves it, or of the
server, which is started again. After each kill every row is verified, and all that was acknowledged is looked
for.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

from recording import keep
from tests.ace.store.killing import PATHS, Killed, kill_a_writer
from tests.ace.store.killing_server import VICTIMS, check_server, kill_on_a_server
from tests.ace.store.postgres_server import PostgresServer, programs
from tests.ace.store.test_kills import check

A_FOLDER = 25
ON_A_SERVER = 10
TOLD = 50


async def main() -> None:
    """Kill, check, and tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--record", action="store_true", help="keep the figures in results/")
    kills = parser.parse_args().kills
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # it tells of every server that dies
    start, counts, paths = time.perf_counter(), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="playbox-kills-") as folder:
        server = _server(Path(folder))
        for number in range(kills):
            if server is not None and number % ON_A_SERVER == 0:
                victim = VICTIMS[number // ON_A_SERVER % len(VICTIMS)]
                counts["lessons"] += await _on_a_server(server, number, victim)
                paths[f"server: {victim}"] += 1
            else:
                only = PATHS[number % len(PATHS)]
                killed = await _in_a_file(Path(folder) / str(number // A_FOLDER), number, only)
                counts["lessons"] += len(killed.lessons)
                counts["copies"] += len(killed.copies)
                counts["forgotten"] += len(killed.forgotten)
                paths[f"file: {only}"] += 1
            if (number + 1) % TOLD == 0:
                print(
                    f"{number + 1:>6} kills, {counts['lessons']} lessons acknowledged, none lost", flush=True
                )
        if server is not None:
            server.stop()
    figures = {"kills": kills, **counts, "lost": 0, "unreadable": 0}
    print(*(f"{name}: {value}" for name, value in {**figures, **paths}.items()), sep="\n")
    print(f"{time.perf_counter() - start:.0f} s")
    keep(__file__, {"store": figures, "kills_by_path": dict(sorted(paths.items()))})


def _server(folder: Path) -> PostgresServer | None:
    found = programs()
    if found is None:
        print("no PostgreSQL server is installed, so none is killed")
        return None
    folder.chmod(0o711)
    server = PostgresServer(folder / "server", found)
    server.start()
    return server


async def _on_a_server(server: PostgresServer, seed: int, victim: str) -> int:
    url = f"{server.url}?schema=kills_{uuid4().hex}"
    acknowledged = kill_on_a_server(server, url, seed, victim)
    await check_server(url, acknowledged)
    return len(acknowledged)


async def _in_a_file(folder: Path, seed: int, only: str) -> Killed:
    folder.mkdir(exist_ok=True)  # noqa: ASYNC240  # nothing else runs in this loop
    killed = kill_a_writer(folder, seed, only)
    await check(folder, killed)
    return killed


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
