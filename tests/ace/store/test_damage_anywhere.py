"""A flipped bit, a cut or a wiped page anywhere: never a raw exception, never silently another playbook."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.ace.making import adding
from tests.ace.store.damaging import check_remedy, crashed, flipped, outcomes, overwritten, truncated
from tta_dev_primitives.ace.store import open_store
from tta_dev_primitives.ace.store.log_damage import log_damage
from tta_dev_primitives.core.errors import StoreError


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


async def test_a_damaged_json_file_is_refused_or_an_edit_that_the_history_tells(tmp_path: Path) -> None:
    source = random.Random(7)  # noqa: S311  # no secret
    view = tmp_path / "playbook.json"
    store = open_store(view)
    await store.commit(adding("check the unit", "round last", "read the file once"))
    whole, content = await store.load(), view.read_bytes()
    database = view.with_suffix(".db").read_bytes()
    refused = 0
    for damage in (flipped, truncated, overwritten) * 8:
        view.write_bytes(damage(content, source))
        view.with_suffix(".db").write_bytes(database)
        try:
            playbook = await open_store(view).load()
        except StoreError as error:
            check_remedy(error)
            refused += 1
            continue
        later = (await open_store(view).history())[whole.version :]
        assert {item.recorded.actor for item in later} <= {"import"}
        edited = whole.extend(item.recorded for item in later)
        assert playbook == edited
    assert refused
