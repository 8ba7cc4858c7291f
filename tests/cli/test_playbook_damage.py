"""Damage on the command line: what is told of it, what can be done, and files that are no playbooks."""

from __future__ import annotations

import os
import pickle
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.ace.making import adding
from tests.cli.conftest import Playbox
from tests.cli.test_playbook_keeping import commit, contents
from tta_dev_primitives.ace.formats.size import MOST_BYTES
from tta_dev_primitives.cli.exits import ExitCode


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """Return a playbook of three lessons; the record of the second is damaged."""
    path = tmp_path / "team.db"
    commit(path, *(adding(f"lesson {number}") for number in range(3)))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE events SET payload = replace(payload, 'curator', 'xx') WHERE seq = 2")
    return path


def test_a_warning_names_record_strategy_and_remedy(playbox: Playbox, damaged: Path) -> None:
    ran = playbox("playbook", "show", "--playbook", str(damaged), "--all")
    assert ran.code == 0
    assert "warning: record 2 of " in ran.err
    assert "not used: str-00002; " in ran.err
    assert "playbox playbook merge" in ran.err
    assert "damaged, 0 helpful" in ran.out
    assert "(lost)" in ran.out
    machine = playbox("playbook", "show", "--playbook", str(damaged), "--json")
    assert machine.document["size"] == 2
    assert "warning: record 2" in machine.err
    history = playbox("playbook", "history", "--playbook", str(damaged))
    assert "! a record is damaged, which was about str-00002" in history.out


def test_of_many_damaged_records_the_first_are_told(playbox: Playbox, tmp_path: Path) -> None:
    path = tmp_path / "many.db"
    commit(path, *(adding(f"lesson {number}") for number in range(12)))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE events SET payload = replace(payload, 'curator', 'xx')")
    ran = playbox("playbook", "show", "--playbook", str(path))
    assert ran.err.count("warning: record ") == 8
    assert "warning: 12 records of " in ran.err


def test_salvage_makes_a_new_playbook_and_says_what_is_lost(playbox: Playbox, damaged: Path) -> None:
    before = damaged.read_bytes()
    out = damaged.with_name("new.db")
    ran = playbox("playbook", "salvage", str(damaged), "--out", str(out))
    assert ran.code == 0, ran.err
    assert "✗ events, row 2: it does not match its hash" in ran.out
    assert "3 events and 0 episodes read, 1 place damaged; 2 strategies in use" in ran.out
    assert "not used: str-00002" in ran.err
    assert damaged.read_bytes() == before
    assert contents(out) == {"lesson 0", "lesson 2"}
    verified = playbox("playbook", "verify", "--playbook", str(out))
    assert verified.code == 0
    assert "(1 record lost before)" in verified.out
    again = playbox("playbook", "salvage", str(damaged), "--out", str(out))
    assert again.code == ExitCode.USAGE
    assert "holds a playbook already" in again.err
    machine = playbox("playbook", "salvage", str(damaged), "--out", f"{out}3.db", "--json")
    assert machine.document["doubted"] == ["str-00002"]


def test_salvage_of_what_cannot_be_read(playbox: Playbox, tmp_path: Path) -> None:
    ran = playbox("playbook", "salvage", "none.db", "--out", "new.db")
    assert ran.code == ExitCode.USAGE
    assert "no file 'none.db'" in ran.err
    (tmp_path / "junk.db").write_bytes(b"junk" * 5000)
    ran = playbox("playbook", "salvage", str(tmp_path / "junk.db"), "--out", "new.db")
    assert ran.code == ExitCode.STORE
    assert "no record of" in ran.err
    assert "let `playbox playbook salvage`" not in ran.err  # which was just done


