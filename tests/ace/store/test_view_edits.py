# ruff: noqa: ASYNC240  # a test has its event loop for itself
"""What a person changes in the JSON file becomes a change of the playbook, or is reported."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias, cast

import pytest

from tests.ace.making import adding
from tta_dev_primitives.ace.bullet import Bullet, Status
from tta_dev_primitives.ace.delta import Delta, MergeBullets
from tta_dev_primitives.ace.events import Forget, Promote, Retire, Seal
from tta_dev_primitives.ace.exchange import to_json
from tta_dev_primitives.ace.store import Commit, SqliteStore, open_store
from tta_dev_primitives.core.errors import PlaybookCorrupt

Entries: TypeAlias = list[dict[str, object]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ace_playbook.json"


@pytest.fixture
async def store(path: Path) -> SqliteStore:
    store = open_store(path)
    await store.commit(adding("first", "second", "third"))
    return store


def entries(path: Path) -> Entries:
    return cast("Entries", json.loads(path.read_text())["bullets"])


def write(path: Path, change: Callable[[Entries], object]) -> None:
    document = json.loads(path.read_text())
    change(document["bullets"])
    path.write_text(json.dumps(document, indent=2))


def setting(number: int, **fields: object) -> Callable[[Entries], None]:
    """Return a change of the `number`-th entry."""

    def change(entries: Entries) -> None:
        entries[number - 1].update(fields)

    return change


def without(number: int, field: str) -> Callable[[Entries], None]:
    def change(entries: Entries) -> None:
        del entries[number - 1][field]

    return change


async def bullets(store: SqliteStore) -> Mapping[str, Bullet]:
    return {bullet.alias: bullet for bullet in (await store.load()).bullets.values()}


async def active(store: SqliteStore) -> list[str]:
    return [bullet.content for bullet in (await store.load()).active]


async def is_equal_to_the_store(path: Path) -> bool:
    return path.read_text() == to_json(await open_store(path.with_suffix(".db")).load())


async def decide(store: SqliteStore, *decisions: Retire | Forget | Promote) -> None:
    await store.commit(Commit(run_id="r", decisions=decisions))


@pytest.mark.parametrize("status", [Status.RETIRED, Status.SUSPENDED, Status.VALIDATED])
async def test_a_status_is_taken_over(path: Path, store: SqliteStore, status: Status) -> None:
    write(path, setting(1, status=status))
    assert (await bullets(store))["str-00001"].status is status
    assert entries(path)[0]["status"] == status
    last = (await store.history())[-1].recorded
    assert (last.actor, last.run_id) == ("import", "import of ace_playbook.json")
    assert store.skipped == ()


@pytest.mark.parametrize("off", [Status.RETIRED, Status.SUSPENDED])
@pytest.mark.parametrize("on", [Status.CANDIDATE, Status.VALIDATED, Status.SUSPENDED])
async def test_a_bullet_is_reinstated(path: Path, store: SqliteStore, off: Status, on: Status) -> None:
    write(path, setting(2, status=off))
    assert (await bullets(store))["str-00002"].status is off
    write(path, setting(2, status=on))
    assert (await bullets(store))["str-00002"].status is on


async def test_a_status_that_is_taken_away_makes_a_candidate(path: Path, store: SqliteStore) -> None:
    await decide(store, Promote(bullet="str-00001", status=Status.VALIDATED))
    write(path, without(1, "status"))
    assert (await bullets(store))["str-00001"].status is Status.CANDIDATE


async def test_pinned_is_taken_over_and_lifted(path: Path, store: SqliteStore) -> None:
    write(path, setting(1, pinned=True))
    assert (await bullets(store))["str-00001"].pinned
    write(path, without(1, "pinned"))
    assert not (await bullets(store))["str-00001"].pinned


async def test_a_rewording_revises_and_leaves_no_second_bullet(path: Path, store: SqliteStore) -> None:
    write(path, setting(2, content="the  second, better"))
    assert await active(store) == ["first", "the second, better", "third"]
    assert (await bullets(store))["str-00002"].revision == 2
    assert await is_equal_to_the_store(path)


async def test_more_rewordings_than_a_curator_may_make(path: Path) -> None:
    store = open_store(path)
    for number in range(8):
        await store.commit(adding(f"lesson {number}"))
    write(path, lambda all_: [entry.update(content=f"{entry['content']}, better") for entry in all_])
    assert await active(store) == [f"lesson {number}, better" for number in range(8)]


async def test_everything_at_once_with_one_commit(path: Path, store: SqliteStore) -> None:
    def change(entries: Entries) -> None:
        entries[0].update(content="first, better", status="retired", pinned=True)
        entries[1].update(content="second, better", status="suspended")
        del entries[2]
        entries.append({"kind": "rule", "content": "fourth", "pinned": True})

    write(path, change)
    await store.commit(adding("fifth"))
    by_name = await bullets(store)
    assert [(b.content, b.status.value, b.pinned) for b in by_name.values()] == [
        ("first, better", "retired", True),
        ("second, better", "suspended", False),
        ("third", "retired", False),
        ("fourth", "candidate", True),
        ("fifth", "candidate", False),
    ]
    assert store.skipped == ()


async def test_a_retired_bullet_is_reworded_if_it_is_reinstated(path: Path, store: SqliteStore) -> None:
    await decide(store, Retire(bullet="str-00001", reason="old"))
    write(path, setting(1, content="first, better", status="candidate"))
    assert (await bullets(store))["str-00001"].content == "first, better"
    await decide(store, Retire(bullet="str-00001", reason="old"))
    write(path, setting(1, content="first, best"))
    assert (await bullets(store))["str-00001"].content == "first, better"
    assert [skip.reason for skip in store.skipped] == ["str-00001 is retired"]


async def test_a_sealed_bullet_gets_a_successor(path: Path, store: SqliteStore) -> None:
    await store.commit(Commit(run_id="r", seals=(Seal(bullet="str-00001"),)))
    write(path, setting(1, content="first, better", pinned=True))
    assert sorted(await active(store)) == ["first, better", "second", "third"]
    assert (await bullets(store))["str-00004"].pinned


async def test_a_trigger_changes_with_the_wording_only(path: Path, store: SqliteStore) -> None:
    write(path, setting(1, content="first, better", trigger={"libraries": ["pandas"]}))
    assert (await bullets(store))["str-00001"].trigger.libraries == ("pandas",)
    write(path, setting(1, trigger={"libraries": ["numpy"]}))
    assert (await bullets(store))["str-00001"].trigger.libraries == ("pandas",)
    assert [skip.reason for skip in store.skipped] == [
        "trigger of str-00001 cannot be changed in the JSON file"
    ]


async def test_a_removed_entry_is_retired(path: Path, store: SqliteStore) -> None:
    write(path, lambda entries: entries.pop(0))
    assert await active(store) == ["second", "third"]
    event = (await store.history())[-1].recorded.event
    assert isinstance(event, Retire)
    assert event.reason == "removed from the JSON file"
    assert entries(path)[0]["status"] == "retired"
    write(path, lambda entries: entries.pop(0))
    assert await active(store) == ["second", "third"]


async def test_most_entries_removed_is_taken_for_an_accident(path: Path, store: SqliteStore) -> None:
    write(path, lambda entries: entries.clear())
    text = path.read_text()
    for work in (store.load(), store.commit(adding("fourth"))):
        with pytest.raises(
            PlaybookCorrupt, match=r"3 of its 3 bullets are missing.*delete the file.*retired"
        ):
            await work
    assert path.read_text() == text
    path.unlink()
    assert await active(store) == ["first", "second", "third"]


async def test_a_few_of_many_may_be_removed(path: Path, store: SqliteStore) -> None:
    await store.commit(adding("fourth", "fifth", "sixth"))
    write(path, lambda all_: all_.__delitem__(slice(0, 3)))
    assert await active(store) == ["fourth", "fifth", "sixth"]


async def test_a_file_older_than_the_store_undoes_nothing(path: Path, store: SqliteStore) -> None:
    older = path.read_text()
    await store.commit(adding("fourth"))
    await decide(store, Retire(bullet="str-00001", reason="harmful"), Forget(bullet="str-00002", reason="x"))
    path.write_text(older)
    assert await active(store) == ["third", "fourth"]
    assert await is_equal_to_the_store(path)
    path.write_text(older)
    write(path, setting(3, content="third, better"))
    assert await active(store) == ["third, better", "fourth"]
    assert (store.skipped, len(entries(path))) == ((), 3)


async def test_what_was_reworded_elsewhere_meanwhile_is_reported(path: Path, store: SqliteStore) -> None:
    older = path.read_text()
    write(path, setting(1, content="first, theirs"))
    await store.load()
    path.write_text(older)
    write(path, setting(1, content="first, mine"))
    assert (await active(store))[0] == "first, theirs"
    assert "conflict: str-00001 is at revision 2" in store.skipped[0].reason
    assert "first, mine" in path.with_name("ace_playbook.json.orig").read_text()


async def test_without_its_version_nothing_counts_as_removed(path: Path, store: SqliteStore) -> None:
    document = json.loads(path.read_text())
    del document["playbook_version"], document["bullets"][0]
    document["bullets"][0]["status"] = "suspended"
    path.write_text(json.dumps(document))
    assert await active(store) == ["first", "third"]


async def test_a_display_id_or_the_content_name_a_bullet_too(path: Path, store: SqliteStore) -> None:
    def change(entries: Entries) -> None:
        del entries[0]["id"]
        entries[0]["content"] = "first, better"
        entries[1] = {"kind": "rule", "content": "second"}
        entries[2] = {"kind": "rule", "content": "Third", "status": "suspended"}

    write(path, change)
    assert await active(store) == ["first, better", "second"]
    assert (await bullets(store))["str-00003"].status is Status.SUSPENDED
    assert len(await bullets(store)) == 3


@pytest.mark.parametrize("place", [0, 3])
async def test_a_reworded_copy_is_a_new_bullet(path: Path, store: SqliteStore, place: int) -> None:
    write(path, lambda entries: entries.insert(place, {**entries[0], "content": "first, other"}))
    assert await active(store) == ["first", "second", "third", "first, other"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"helpful": 9, "domain": "other"}, "domain, helpful of str-00001 cannot be changed"),
        ({"learned_from": "me"}, "learned_from of str-00001 cannot be changed"),
        ({"status": "proposed"}, "a bullet that is candidate cannot become proposed"),
        ({"content": "second"}, "str-00002 says so already"),
    ],
)
async def test_what_cannot_be_taken_over_is_reported_and_kept(
    path: Path, store: SqliteStore, fields: Mapping[str, object], reason: str
) -> None:
    write(path, setting(1, **fields))
    text = path.read_text()
    assert await active(store) == ["first", "second", "third"]
    assert [(skip.place, reason in skip.reason) for skip in store.skipped] == [("entry 1", True)]
    assert path.with_name("ace_playbook.json.orig").read_text() == text
    assert await is_equal_to_the_store(path)


async def test_a_pinned_bullet_is_reworded_once_it_is_unpinned(path: Path, store: SqliteStore) -> None:
    write(path, setting(1, pinned=True))
    await store.load()
    write(path, setting(1, content="first, better"))
    assert (await bullets(store))["str-00001"].content == "first"
    assert "is pinned; unpin it first" in store.skipped[0].reason
    write(path, setting(1, content="first, better", pinned=False))
    assert (await bullets(store))["str-00001"].content == "first, better"


async def test_new_entries_that_were_retired_or_stand_for_another_text_are_reported(
    path: Path, store: SqliteStore
) -> None:
    write(path, setting(1, content="first, better"))
    await store.load()
    write(path, lambda entries: entries.append({"kind": "rule", "content": "other", "id": "unknown"}))
    assert await active(store) == ["first, better", "second", "third", "other"]
    write(path, lambda entries: entries.append({**entries[0], "content": "first"}))
    await store.load()
    assert [(skip.place, skip.text) for skip in store.skipped] == [("entry 5", "first")]


async def test_a_merged_bullet_is_left_as_it_is(path: Path, store: SqliteStore) -> None:
    delta = Delta(
        operations=(MergeBullets(bullet="str-00002", into="str-00001"),),
        provenance=(await bullets(store))["str-00001"].provenance,
    )
    await store.commit(Commit(run_id="r", delta=delta))
    write(path, setting(2, status="candidate"))
    assert await active(store) == ["first", "third"]
    assert [skip.reason for skip in store.skipped] == ["str-00002 was merged and cannot be changed"]
    write(path, lambda entries: entries.pop(1))
    assert await active(store) == ["first", "third"]


async def test_a_forgotten_bullet_does_not_come_back(path: Path, store: SqliteStore) -> None:
    document = json.loads(path.read_text())
    del document["playbook_version"]
    await decide(store, Forget(bullet="str-00001", reason="private"))
    path.write_text(json.dumps(document))
    assert await active(store) == ["second", "third"]
    assert "erased" in store.skipped[0].reason
    assert not any("first" in file.read_text() for file in path.parent.glob("ace_playbook.json*"))
    assert "first" not in store.skipped[0].text


async def test_what_is_forgotten_elsewhere_leaves_the_file_at_the_next_load(
    path: Path, store: SqliteStore
) -> None:
    await decide(open_store(path.with_suffix(".db")), Forget(bullet="str-00001", reason="private"))
    await store.load()
    assert "first" not in path.read_text()
    assert await is_equal_to_the_store(path)
    stamp = path.stat().st_mtime_ns
    await store.load()
    assert path.stat().st_mtime_ns == stamp


async def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    target, link = tmp_path / "shared" / "team.json", tmp_path / "ace_playbook.json"
    link.symlink_to(target)
    store = open_store(link)
    committed = await store.commit(adding("first"))
    assert link.is_symlink()
    assert target.read_text() == to_json(committed.playbook)
    write(link, setting(1, helpful=7))
    await store.load()
    assert link.is_symlink()
    assert target.with_name("team.json.orig").exists()
    assert sorted(file.name for file in target.parent.iterdir()) == ["team.json", "team.json.orig"]


async def test_an_edit_is_taken_over_once_if_writing_the_file_was_cut_short(
    path: Path, store: SqliteStore
) -> None:
    def change(entries: Entries) -> None:
        entries[0].update(content="first, better", status="suspended", pinned=True)
        entries[1] = {"kind": "rule", "content": "new", "pinned": True}

    write(path, change)
    text = path.read_text()
    playbook = await store.load()
    path.write_text(text)
    again = await store.load()
    assert again == playbook
    assert store.skipped == ()
