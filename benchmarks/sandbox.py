"""What a run in the embedded jail costs, beside bare Python and other ways to run code that nobody trusts.

Each round measures every arm, so that all of them meet the same machine: after a rest, as between the answers
of a model, and in a row; with several callers apart, as throughput. What the arms do is in
`tta_dev_primitives/cli/benching/arms.py` (ours, as in `playbox sandbox bench`) and in `others/`. An arm that
needs what is not here is left out, with a line that says what to install.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from others.bubblewrap import bubblewrap_arms
from others.data import data_arms, packages
from others.e2b_wire import e2b_arms
from others.smolagents import smolagents_arms
from recording import keep

from tta_dev_primitives.cli.benching.arms import OURS, ArmUnavailable
from tta_dev_primitives.cli.benching.measure import measure
from tta_dev_primitives.cli.benching.perform import progress
from tta_dev_primitives.cli.benching.plan import Plan
from tta_dev_primitives.cli.benching.table import document, lines
from tta_dev_primitives.cli.interrupts import Interrupted, interruptible
from tta_dev_primitives.cli.screen import open_screen
from tta_dev_primitives.sandbox.local import Packages


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=200, help="how often everything is measured")
    parser.add_argument("--data", type=Path, metavar="PATH", help="an environment with numpy and pandas")
    parser.add_argument(
        "--smolagents", default=sys.executable, metavar="PYTHON", help="a Python that has smolagents"
    )
    parser.add_argument("--record", action="store_true", help="keep the figures in results/")
    return parser.parse_args()


def package_sets(environment: Path | None) -> dict[str, Packages]:
    sets = {"standard library": Packages.stdlib()}
    try:
        return sets | {"numpy and pandas": packages(environment)}
    except ArmUnavailable:
        return sets  # the arm says what is missing


def main() -> None:
    given = options()
    openers = OURS | {
        "pandas": partial(data_arms, given.data),
        "bubblewrap": bubblewrap_arms,
        "smolagents": partial(smolagents_arms, given.smolagents),
        "E2B": e2b_arms,
    }
    with progress(open_screen()) as told:
        plan = Plan(rounds=given.rounds)
        report = interruptible(lambda: measure(openers, package_sets(given.data), plan, told))
    print("\n".join(lines(report)))
    keep(__file__, document(report))


if __name__ == "__main__":
    try:
        main()
    except Interrupted as stopped:
        sys.exit(str(stopped))
