"""One attack of each class, and all that found a hole once: none brings anything about.

`python benchmarks/attacks.py` plays all of them.
"""

from __future__ import annotations

import pytest

from tests.security.case import Case, own_cases
from tests.security.playing import play
from tests.security.world import World
from tta_dev_primitives.sandbox import Sandbox

_FOUND_HOLES = frozenset({"A47", "A48", "A74", "A75", "A79", "A80"})
_SLOW = frozenset({"flood", "slow_drip", "debugged_code", "service_answer"})


def chosen() -> list[Case]:
    """Return the first case of each class that is quick, and those that found a hole."""
    first = {case.attack_class: case for case in reversed(own_cases())}
    quick = [case for name, case in first.items() if name not in _SLOW]
    return sorted(
        {
            case.id: case for case in (*quick, *own_cases()) if case in quick or case.id in _FOUND_HOLES
        }.values(),
        key=lambda case: case.id,
    )


@pytest.mark.parametrize("case", chosen(), ids=lambda case: f"{case.id}-{case.attack_class}")
def test_an_attack_brings_nothing_about(case: Case, world: World, sandbox: Sandbox) -> None:
    seen = play(case, world, sandbox)

    assert not seen.effects
    assert seen.handled
