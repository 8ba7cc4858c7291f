"""verify, backup, rollback and merge: a playbook is kept, and its history with it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from tests.ace.making import adding, delta
from tests.cli.conftest import Playbox
from tta_dev_primitives.ace.delta import RetireBullet, ReviseBullet
from tta_dev_primitives.ace.store import Commit, open_store


def commit(path: Path, *commits: Commit) -> None:
    async def all_of_them() -> None:
        store = open_store(path)
        for item in commits:
            await store.commit(item)

    asyncio.run(all_of_them())


def contents(path: Path) -> set[str]:
    return {bullet.content for bullet in asyncio.run(open_store(path).load()).active}


def test_a_sound_playbook(playbox: Playbox, learned: Path) -> None:
    ran = playbox("playbook", "verify")
    assert ran.code == 0
    assert ran.out.startswith("sound: version ")
    assert playbox("playbook", "verify", "--json").document["sound"] is True
    assert learned.exists()


def test_a_damaged_row_is_named(playbox: Playbox, learned: Path) -> None:
    with closing(sqlite3.connect(learned)) as connection, connection:
        connection.execute("UPDATE events SET actor = 'me' WHERE seq = 1")
    ran = playbox("playbook", "verify")
    assert ran.code == 1
    assert "✗ events, row 1: it does not match its hash" in ran.out
    assert "damaged: 1 row of " in ran.out
    document = playbox("playbook", "verify", "--json").document
    assert document["sound"] is False
    damages = cast("list[dict[str, object]]", document["damages"])
    assert damages == [{"table": "events", "row": 1, "problem": "it does not match its hash"}]


def test_there_must_be_a_playbook(playbox: Playbox) -> None:
    ran = playbox("playbook", "verify")
    assert ran.code == 2
    assert "there is no playbook" in ran.err
    assert not Path(".playbox").exists()


def test_a_backup(playbox: Playbox, learned: Path) -> None:
    ran = playbox("playbook", "backup", "copies/monday.db")
    assert ran.code == 0
    assert "1 strategy copied to copies/monday.db" in ran.out
    assert contents(Path("copies/monday.db")) == contents(learned)
    again = playbox("playbook", "backup", "copies/monday.db")
    assert again.code == 2
    assert "exists" in again.err
    assert playbox("playbook", "verify", "--playbook", "copies/monday.db").code == 0


def test_a_rollback_is_one_more_change(playbox: Playbox) -> None:
    path = Path("team.db")
    reworded = ReviseBullet(bullet="str-00001", revision=1, content="first, reworded")
    commit(path, adding("first"), adding("second"), Commit(run_id="r", delta=delta(reworded)))
    ran = playbox("playbook", "rollback", "1", "--playbook", "team.db")
    assert ran.code == 0
    assert contents(path) == {"first"}
    assert "str-00002 status: candidate -> suspended" in ran.out
    assert "has the strategies of version 1, 1 strategy in use" in ran.out
    assert "rolled back to version 1" in playbox("playbook", "history", "--playbook", "team.db").out
    back = playbox("playbook", "rollback", "3", "--playbook", "team.db", "--json")
    assert back.code == 0
    assert contents(path) == {"first, reworded", "second"}
    assert playbox("playbook", "rollback", "99", "--playbook", "team.db").code == 2


def test_a_rollback_to_now_changes_nothing(playbox: Playbox) -> None:
    commit(Path("team.db"), adding("first"))
    ran = playbox("playbook", "rollback", "1", "--playbook", "team.db", "--json")
    assert (ran.code, ran.document["version"]) == (0, 1)


def test_two_playbooks_become_one(playbox: Playbox) -> None:
    commit(Path("a.db"), adding("shared"))
    playbox("playbook", "backup", "b.db", "--playbook", "a.db")
    for name in "ab":
        revise = ReviseBullet(bullet="str-00001", revision=1, content=f"shared, as {name} says")
        commit(Path(f"{name}.db"), adding(f"of {name}"), Commit(run_id="r", delta=delta(revise)))
    ran = playbox("playbook", "merge", "a.db", "b.db", "--out", "c.db")
    assert ran.code == 0
    assert contents(Path("c.db")) == {"shared, as a says", "of a", "of b"}
    assert "str-00001 kept: shared, as a says" in ran.out
    assert "str-00001 lost: shared, as b says" in ran.out
    assert "1 event of both, 2 of A, 2 of B alone; 1 edit came too late; 3 strategies" in ran.out
    again = playbox("playbook", "merge", "a.db", "b.db", "--out", "c.db")
    assert again.code == 2
    assert "already" in again.err
    assert playbox("playbook", "merge", "a.db", "none.db", "--out", "d.db").code == 2
    assert not Path("d.db").exists()
    document = playbox("playbook", "merge", "b.db", "a.db", "--out", "e.json", "--json").document
    assert (document["size"], document["shared"]) == (3, 1)
    assert contents(Path("e.json")) == contents(Path("c.db"))


def test_a_strategy_is_forgotten_for_good(playbox: Playbox) -> None:
    commit(Path("team.json"), adding("Mrs Quillfeather lives at Tarn 9"), adding("kept"))
    again = playbox(
        "playbook",
        "forget",
        "str-00001",
        "--reason",
        "mrs quillfeather lives at tarn 9!",
        "--playbook",
        "team.json",
    )
    assert again.code == 2
    assert "must not repeat" in again.err
    blank = playbox("playbook", "forget", "str-00001", "--reason", " ", "--playbook", "team.json")
    assert (blank.code, "says nothing" in blank.err) == (2, True)
    ran = playbox("playbook", "forget", "str-00001", "--reason", "a name", "--playbook", "team.json")
    assert ran.code == 0
    assert "str-00001 forgotten: a name; 1 strategy left" in ran.out
    assert "stays in the playbook as evidence" in " ".join(ran.out.split())
    assert not [file for file in Path().iterdir() if b"Quillfeather" in file.read_bytes()]
    assert playbox("playbook", "verify", "--playbook", "team.json").code == 0
    document = playbox(
        "playbook", "forget", "str-00001", "--reason", "a name", "--playbook", "team.json", "--json"
    ).document
    assert document["forgotten"] == []
    assert playbox("playbook", "forget", "str-9", "--reason", "x", "--playbook", "team.json").code == 2
    for arguments in (("history",), ("show", "--all"), ("why", "str-00001"), ("diff", "0", "1")):
        ran = playbox("playbook", *arguments, "--playbook", "team.json")
        assert ran.code == 0, ran.err
        assert "Quillfeather" not in ran.out


def lessons(path: Path, count: int) -> None:
    commit(path, *(adding(f"lesson {number}") for number in range(count)))


def test_old_versions_go_to_an_archive(playbox: Playbox) -> None:
    lessons(Path("team.db"), 12)
    ran = playbox("playbook", "compact", "--keep", "4", "--playbook", "team.db")
    assert ran.code == 0, ran.err
    assert "8 events up to version 8 moved to" in ran.out
    assert "team.db-archive-8.jsonl.gz" in ran.out
    assert Path("team.db-archive-8.jsonl.gz").exists()
    told = playbox("playbook", "verify", "--playbook", "team.db").out
    assert "up to version 8 refolded from the archive" in told
    assert "versions up to 8 moved to team.db-archive-8.jsonl.gz" in (
        playbox("playbook", "history", "--playbook", "team.db").out
    )
    assert playbox("playbook", "rollback", "3", "--playbook", "team.db").code == 0
    assert contents(Path("team.db")) == {f"lesson {number}" for number in range(3)}
    again = playbox("playbook", "compact", "--keep", "400", "--playbook", "team.db")
    assert "nothing to move" in again.out


def test_an_archive_of_its_own_name(playbox: Playbox) -> None:
    lessons(Path("team.db"), 6)
    arguments = (
        "playbook",
        "compact",
        "--keep",
        "2",
        "--playbook",
        "team.db",
        "--archive",
        "old/a.gz",
        "--json",
    )
    document = playbox(*arguments).document
    assert (document["version"], document["events"], document["shrunk"]) == (4, 4, True)
    assert str(document["archive"]).endswith("old/a.gz")
    assert playbox(*arguments).code == 2
    assert playbox("playbook", "compact", "--playbook", "none.db").code == 2


def test_without_its_archive_it_says_what_to_put_back(playbox: Playbox) -> None:
    lessons(Path("team.db"), 12)
    playbox("playbook", "compact", "--keep", "4", "--playbook", "team.db")
    archive = Path("team.db-archive-8.jsonl.gz").rename("away.gz")
    for arguments in (("history",), ("why", "str-00001"), ("rollback", "3"), ("diff", "1", "12")):
        ran = playbox("playbook", *arguments, "--playbook", "team.db")
        assert ran.code == 5, arguments
        assert "team.db-archive-8.jsonl.gz" in ran.err
        assert "put it back" in ran.err
    verified = playbox("playbook", "verify", "--playbook", "team.db")
    assert verified.code == 0
    assert "refolded it was not, as this is not there" in verified.out
    ran = playbox("playbook", "forget", "str-00001", "--reason", "x", "--playbook", "team.db")
    assert ran.code == 1
    assert "NOT erased from an archive" in ran.out
    archive.rename("team.db-archive-8.jsonl.gz")
    again = playbox("playbook", "forget", "str-00001", "--reason", "x", "--playbook", "team.db")
    assert again.code == 0
    assert "erased from the archive" in again.out
    assert playbox("playbook", "why", "str-00002", "--playbook", "team.db").code == 0


def test_what_was_kept_of_a_json_file_is_deleted_with_what_is_forgotten(playbox: Playbox) -> None:
    lessons(Path("team.json"), 2)
    Path("team.json.orig").write_text("lesson 0")
    ran = playbox("playbook", "forget", "str-00001", "--reason", "x", "--playbook", "team.json")
    assert ran.code == 0
    assert "deleted, as it may have had it:" in ran.out
    assert not Path("team.json.orig").exists()


def test_what_was_forgotten_is_shown_as_that_and_not_as_a_hash(playbox: Playbox) -> None:
    path = Path("team.db")
    commit(path, adding("Mrs Quillfeather lives at Tarn 9"))
    commit(
        path, Commit(run_id="r", delta=delta(RetireBullet(bullet="str-00001", reason="it is too personal")))
    )
    assert playbox("playbook", "rollback", "1", "--playbook", "team.db").code == 0
    assert playbox("playbook", "forget", "str-00001", "--reason", "a name", "--playbook", "team.db").code == 0
    for arguments in (("history",), ("why", "str-00001", "--all"), ("diff", "0", "1"), ("diff", "1", "2")):
        ran = playbox("playbook", *arguments, "--playbook", "team.db")
        assert ran.code == 0, ran.err
        assert "erased:" not in ran.out
    history = playbox("playbook", "history", "--playbook", "team.db").out
    assert "+ str-00001 learned: (forgotten)" in history
    assert "~ str-00001 retired: (forgotten)" in history
    assert "~ str-00001 restored: (forgotten)" in history
    assert "+ str-00001 (forgotten)" in playbox("playbook", "diff", "0", "1", "--playbook", "team.db").out
    rated = playbox("playbook", "rate", "str-00001", "bad", "--playbook", "team.db")
    assert "str-00001 rated bad: (forgotten)" in rated.out


@pytest.mark.parametrize("name", ["copy.json", "copy", "copy.db.bak"])
def test_a_backup_is_not_made_where_it_would_not_be_read(playbox: Playbox, learned: Path, name: str) -> None:
    ran = playbox("playbook", "backup", name)
    assert ran.code == 2
    assert "end its name in .db, .sqlite, .sqlite3" in ran.err
    assert not Path(name).exists()
    assert learned.exists()


@pytest.mark.parametrize(
    "arguments", [("merge", "none.db", "none.db", "--out", "c.db"), ("copy", "none.db", "c.db")], ids=str
)
def test_a_missing_source_is_named_with_what_the_command_can_do(
    playbox: Playbox, arguments: tuple[str, ...]
) -> None:
    ran = playbox("playbook", *arguments)
    assert ran.code == 2
    assert "'none.db'" in ran.err
    assert "--playbook" not in ran.err


def test_every_command_tells_of_an_unknown_strategy_alike(playbox: Playbox, learned: Path) -> None:
    for arguments in (
        ("admit", "str-9"),
        ("refuse", "str-9"),
        ("trust", "str-9"),
        ("why", "str-9"),
        ("rate", "str-9", "good"),
        ("forget", "str-9", "--reason", "x"),
        ("edit", "str-9", "--revision", "1", "--text", "x"),
    ):
        ran = playbox("playbook", *arguments)
        assert (ran.code, ran.err.split(";")[0]) == (2, "error: there is no strategy 'str-9'"), arguments
    assert learned.exists()


def test_every_document_names_its_playbook(playbox: Playbox, learned: Path) -> None:
    for arguments in (("diff", "0", "1"), ("export",), ("show",), ("history",), ("verify",), ("search", "x")):
        assert playbox("playbook", *arguments, "--json").document["playbook"] == str(learned.resolve()), (
            arguments
        )


def test_nothing_to_compact_is_said_as_it_is(playbox: Playbox, learned: Path) -> None:
    ran = playbox("playbook", "compact")
    assert (ran.code, learned.exists()) == (0, True)
    assert "holds no event from before its latest 1,000 versions" in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("salvage", "ADDRESS", "--out", "new.db"),
        ("backup", "ADDRESS"),
        ("export", "--out", "ADDRESS"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_where_a_file_is_wanted_an_address_is_refused_without_its_password(
    playbox: Playbox, learned: Path, arguments: tuple[str, ...]
) -> None:
    address = "postgresql://me:Tr0ub4dor-and-3@127.0.0.1:1/postgres"
    ran = playbox("playbook", *(address if part == "ADDRESS" else part for part in arguments))
    assert ran.code == 2
    assert "a file is wanted; `playbox playbook copy A B`" in ran.err
    assert "Tr0ub4dor" not in ran.out + ran.err
    assert learned.exists()


def test_every_document_of_a_change_tells_the_version_that_it_made(playbox: Playbox, learned: Path) -> None:
    Path("more.json").write_text(json.dumps(["Close what you open"]), encoding="utf-8")
    for arguments in (
        ("import", "more.json"),
        ("rate", "str-00001", "good"),
        ("edit", "str-00001", "--revision", "1", "--text", "Look before you leap"),
        ("tidy",),
        ("rollback", "1"),
        ("forget", "str-00002", "--reason", "a customer"),
    ):
        told = playbox("playbook", *arguments, "--json").document
        now = playbox("playbook", "show", "--json").document
        assert told["version"] == now["version"], arguments
        assert told["playbook"] == str(learned.resolve())
