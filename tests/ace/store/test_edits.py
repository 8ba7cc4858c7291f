# ruff: noqa: ASYNC220, S603  # a test has its event loop for itself, and starts only itself
"""Two who reword one strategy at once: one has it, the other hears of it with both texts, nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.ace.making import adding, delta
from tests.ace.store.test_processes import ENVIRONMENT
from tta_dev_primitives.ace.bullet import Trigger
from tta_dev_primitives.ace.delta import EditConflict, MergeBullets, ReviseBullet, Wording
from tta_dev_primitives.ace.editing import edit
from tta_dev_primitives.ace.events import Pin, Revise, Seal
from tta_dev_primitives.ace.store import Commit, PlaybookStore, open_store
from tta_dev_primitives.core.errors import ConfigurationError, PlaybookConflict

ROUNDS = 12


@pytest.fixture(params=["file", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return str(tmp_path / "playbook.db")
    return str(request.getfixturevalue("postgres_url"))


def step(editors: Sequence[subprocess.Popen[str]]) -> None:
    for editor in editors:
        assert editor.stdin is not None
        editor.stdin.write("\n")
        editor.stdin.flush()


def lines(editors: Sequence[subprocess.Popen[str]]) -> list[str]:
    return [editor.stdout.readline() for editor in editors if editor.stdout is not None]


async def test_of_two_processes_one_wins_and_the_other_hears_of_it(place: str) -> None:
    store = open_store(place)
    await store.commit(adding("as it was"))
    editors = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.ace.store.editor", place, name, str(ROUNDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
        for name in "ab"
    ]
    for _ in range(ROUNDS):
        assert lines(editors) == ["ready\n"] * 2
        before = (await store.load()).active[0]
        step(editors)
        told = [json.loads(line) for line in lines(editors)]
        now = (await store.load()).active[0]
        (won,) = [one for one in told if "conflict" not in one]
        (lost,) = [one for one in told if "conflict" in one]
        assert (won["on"], now.content, now.revision) == (before.revision, won["wanted"], before.revision + 1)
        assert lost["conflict"] == [lost["wanted"], before.revision, won["wanted"], before.revision + 1]
        step(editors)
    for editor in editors:
        editor.communicate(timeout=30)
        assert editor.returncode == 0
    history = await store.history()
    assert [item.recorded.event.type for item in history] == ["add", *["revise"] * ROUNDS]
    assert (await store.verify()).sound
    await store.aclose()


async def test_the_outcome_has_both_versions_as_values(store: PlaybookStore) -> None:
    await store.commit(adding("as it was"))
    for content in ("mine", "yours"):
        trigger = Trigger(keywords=(content,))
        revise = ReviseBullet(bullet="str-00001", revision=1, content=content, trigger=trigger)
        (outcome,) = (await store.commit(Commit(run_id="r", delta=delta(revise)))).outcomes
    (bullet,) = (await store.load()).active
    assert outcome.conflict == EditConflict(
        bullet=bullet.id,
        alias="str-00001",
        wanted=Wording(revision=1, content="yours", trigger=Trigger(keywords=("yours",))),
        current=Wording(revision=2, content="mine", trigger=Trigger(keywords=("mine",))),
    )


async def test_what_was_merged_meanwhile_is_a_conflict_too(store: PlaybookStore) -> None:
    await store.commit(adding("first", "second"))
    merge = MergeBullets(bullet="str-00001", into="str-00002", content="both")
    await store.commit(Commit(run_id="r", delta=delta(merge)))
    with pytest.raises(PlaybookConflict, match="str-00002 reads 'both' by now, at revision 2") as caught:
        await edit(store, "str-00001", "first, reworded", revision=1)
    late = caught.value
    assert (late.wanted, late.current, late.revision) == ("first, reworded", "both", 2)


async def test_an_edit_returns_the_bullet_as_it_stands_then(store: PlaybookStore) -> None:
    await store.commit(adding("as it was"))
    edited = await edit(store, "str-00001", "as it is", revision=1, trigger=Trigger(keywords=("k",)))
    assert (edited.content, edited.revision, edited.trigger.keywords) == ("as it is", 2, ("k",))
    assert await edit(store, "str-00001", "as it is", revision=1) == edited
    (_, stored) = await store.history()
    assert isinstance(stored.recorded.event, Revise)
    assert stored.recorded.actor == "user"
    await store.commit(Commit(run_id="r", seals=(Seal(bullet=edited.id),)))
    successor = await edit(store, "str-00001", "once more", revision=2)
    assert (successor.alias, successor.supersedes) == ("str-00002", edited.id)


async def test_a_sealed_bullet_that_has_a_successor_by_now_is_a_conflict(store: PlaybookStore) -> None:
    """It keeps its revision, so that does not tell."""
    await store.commit(adding("in the core"))
    await store.commit(Commit(run_id="r", seals=(Seal(bullet="str-00001"),)))
    await edit(store, "str-00001", "mine", revision=1)
    with pytest.raises(PlaybookConflict, match="str-00002 reads 'mine' by now") as caught:
        await edit(store, "str-00001", "yours", revision=1)
    assert (caught.value.wanted, caught.value.current) == ("yours", "mine")
    assert (await edit(store, "str-00002", "both", revision=1)).content == "both"
    assert len((await store.load()).bullets) == 2


async def test_an_edit_that_cannot_be_says_why(store: PlaybookStore) -> None:
    await store.commit(adding("as it was"))
    with pytest.raises(ConfigurationError, match="there is no bullet 'str-00009'"):
        await edit(store, "str-00009", "x", revision=1)
    with pytest.raises(ConfigurationError, match=r"'str-00001' was not changed: .*line"):
        await edit(store, "str-00001", "two\nlines", revision=1)
    await store.commit(Commit(run_id="r", decisions=(Pin(bullet="str-00001"),)))
    with pytest.raises(ConfigurationError, match="is pinned; unpin it first"):
        await edit(store, "str-00001", "x", revision=1)


async def test_a_json_file_tells_both_versions_too(tmp_path: Path) -> None:
    path = tmp_path / "playbook.json"
    await open_store(path).commit(adding("as it was"))
    written = path.read_text(encoding="utf-8")
    await edit(open_store(path), "str-00001", "as the store has it", revision=1)
    path.write_text(written.replace("as it was", "as the file has it"), encoding="utf-8")
    store = open_store(path)
    assert [bullet.content for bullet in (await store.load()).active] == ["as the store has it"]
    (skipped,) = store.skipped
    assert skipped.conflict is not None
    assert skipped.conflict.wanted == Wording(revision=1, content="as the file has it")
    assert skipped.conflict.current == Wording(revision=2, content="as the store has it")
