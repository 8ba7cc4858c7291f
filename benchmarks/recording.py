"""Keep a benchmark's figures with the facts of the machine: `--record` writes them below `results/`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from tta_dev_primitives.cli.benching.machine import machine

RESULTS = Path(__file__).with_name("results")

Figures = Mapping[str, Mapping[str, float]]
"""Title -> variant -> seconds (the median)."""


def tell(title: str, medians: Mapping[str, float]) -> None:
    """Print each variant's median and its ratio to the first."""
    reference = next(iter(medians.values()))
    print(title)
    for name, median in medians.items():
        print(f"  {name:<34}{median * 1e6:12.2f} us{median / reference:9.2f}x")


def record(script: str, figures: Figures) -> None:
    """Write the figures to `results/SCRIPT.json` if the script was started with --record."""
    keep(script, {"median_seconds": figures})


def keep(script: str, content: Mapping[str, object]) -> None:
    """Write `content` of any form to `results/SCRIPT.json` if the script was started with --record."""
    if "--record" not in sys.argv[1:]:
        return
    kept = {"date": datetime.now(UTC).date().isoformat(), "machine": machine(), **content}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{Path(script).stem}.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    print(json.dumps(machine(), indent=2))
