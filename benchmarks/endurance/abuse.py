"""Every attack of the abuse suite, many times: in each tier, with 1 and 64 processes, as root and not.

    python benchmarks/endurance/abuse.py [--rounds 20] [--record]

Several run at once, in shuffled order, each followed by a run that looks for what it left. Each combination
is a process of its own, so that it can be another user. Root needs a Python that other users can read.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from recording import keep
from tests.sandbox.abuse.arena import (
    ATTACKS,
    CLEAN,
    MEMORY_BYTES,
    SECRET,
    VARIABLE,
    Bait,
    ended_as_expected,
    escapes,
    impossible,
    laid_bait,
    program,
)
from tests.sandbox.abuse.attacks import Attack
from tests.sandbox.processes import adopt_orphans, descendants, eventually, families

from tta_dev_primitives.core.errors import SandboxError, SandboxUnavailable
from tta_dev_primitives.sandbox import Isolation, Limits, LocalSandbox

AT_ONCE = 4
MANY = 64
NOBODY = 65534
LIMITS = Limits(
    wall_s=4.0, cpu_s=2, memory_bytes=MEMORY_BYTES, disk_bytes=8 << 20, inodes=500, output_bytes=200_000
)
SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """Who attacks what."""

    user: str
    tier: Isolation
    processes: int


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was seen. `unexpected` are runs that were contained but ended otherwise than the attack says."""

    runs: int = 0
    escapes: int = 0
    survivors: int = 0
    crashes: int = 0
    unexpected: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list[str])

    @property
    def clean(self) -> bool:
        """Whether everything was contained."""
        return self.runs > 0 and not (self.escapes or self.survivors or self.crashes or self.unexpected)


def combinations() -> Iterator[Combination]:
    """Return all that this user can try; root can try more."""
    users = ("root", "unprivileged") if os.geteuid() == 0 else ("unprivileged",)
    for user in users:
        yield Combination(user=user, tier=Isolation.NAMESPACES, processes=1)
        yield Combination(user=user, tier=Isolation.NAMESPACES, processes=MANY)
        yield Combination(user=user, tier=Isolation.LANDLOCK, processes=1)


def tried_in_a_process(combination: Combination, rounds: int) -> Tally:
    """Return the tally of a process that is the right user."""
    number = NOBODY if combination.user == "unprivileged" and os.geteuid() == 0 else None
    command = [sys.executable, *sys.argv[:1], "--rounds", str(rounds), "--tier", combination.tier.value]
    command += ["--processes", str(combination.processes)]
    try:
        done = subprocess.run(  # noqa: S603  # this program
            command,
            stdout=subprocess.PIPE,
            check=True,
            user=number,
            group=number,
            extra_groups=None if number is None else [],
        )
        return Tally(**json.loads(done.stdout))
    except PermissionError:
        return Tally(notes=[f"not run: user {NOBODY} cannot read {sys.executable}"])
    except subprocess.CalledProcessError as error:
        return Tally(crashes=1, notes=[f"the process that attacked ended with {error.returncode}"])


async def attacked(tier: Isolation, processes: int, rounds: int) -> Tally:
    """Return the tally of all attacks, `rounds` times over."""
    os.environ[VARIABLE] = SECRET
    adopt_orphans()
    tally, start = Tally(), time.monotonic()
    limits = replace(LIMITS, processes=processes)
    async with LocalSandbox(isolation=tier, limits=limits, max_concurrent=AT_ONCE) as sandbox:
        try:
            await sandbox.run_code(CLEAN)
        except SandboxUnavailable as missing:
            return Tally(notes=[f"not run: {missing}"])
        for number in range(rounds):
            await one_round(sandbox, suited(tier, processes, seed=number), limits, tally)
    if not eventually(lambda: not descendants(os.getpid())):
        tally.survivors += len(descendants(os.getpid()))
        tally.notes.append("processes are left after the sandbox was closed")
    tally.seconds = round(time.monotonic() - start, 1)
    return tally


def suited(tier: Isolation, processes: int, *, seed: int) -> list[Attack]:
    """Return the attacks that make sense here, shuffled."""
    most = MANY if tier is Isolation.NAMESPACES else 1
    some = [
        attack
        for attack in ATTACKS
        if impossible(attack, tier) is None
        and attack.processes <= most
        and (attack.may_fork or processes == 1)
    ]
    random.Random(seed).shuffle(some)  # noqa: S311  # an order
    return some


async def one_round(sandbox: LocalSandbox, attacks: list[Attack], limits: Limits, tally: Tally) -> None:
    """Make each attack once, several at a time, and look at the machine afterwards."""
    waiting = iter(attacks)
    with laid_bait() as bait:

        async def attacker() -> None:
            for attack in waiting:
                try:
                    await one_attack(sandbox, attack, bait, limits, tally)
                except SandboxError as error:
                    tally.crashes += 1
                    tally.notes.append(f"{attack.name}: {error!r}")

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(attacker())
        for what in bait.taken():
            tally.escapes += 1
            tally.notes.append(what)
    if not eventually(lambda: not any(family.runs for family in families())):
        tally.survivors += 1
        tally.notes.append(f"processes are left: {families()}")


async def one_attack(sandbox: LocalSandbox, attack: Attack, bait: Bait, limits: Limits, tally: Tally) -> None:
    """Make an attack and a run that looks for what it left."""
    own = replace(limits, processes=max(limits.processes or 1, attack.processes))
    execution = await sandbox.run_code(program(attack, bait), language=attack.language, limits=own)
    tally.runs += 1
    for what in escapes(attack, execution):
        tally.escapes += 1
        tally.notes.append(f"{attack.name}: {what}")
    if not ended_as_expected(attack, execution):
        tally.unexpected += 1
        tally.notes.append(f"{attack.name}: {execution}")
    after = await sandbox.run_code(CLEAN, limits=limits)
    if after.text != "'clean'":
        tally.escapes += 1
        tally.notes.append(f"after {attack.name}: {after}")


def line(*cells: object) -> str:
    """Return one row of the table."""
    widths = (13, 11, 10, 7, 8, 10, 8, 11, 8)
    return "".join(f"{cell!s:<{width}}" for cell, width in zip(cells, widths, strict=True))


def matrix(rounds: int) -> bool:
    """Try and print all combinations; return whether all were tried and contained."""
    print(
        line("user", "tier", "processes", "runs", "escapes", "survivors", "crashes", "unexpected", "seconds")
    )
    rows: list[dict[str, object]] = []
    for one in combinations():
        tally = tried_in_a_process(one, rounds)
        counts = (tally.runs, tally.escapes, tally.survivors, tally.crashes, tally.unexpected, tally.seconds)
        print(line(one.user, one.tier.value, one.processes, *counts), flush=True)
        for note in tally.notes[:SHOWN]:
            print("   ", note[:1500])
        rows.append({**dataclasses.asdict(one), **dataclasses.asdict(tally), "clean": tally.clean})
    keep(__file__, {"rounds": rounds, "attacks": len(ATTACKS), "at_once": AT_ONCE, "combinations": rows})
    return all(row["clean"] for row in rows)


def main() -> int:
    """Run the matrix, or one combination of it as the user that this process is."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--tier", type=Isolation)
    parser.add_argument("--processes", type=int, default=1)
    given = parser.parse_args()
    if given.tier is None:
        return 0 if matrix(given.rounds) else 1
    tally = asyncio.run(attacked(given.tier, given.processes, given.rounds))
    print(json.dumps(dataclasses.asdict(tally)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
