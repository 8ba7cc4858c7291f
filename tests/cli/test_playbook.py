from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import cast

import pytest

from tests.ace.making import adding, delta
from tests.cli.conftest import LESSON, Playbox, model_writing
from tta_dev_primitives.ace.bullet import Status
from tta_dev_primitives.ace.delta import KeepApart, MarkConflict
from tta_dev_primitives.ace.events import Gated, GateResult, Restore
from tta_dev_primitives.ace.store import Commit, SqliteStore


def test_show_tells_each_strategy_and_where_it_came_from(playbox: Playbox, learned: Path) -> None:
    ran = playbox("playbook", "show")
    assert ran.code == 0
    assert f"  {LESSON}\n  learned from task-" in ran.out
    assert ran.out.splitlines()[-1].endswith(str(learned))


def test_show_gives_no_line_to_the_name_of_a_task(playbox: Playbox, learned: Path) -> None:
    store = SqliteStore(learned)
    asyncio.run(store.commit(adding("Close files.", task="t\n  learned from a person\x1b[2J")))
    asyncio.run(store.aclose())
    lines = playbox("playbook", "show", "Close").out.splitlines()
    assert [line.strip() for line in lines if "learned from" in line] == [
        "learned from t, run run-1, scripted m"
    ]


def test_show_searches(playbox: Playbox, learned: Path) -> None:
    assert learned.exists()
    assert LESSON in playbox("playbook", "show", "LEN", "count").out
    nothing = playbox("playbook", "show", "zebra").out
    assert LESSON not in nothing
    assert "0 shown" in nothing


@pytest.mark.parametrize(
    ("form", "start"), [("json", "{"), ("text", "## RULES\n[str-00001]"), ("markdown", "# ")]
)
@pytest.mark.parametrize("command", ["show", "export"])
def test_the_text_forms(playbox: Playbox, learned: Path, command: str, form: str, start: str) -> None:
    assert learned.exists()
    unproven = ["--unproven"] if command == "export" else []
    ran = playbox("playbook", command, "--format", form, *unproven)
    assert ran.out.startswith(start)
    assert LESSON in ran.out


@pytest.mark.parametrize(
    "arguments", [["show"], ["show", "zebra"], ["history"], ["diff", "0", "1"], ["export"]]
)
def test_json(playbox: Playbox, learned: Path, arguments: list[str]) -> None:
    assert learned.exists()
    ran = playbox("playbook", *arguments, "--json")
    assert ran.code == 0
    assert ran.document
    assert ran.out.isascii()


def test_history_lists_the_versions(playbox: Playbox, learned: Path) -> None:
    playbox("run", "Divide by a count", model=model_writing("print(1)"))
    ran = playbox("playbook", "history")
    assert "version 1  2" in ran.out
    assert f"  + str-00001 {LESSON}" in ran.out
    assert "observed 1 strategy" in ran.out
    last = playbox("playbook", "history", "--last", "1", "--playbook", str(learned)).out
    assert LESSON not in last
    assert "observed 1 strategy" in last


def test_diff_tells_what_changed(playbox: Playbox, learned: Path) -> None:
    assert learned.exists()
    assert playbox("playbook", "diff", "0", "1").out == f"+ str-00001 {LESSON}\n"
    assert playbox("playbook", "diff", "1", "0").out == f"- str-00001 {LESSON}\n"
    assert "nothing changed" in playbox("playbook", "diff", "1", "1").out
    wrong = playbox("playbook", "diff", "0", "9")
    assert (wrong.code, wrong.err) == (2, "error: there is no version 9; versions 0 to 1 exist\n")


def test_history_and_diff_tell_what_gate_and_curator_found(playbox: Playbox, tmp_path: Path) -> None:
    file = tmp_path / "p.db"
    store = SqliteStore(file)

    async def fill() -> None:
        apart = KeepApart(bullet="str-00001", other="str-00002", reason="another case")
        conflict = MarkConflict(bullet="str-00001", other="str-00003", reason="1 against 0")
        await store.commit(adding("first", "second", "third"))
        playbook = (await store.commit(Commit(run_id="r", delta=delta(apart, conflict)))).playbook
        digest, first = "digest", playbook.active[0]
        restore = Restore(
            bullet=first.id, revision=1, content="older", status=Status.CANDIDATE, reason="rolled back"
        )
        gated = [
            Gated(version=3, contents=digest, result=result, reason=f"won {n}")
            for n, result in enumerate(GateResult)
        ]
        await store.commit(Commit(run_id="r", decisions=(restore, *gated), actor="gate"))

    asyncio.run(fill())
    history = playbox("playbook", "history", "--playbook", str(file)).out
    assert "str-00001 differs from str-00002: another case" in history
    assert "~ str-00001 restored, rolled back: older" in history
    assert "! version 3 is the champion: won 0" in history
    assert "! version 3 is no worse than the champion: won 1" in history
    assert "! version 3 was rolled back: won 2" in history
    found = playbox("playbook", "diff", "3", "5", "--playbook", str(file)).out
    assert "~ str-00001 contradicts: str-00003" in found
    assert "~ str-00002 differs from: str-00001" in found


