"""What a run costs besides time: CPU of the host and the jail together, and memory of what waits."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Final

from ...sandbox.local import LocalSandbox, Packages
from .arms import Arm, succeed
from .plan import Plan
from .processes import Process, cpu_seconds, pss_bytes, tree
from .rounds import REST_S

_SETTLED_S: Final = 0.5
"""Until what ends and is replaced in the background is done."""
_FEWEST_RUNS: Final = 10
_SPARE: Final = "playbox-spare"
_SLOT: Final = "playbox-slot"
_ZYGOTE: Final = "playbox-zygote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Memory of an idle jail: of each waiting spare and its slot, and of launcher and zygote together."""

    spares: int
    spare_pss_bytes: int
    standing_pss_bytes: int


async def cpu_per_run(arm: Arm, p50: float, plan: Plan) -> float:
    """Return the CPU seconds of one run, with what it leaves to the background.

    Counted over a block of runs for this process and all below it, as far as the kernel charges a process:
    what its own threads do, such as taking down namespaces, is missing.
    """
    runs = max(_FEWEST_RUNS, int(plan.cpu_s / (p50 + REST_S)))
    await asyncio.sleep(_SETTLED_S)
    before = cpu_seconds(os.getpid())
    for _ in range(runs):
        await asyncio.sleep(REST_S)
        await arm.run()
    await asyncio.sleep(_SETTLED_S)
    return (cpu_seconds(os.getpid()) - before) / runs


async def waiting(packages: Packages) -> Waiting | None:
    """Return the memory of an idle jail, or None if this user may not see it (only root does)."""
    async with LocalSandbox(packages=packages) as sandbox:
        await succeed(sandbox)
        await asyncio.sleep(_SETTLED_S)
        try:
            return _seen(tree(os.getpid()))
        except OSError:
            return None


def _seen(processes: list[Process]) -> Waiting | None:
    zygotes = {one.pid: one.parent for one in processes if one.name == _ZYGOTE}
    count = sum(one.name == _SPARE for one in processes)
    if not count:
        return None
    pids = [one.pid for one in processes if one.name in (_SPARE, _SLOT)]
    return Waiting(
        spares=count,
        spare_pss_bytes=sum(map(pss_bytes, pids)) // count,
        standing_pss_bytes=sum(pss_bytes(pid) + pss_bytes(parent) for pid, parent in zygotes.items()),
    )
