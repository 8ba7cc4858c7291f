"""A flipped bit, a cut or a wiped page anywhere: never a raw exception, never silently another playbook."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ace.store.damaging import crashed, outcomes
from tta_dev_primitives.ace.store.log_damage import log_damage


@pytest.mark.parametrize("seed", range(2))
async def test_damage_anywhere_is_told(tmp_path: Path, seed: int) -> None:
    counts = await outcomes(tmp_path, seed=seed, times=24)
    assert counts.total() == 24
    assert any("same" in name for name in counts)
    assert any("refused" in name for name in counts)


async def test_every_byte_of_a_log_counts(tmp_path: Path) -> None:
    content = (await crashed(tmp_path)).path.with_name("playbook.db-wal").read_bytes()
    assert log_damage(content) is None
    missed = [
        place
        for place in range(0, len(content), 3989)
        if log_damage(content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :]) is None
    ]
    assert missed == []


async def test_a_log_that_only_ends_is_not_damaged(tmp_path: Path) -> None:
    content = (await crashed(tmp_path)).path.with_name("playbook.db-wal").read_bytes()
    for length in range(0, len(content), 1009):
        assert log_damage(content[:length]) is None
    page = 4096
    torn = content[: -page // 2] + bytes(page // 2)  # the last frame was not written whole
    assert log_damage(torn) is None
    old = bytes(8) + content[32 : 32 + 4096 + 24][8:]  # what an older log left further on
    assert log_damage(content + old) is None
