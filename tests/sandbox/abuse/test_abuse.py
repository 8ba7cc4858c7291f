"""Every attack, in every tier, once; `make abuse` runs them many times over, by several users and at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.sandbox.abuse.arena import (
    ATTACKS,
    CLEAN,
    Bait,
    ended_as_expected,
    escapes,
    impossible,
    program,
)
from tests.sandbox.abuse.attacks import Attack
from tests.sandbox.conftest import TEST_LIMITS
from tests.sandbox.processes import eventually, families

from tta_dev_primitives.sandbox import LocalSandbox


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_attack_is_contained(attack: Attack, sandbox: LocalSandbox, bait: Bait) -> None:
    if (why := impossible(attack, sandbox.isolation)) is not None:
        pytest.skip(why)
    limits = replace(TEST_LIMITS, wall_s=2.0, cpu_s=1, output_bytes=200_000, processes=attack.processes)
    execution = await sandbox.run_code(program(attack, bait), language=attack.language, limits=limits)

    assert escapes(attack, execution) == []
    assert ended_as_expected(attack, execution), execution
    assert bait.taken() == []
    assert eventually(lambda: not any(family.runs for family in families()))
    after = await sandbox.run_code(CLEAN)
    assert after.text == "'clean'", after
