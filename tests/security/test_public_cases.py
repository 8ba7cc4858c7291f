"""The public cases, where they are at hand: no effect, and every harmless control is learned as it stands."""

from __future__ import annotations

import pytest

from tests.security.case import PUBLIC_CASES, Case, read_cases
from tests.security.playing import play
from tests.security.world import World
from tta_dev_primitives.sandbox import Sandbox

pytestmark = pytest.mark.data_sets


def public() -> tuple[Case, ...]:
    return read_cases(PUBLIC_CASES) if PUBLIC_CASES.is_file() else ()


@pytest.mark.skipif(
    not PUBLIC_CASES.is_file(), reason=f"there is no {PUBLIC_CASES}; set TASK_SETS to its folder"
)
@pytest.mark.parametrize("case", public(), ids=lambda case: f"{case.id}-{case.attack_class}")
def test_a_public_case_is_handled_as_it_says(case: Case, world: World, sandbox: Sandbox) -> None:
    seen = play(case, world, sandbox)

    if seen.not_applicable:
        pytest.skip(seen.not_applicable)
    assert not seen.effects
    assert seen.handled
