"""The whole measurement, and its result as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...sandbox.local import Packages
from .arms import Field, Opener, Skipped, opened
from .cost import Waiting, cpu_per_run, waiting
from .machine import machine
from .plan import Plan
from .rounds import Pair, Progress, Times, interleaved
from .throughput import Rates, throughput


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one arm; the ratios are its medians to those of the arm `beside`, from the same rounds.

    `times` are after a rest, `in_a_row` one right after another.
    """

    name: str
    beside: str
    times: Times
    ratio: float
    in_a_row: Times
    in_a_row_ratio: float
    cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was measured. `waiting` is by the name of a package set; what could not be seen is left out."""

    machine: Mapping[str, object]
    figures: tuple[Figures, ...]
    rates: Rates
    waiting: Mapping[str, Waiting]
    skipped: tuple[Skipped, ...]


async def measure(
    openers: dict[str, Opener], packages: Mapping[str, Packages], plan: Plan, told: Progress
) -> Report:
    """Measure all arms that work here, and the memory of jails with `packages`.

    Raises:
        SandboxError: a run failed.
    """
    facts = machine()
    seen: dict[str, Waiting] = {}
    for name, of_name in packages.items():
        told(f"memory of spares, {name}")
        # Alone, as what it shares with other jails would make it look smaller.
        memory = await waiting(of_name)
        if memory is not None:
            seen[name] = memory
    async with opened(openers) as field:
        times = await interleaved(field.arms, plan.rounds, told)
        cpu = await _cpu(field, times, plan, told)
        rates = await throughput(field.arms, plan, told)
    figures = tuple(
        Figures(
            name=arm.name,
            beside=arm.beside,
            times=times[arm.name].rested,
            ratio=times[arm.name].rested.p50 / times[arm.beside].rested.p50,
            in_a_row=times[arm.name].in_a_row,
            in_a_row_ratio=times[arm.name].in_a_row.p50 / times[arm.beside].in_a_row.p50,
            cpu_s=cpu[arm.name],
        )
        for arm in field.arms
    )
    return Report(machine=facts, figures=figures, rates=rates, waiting=seen, skipped=field.skipped)


async def _cpu(field: Field, times: Mapping[str, Pair], plan: Plan, told: Progress) -> dict[str, float]:
    spent: dict[str, float] = {}
    for arm in field.arms:
        told(f"CPU of {arm.name}")
        spent[arm.name] = await cpu_per_run(arm, times[arm.name].rested.p50, plan)
    return spent
