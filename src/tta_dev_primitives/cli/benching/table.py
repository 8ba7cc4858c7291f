"""A report as text in columns, and as JSON values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from ..columns import columns
from .measure import Figures, Report
from .throughput import CALLERS

_MIB: Final = 1 << 20


def lines(report: Report) -> Iterator[str]:
    """Yield the lines of a readable table."""
    yield from columns(
        ["one run", "p50 ms", "p95 ms", "p99 ms", "ratio", "in a row", "ratio", "CPU ms", "to", "runs"],
        [_figures(one) for one in report.figures],
    )
    yield "p50, p95, p99: after a rest, as between a model's answers; in a row: p50 without one"
    yield ""
    yield from columns(
        ["runs a second", *(f"{callers} caller{'s' * (callers > 1)}" for callers in CALLERS)],
        [_rates(report, one) for one in report.figures if one.name in report.rates],
    )
    yield ""
    for name, seen in report.waiting.items():
        yield (
            f"memory (PSS), {name}: {seen.spare_pss_bytes / _MIB:.1f} MiB for each of {seen.spares} waiting"
            f" spares, {seen.standing_pss_bytes / _MIB:.1f} MiB for the rest of the jail"
        )
    if not report.waiting:
        yield "memory: only root may see that of confined processes"
    yield ""
    yield "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in report.machine.items())
    for skipped in report.skipped:
        yield f"skipped: {skipped.name}: {skipped.reason}"


def document(report: Report) -> dict[str, object]:
    """Return all of it as JSON values; times are seconds."""
    return {
        "machine": dict(report.machine),
        "runs": {
            one.name: {
                "p50_s": one.times.p50,
                "p95_s": one.times.p95,
                "p99_s": one.times.p99,
                "runs": one.times.runs,
                "cpu_s": one.cpu_s,
                "beside": one.beside,
                "ratio": one.ratio,
                "in_a_row_p50_s": one.in_a_row.p50,
                "in_a_row_ratio": one.in_a_row_ratio,
            }
            for one in report.figures
        },
        "runs_per_second": {
            name: {str(callers): rate for callers, rate in rates.items()}
            for name, rates in report.rates.items()
        },
        "waiting": {name: asdict(seen) for name, seen in report.waiting.items()},
        "skipped": {skipped.name: skipped.reason for skipped in report.skipped},
    }


def _figures(one: Figures) -> list[str]:
    rested = (one.times.p50, one.times.p95, one.times.p99)
    return [
        one.name,
        *(f"{value * 1000:.2f}" for value in rested),
        f"{one.ratio:.3f}",
        f"{one.in_a_row.p50 * 1000:.2f}",
        f"{one.in_a_row_ratio:.3f}",
        f"{one.cpu_s * 1000:.2f}",
        one.beside,
        str(one.times.runs),
    ]


def _rates(report: Report, one: Figures) -> list[str]:
    beside = report.rates.get(one.beside, {})
    return [one.name, *(_rate(rate, beside.get(callers)) for callers, rate in report.rates[one.name].items())]


def _rate(rate: float, beside: float | None) -> str:
    return f"{rate:.1f}" if beside is None else f"{rate:.1f} ({rate / beside:.2f}x)"