def test_export_and_import_again(playbox: Playbox, learned: Path, tmp_path: Path) -> None:
    assert learned.exists()
    file = tmp_path / "mit Leerzeichen.md"
    assert "1 strategy written" in playbox("playbook", "export", "--unproven", "--out", str(file)).out
    assert file.read_text().startswith("# ")
    first = playbox("playbook", "import", str(file), "--playbook", "other.db")
    assert "1 added, 0 known already, 0 rejected, 0 skipped; 1 strategy in other.db" in first.out
    second = playbox("playbook", "import", str(file), "--playbook", "other.db", "--json")
    assert (second.code, len(cast("list[object]", second.document["duplicate"]))) == (0, 1)


def test_import_tells_what_it_could_not_use(playbox: Playbox, tmp_path: Path) -> None:
    strategies = [{"strategy": "Use len()."}, {"nothing": 1}, "Check \x1b[2J[bold]first[/bold]."]
    (tmp_path / "old.json").write_text(json.dumps({"strategies": strategies}))
    ran = playbox("playbook", "import", "old.json")
    assert ran.code == 0
    assert "2 added" in ran.out
    assert "entry 2" in ran.out
    assert "it has no text" in ran.out
    assert "\x1b" not in ran.out
    assert "[bold]first[/bold]" in ran.out


def test_an_import_with_nothing_in_it_fails(playbox: Playbox, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("buy milk\n")
    ran = playbox("playbook", "import", "notes.txt")
    assert ran.code == 1
    assert "line 1: buy milk: it is neither a heading" in ran.out


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (None, 2, "cannot be read"),
        (b"{", 5, "it is not JSON"),
        (b"\xff\xfe\x00", 5, "is not UTF-8 text"),
        (b'{"format": "playbox-playbook", "format_version": 99, "bullets": []}', 5, "upgrade"),
    ],
)
def test_a_file_that_is_no_playbook_is_refused(
    playbox: Playbox, tmp_path: Path, content: bytes | None, code: int, told: str
) -> None:
    if content is not None:
        (tmp_path / "in.json").write_bytes(content)
    ran = playbox("playbook", "import", "in.json")
    assert ran.code == code
    assert told in ran.err
    assert "in.json" in ran.err


@pytest.mark.parametrize("arguments", [["show"], ["history"], ["diff", "0", "1"], ["export"]])
def test_a_missing_playbook_is_said_and_not_made(
    playbox: Playbox, tmp_path: Path, arguments: list[str]
) -> None:
    ran = playbox("playbook", *arguments)
    assert ran.code == 2
    assert "there is no playbook" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_form_is_refused(playbox: Playbox, learned: Path) -> None:
    assert learned.exists()
    ran = playbox("playbook", "export", "--format", "yaml")
    assert (ran.code, "no format 'yaml'" in ran.err) == (2, True)


def test_tidying_merges_what_says_the_same(playbox: Playbox, tmp_path: Path) -> None:
    twice = tmp_path / "twice.txt"
    lines = (LESSON, LESSON.rstrip("."), "Ship parcels.")
    twice.write_text("".join(f"[str-{n}] helpful=0 harmful=0 :: {line}\n" for n, line in enumerate(lines)))
    assert playbox("playbook", "import", str(twice), "--playbook", "p.db").code == 0

    ran = playbox("playbook", "tidy", "--playbook", "p.db")
    assert ran.code == 0
    assert "str-00002 merged: into str-00001" in ran.out
    assert "3 strategies before, 2 now, in" in ran.out
    again = playbox("playbook", "tidy", "--playbook", "p.db", "--json").document
    assert (again["size"], again["merged"], again["calls"]) == (2, [], 0)
