"""The sandbox by itself: one run, a session that keeps its variables, and three fixes from one checkpoint.

    python examples/sandbox_sessions.py

No model and no key: this is what the learning loop stands on.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tta_dev_primitives.sandbox import BOX_LIMITS, LocalSandbox, Stop

SALES = b"region,amount\nnorth,120\nsouth,n/a\nnorth,80\n"
LOAD = """
import csv
rows = list(csv.DictReader(open("sales.csv")))
len(rows)
"""
FIXES = (
    "sum(int(row['amount']) for row in rows)",
    "sum(int(row['amount']) for row in rows if row['amount'].isdigit())",
    "sum(map(len, rows))",
)


async def main() -> None:
    """Run each once and tell what happened."""
    async with LocalSandbox() as sandbox:
        await one_run(sandbox)
        await one_session(sandbox)


async def one_run(sandbox: LocalSandbox) -> None:
    """Every run starts from nothing, and its end is the kernel's word."""
    execution = await sandbox.run_code("import sys\nprint('working')\nsys.exit(3)")
    print(f"run: {execution.stdout.strip()!r}, exit code {execution.exit_code}, {execution.isolation}")
    endless = await sandbox.run_code("while True: pass", limits=replace(BOX_LIMITS, wall_s=0.5, processes=1))
    assert endless.stop is Stop.WALL_TIME
    print(f"an endless one: {endless.stop}")


async def one_session(sandbox: LocalSandbox) -> None:
    """What takes long is done once; the fixes start from there and do not see each other."""
    async with await sandbox.open_session(files={"sales.csv": SALES}) as session:
        loaded = await session.run_code(LOAD)
        print(f"session: {loaded.text} rows are loaded")
        async with await session.checkpoint() as checkpoint:
            branches = await checkpoint.branch(len(FIXES))
        for fix, branch in zip(FIXES, branches, strict=True):
            execution = await branch.run_code(f"total = {fix}\ntotal")
            print(f"  {fix:<68} {execution.error.name if execution.error else execution.text}")
        await session.keep(branches[1])
        print(f"kept: total is {(await session.run_code('total')).text}")


if __name__ == "__main__":
    asyncio.run(main())
