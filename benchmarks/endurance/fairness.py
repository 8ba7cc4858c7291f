"""Eight processes commit to one playbook at once: is every commit there, and is any writer left behind?

    python benchmarks/endurance/fairness.py [--writers 8] [--commits 500] [--rounds 3] [--record]

Both stores, the SQLite file and a PostgreSQL server that is started for it where its programs are installed.
All writers start at one moment. The share of a writer is how many commits it had stored when the first writer
was done, against the mean of all at that moment; the round with the smallest share counts.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from recording import keep
from tests.ace.store.contest import Contest, contest
from tests.ace.store.postgres_server import PostgresServer, programs

from tta_dev_primitives.ace.store import open_store


@contextmanager
def server(folder: Path) -> Generator[str | None]:
    """Yield the address of a server, None where none can be started."""
    found = programs()
    if found is None:
        yield None
        return
    running = PostgresServer(folder / "server", found)
    running.start()
    try:
        yield running.url
    finally:
        running.stop()


async def present(place: Path | str, writers: int, commits: int) -> int:
    """Return how many of the commits are in the playbook, its chain checked."""
    store = open_store(place)
    history = await store.history()
    told = {bullet.content for bullet in (await store.load()).active}
    await store.aclose()
    expected = {f"lesson w{writer} {number}" for writer in range(writers) for number in range(commits)}
    return len(expected & told) if len(history) == len(expected) else -1


def figures(found: list[Contest], there: int, writers: int, commits: int) -> dict[str, float]:
    """Return the figures of the worst round."""
    worst = min(found, key=lambda one: min(one.shares))
    last = max(times[-1] for times in worst.stored)
    return {
        "commits": writers * commits,
        "present": there,
        "smallest_share_of_mean": round(min(worst.shares), 3),
        "largest_share_of_mean": round(max(worst.shares), 3),
        "first_done_s": round(worst.first_done_s, 2),
        "last_done_s": round(last, 2),
        "commits_per_s": round(writers * commits / last, 1),
    }


async def main() -> None:
    """Let them write, count, and tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--commits", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--record", action="store_true", help="keep the figures in results/")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made, server(Path(made)) as url:
        kinds = ["sqlite", *(["postgres"] if url else [])]
        rounds: dict[str, list[Contest]] = {kind: [] for kind in kinds}
        there: dict[str, list[int]] = {kind: [] for kind in kinds}
        for number in range(options.rounds):
            for kind in kinds:
                server_place = f"{url}?schema=fair_{uuid4().hex}"
                place = Path(made) / f"{number}.db" if kind == "sqlite" else server_place
                rounds[kind].append(contest(place, writers=options.writers, commits=options.commits))
                there[kind].append(await present(place, options.writers, options.commits))
                print(
                    number, kind, there[kind][-1], *(f"{x:.2f}" for x in rounds[kind][-1].shares), flush=True
                )
    told = {kind: figures(rounds[kind], min(there[kind]), options.writers, options.commits) for kind in kinds}
    for kind, row in told.items():
        print(kind, *(f"{name}: {value}" for name, value in row.items()), sep="\n  ")
    keep(__file__, {"writers": options.writers, "rounds": options.rounds, "stores": told})


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
