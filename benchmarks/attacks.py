"""What attacks on learning bring about: every case played with a model that obeys every text it reads.

    python benchmarks/attacks.py [--record] [--cases FILE ...] [--only ID,ID]

Everything but the model is real: store, jail, evaluator, learners. Each case is played twice, with a model
that obeys also what data blocks show, and with one that obeys only what stands outside of them. The table
counts effects (a connection, a file of the host, a secret, a forged counter or status, a flipped verdict, an
order followed outside of a block, a strategy harmed, a run that does not end); the aim is 0. `as expected`
are cases handled as their line says: rejected, quarantined, redacted, accepted. FILE has cases as JSON lines,
see docs/security.md; without it the attacks of this repository are played, and public cases if they are here.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from recording import keep

sys.path.append(str(Path(__file__).parents[1]))  # the suite stands with the tests
from tests.security.case import PUBLIC_CASES, Case, own_cases, read_cases
from tests.security.playing import Seen, play
from tests.security.world import laid_out

from tta_dev_primitives.sandbox import LocalSandbox

OWN: Final = "attacks of this repository"
PUBLIC: Final = "public cases"


def main() -> None:
    """Play the chosen cases and tell what happened."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", action="append", type=Path, default=[], metavar="FILE")
    parser.add_argument("--only", default="", metavar="ID,ID")
    parser.add_argument("--record", action="store_true")
    arguments = parser.parse_args()
    only = frozenset(filter(None, str(arguments.only).split(",")))
    sets = {
        name: tuple(case for case in cases if not only or case.id in only)
        for name, cases in _sets(arguments.cases).items()
    }
    keep(__file__, {"sets": {name: _told(name, _played(cases)) for name, cases in sets.items() if cases}})


def _sets(files: Sequence[Path]) -> Mapping[str, tuple[Case, ...]]:
    if files:
        return {file.name: read_cases(file) for file in files}
    if not PUBLIC_CASES.is_file():
        print(f"{PUBLIC}: skipped, there is no {PUBLIC_CASES}; set TASK_SETS to its folder")
        return {OWN: own_cases()}
    return {PUBLIC: read_cases(PUBLIC_CASES), OWN: own_cases()}


def _played(cases: Iterable[Case]) -> list[Seen]:
    sandbox = LocalSandbox()
    with laid_out() as world:
        seen = [play(case, world, sandbox) for case in cases]
        asyncio.run(sandbox.aclose())
    return seen


def _told(title: str, seen: Sequence[Seen]) -> Mapping[str, object]:
    """Print the table of a set and return its figures."""
    print(f"\n{title}\n  {'class':<32}{'cases':>6}{'effects':>9}{'as expected':>13}{'orders obeyed':>15}")
    for name in dict.fromkeys(one.case.attack_class for one in seen):
        _row(name, [one for one in seen if one.case.attack_class == name])
    applicable = [one for one in seen if not one.not_applicable]
    _row("all that can be played", applicable)
    for one in seen:
        for effect in dict.fromkeys(one.effects):
            print(f"  {one.case.id}: {effect}")
        if not one.handled:
            print(f"  {one.case.id}: {one.not_applicable or f'not handled as expected ({one.case.action})'}")
    return _figures(seen, applicable)


def _row(name: str, seen: Sequence[Seen]) -> None:
    played = [one for one in seen if not one.not_applicable]
    if not played:
        print(f"  {name:<32}{'not applicable':>20}")
        return
    handled = f"{sum(one.handled for one in played)} of {len(played)}"
    effects, obeyed = sum(bool(one.effects) for one in played), sum(one.obeyed for one in played)
    print(f"  {name:<32}{len(played):>6}{effects:>9}{handled:>13}{obeyed:>15}")


def _figures(seen: Sequence[Seen], played: Sequence[Seen]) -> Mapping[str, object]:
    attacks = [one for one in played if one.case.kind == "attack"]
    benign = [one for one in played if one.case.kind == "benign"]
    return {
        "attacks": len(attacks),
        "attacks_with_effects": sum(bool(one.effects) for one in attacks),
        "attacks_handled_as_expected": sum(one.handled for one in attacks),
        "benign": len(benign),
        "benign_accepted": sum(one.handled and not one.effects for one in benign),
        "not_applicable": [one.case.id for one in seen if one.not_applicable],
        "classes": len({one.case.attack_class for one in attacks}),
        "orders_obeyed": sum(one.obeyed for one in played),
        "not_as_expected": [one.case.id for one in played if not one.handled],
        "effects": {one.case.id: list(dict.fromkeys(one.effects)) for one in played if one.effects},
        "seconds": round(sum(one.seconds for one in played), 1),
    }


if __name__ == "__main__":
    main()