def test_a_person_ends_a_doubt(playbox: Playbox, tmp_path: Path) -> None:
    path = tmp_path / "team.db"
    commit(path, adding("one", "two"))
    assert playbox("playbook", "rate", "str-00001", "good", "--playbook", str(path)).code == 0
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE events SET payload = replace(payload, 'helpful', 'xx') WHERE seq = 3")
    assert contents(path) == {"two"}
    ran = playbox("playbook", "trust", "str-00001", "--playbook", str(path))
    assert ran.code == 0, ran.err
    assert "str-00001 is candidate again: one" in ran.out
    assert contents(path) == {"one", "two"}
    assert playbox("playbook", "show", "--playbook", str(path)).err == ""
    ran = playbox("playbook", "trust", "str-00001", "--playbook", str(path))
    assert (ran.code, "no damaged record" in ran.err) == (ExitCode.USAGE, True)
    assert playbox("playbook", "trust", "str-00009", "--playbook", str(path)).code == ExitCode.USAGE


def test_a_lesson_whose_text_is_lost_cannot_be_trusted(playbox: Playbox, damaged: Path) -> None:
    ran = playbox("playbook", "trust", "str-00002", "--playbook", str(damaged))
    assert ran.code == ExitCode.USAGE
    assert "the text of str-00002 is lost" in ran.err


def test_a_rollback_to_before_the_damage_ends_the_doubt(playbox: Playbox, tmp_path: Path) -> None:
    path = tmp_path / "team.db"
    commit(path, adding("one", "two"))
    assert playbox("playbook", "rate", "str-00001", "good", "--playbook", str(path)).code == 0
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE events SET payload = replace(payload, 'helpful', 'xx') WHERE seq = 3")
    assert playbox("playbook", "rollback", "2", "--playbook", str(path)).code == 0
    assert contents(path) == {"one", "two"}


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return (open, ("pickle was run", "w"))


@pytest.mark.parametrize("protocol", [0, 5])
@pytest.mark.parametrize("name", ["book.json", "book.db", "book.txt", "book.pkl"])
def test_a_pickle_is_refused_and_not_run(playbox: Playbox, tmp_path: Path, name: str, protocol: int) -> None:
    file = tmp_path / name
    file.write_bytes(pickle.dumps([Evil()] * 400, protocol))
    imported = playbox("playbook", "import", str(file))
    assert imported.code in {ExitCode.STORE, ExitCode.FAILED}
    assert "+" not in imported.out
    if file.suffix in {".json", ".db"}:
        shown = playbox("playbook", "show", "--playbook", str(file))
        assert shown.code == ExitCode.STORE
        assert ("salvage" if file.suffix == ".db" else "mend it") in shown.err
    assert playbox("tasks", "check", str(file)).code == ExitCode.USAGE
    assert not Path("pickle was run").exists()


@pytest.mark.parametrize("depth", [400, 900, 960, 990, 100_000])
def test_nested_json_is_refused(playbox: Playbox, tmp_path: Path, depth: int) -> None:
    nest = "[" * depth + "]" * depth
    book = tmp_path / "book.json"
    for text in (nest, '{"format":"playbox-playbook","format_version":' + nest + ',"bullets":[]}'):
        book.write_text(text)
        assert playbox("playbook", "import", str(book)).code in {ExitCode.STORE, ExitCode.FAILED}
        shown = playbox("playbook", "show", "--playbook", str(book))
        assert shown.code in {ExitCode.OK, ExitCode.STORE}  # a short list of nothing is an empty playbook
        assert len(shown.err) < 2_000
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text('{"task": "x", "language": "python", "context": ' + nest + "}\n")
    ran = playbox("tasks", "check", str(tasks))
    assert ran.code == ExitCode.USAGE
    assert len(ran.err) < 2_000


def test_a_file_too_large_to_be_a_playbook_is_not_read(playbox: Playbox, tmp_path: Path) -> None:
    book = tmp_path / "book.json"
    book.touch()
    os.truncate(book, MOST_BYTES + 1)
    for command in (["import", str(book)], ["show", "--playbook", str(book)]):
        ran = playbox("playbook", *command)
        assert (ran.code, "larger than 128 MiB" in ran.err) == (ExitCode.STORE, True)


def test_search_tells_of_damage_too(playbox: Playbox, damaged: Path) -> None:
    ran = playbox("playbook", "search", "x", "--playbook", str(damaged))
    assert "is damaged and set aside" in ran.err
