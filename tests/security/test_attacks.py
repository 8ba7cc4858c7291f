"""One attack of each class, and all that found a hole once: none brings anything about.

`python benchmarks/attacks.py` plays all of them.
"""

from __future__ import annotations

import pytest

from tests.security.case import Case, own_cases
from tests.security.playing import play
from tests.security.world import World
from tta_dev_primitives.sandbox import Sandbox

_FOUND_HOLES = frozenset({"A47", "A48", "A74", "A75", "A79", "A80", "A93", "A94", "A95", "A105"})
_SLOW = frozenset({"flood", "slow_drip", "debugged_code", "service_answer"})


def chosen() -> list[Case]:
    """Return a quick case of each class (languages and encodings: one), and those that found a hole."""
    quick = [case for case in own_cases() if case.attack_class not in _SLOW]
    first = {_family(case.attack_class): case for case in reversed(quick)}
    return [case for case in own_cases() if case in first.values() or case.id in _FOUND_HOLES]


def _family(name: str) -> str:
    family = name.partition("_")[0]
    return family if family in {"language", "encoding"} else name


@pytest.mark.parametrize("case", chosen(), ids=lambda case: f"{case.id}-{case.attack_class}")
def test_an_attack_brings_nothing_about(case: Case, world: World, sandbox: Sandbox) -> None:
    seen = play(case, world, sandbox)

    assert not seen.effects
    assert seen.handled
