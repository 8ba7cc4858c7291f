"""A metric as JSON values."""

from __future__ import annotations

from ...ace.metrics import Metric, Reading


def document(metric: Metric) -> dict[str, object]:
    """Return the metric's own figure, and all of its readings; the interval is null where there is none."""
    return {
        "name": metric.name,
        "group": metric.group,
        "meaning": metric.meaning,
        **_figure(metric.best),
        "readings": [_figure(reading) for reading in metric.readings],
    }


def _figure(reading: Reading) -> dict[str, object]:
    estimate = reading.estimate
    interval = (
        {"low": estimate.low, "high": estimate.high, "level": estimate.level, "method": estimate.method}
        if estimate
        else None
    )
    return {
        "what": reading.what,
        "value": reading.value,
        "unit": reading.unit,
        "interval": interval,
        "n": reading.n,
        "of": reading.of,
        "note": reading.note,
        "trend": list(reading.trend),
    }
