"""`playbox playbook search`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

from tests.ace.making import adding
from tests.cli.conftest import LESSON, Playbox
from tta_dev_primitives.ace.events import Retire
from tta_dev_primitives.ace.store import Commit, SqliteStore


def test_search_shows_what_was_found_and_why(playbox: Playbox, learned: Path) -> None:
    store = SqliteStore(learned)
    asyncio.run(store.commit(adding("Counting lines needs no list.", "A zebra has stripes.")))
    asyncio.run(store.commit(Commit(run_id="r", decisions=(Retire(bullet="str-00003", reason="wrong"),))))

    ran = playbox("playbook", "search", "counts", "zebras")
    assert ran.code == 0
    assert "str-00003  rule, retired" in ran.out
    assert "found by zebra; " in ran.out
    assert LESSON in ran.out
    assert ran.out.splitlines()[-1].startswith("3 strategies found in ")
    assert playbox("playbook", "search", "zebra", "--status", "candidate").out.startswith("0 strategies")
    assert playbox("playbook", "search", "count", "--limit", "1").out.count("found by") == 1


def test_search_as_json(playbox: Playbox, learned: Path) -> None:
    ran = playbox("playbook", "search", "count", "--json")
    (found,) = cast("list[dict[str, object]]", ran.document["found"])
    assert found["words"] == ["count"]
    assert found["in_use"] is True
    assert str(ran.document["playbook"]).endswith(str(learned))


def test_what_is_no_word_finds_nothing_and_is_no_fault(playbox: Playbox, learned: Path) -> None:
    assert learned.exists()
    for words in ('"', "NOT", "(*", "x" * 10_000, "a AND (b"):
        assert playbox("playbook", "search", words).code == 0


def test_an_unknown_status_is_named(playbox: Playbox, learned: Path) -> None:
    assert learned.exists()
    ran = playbox("playbook", "search", "x", "--status", "gone")
    assert ran.code != 0
    assert "'gone' is no status; choose of proposed, candidate" in ran.err
