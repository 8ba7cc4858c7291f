"""Every command on a playbook that a server keeps, as on one in a file; and its password is shown nowhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.ace.making import adding, delta, episode
from tests.ace.store.postgres_server import PostgresServer, running
from tests.cli.conftest import LESSON, Playbox, model_writing
from tta_dev_primitives.ace.delta import ReviseBullet
from tta_dev_primitives.ace.episode import AttemptRecord
from tta_dev_primitives.ace.store import Commit, open_store
from tta_dev_primitives.ace.store.lasting import Contents

PASSWORD = "c4nary-pa55word"  # noqa: S105  # what must be seen nowhere


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with running() as server:
        yield server


@pytest.fixture
def address(postgres: PostgresServer) -> str:
    """Return the address of a playbook of its own, with a password, which this server does not ask for."""
    place = postgres.url.replace("playbox@", f"playbox:{PASSWORD}@")
    return f"{place}?schema=cli_{uuid4().hex}&playbook=parcels/north"


def contents(place: str) -> Contents:
    async def read() -> Contents:
        store = open_store(place)
        try:
            return await store.contents()
        finally:
            await store.aclose()

    return asyncio.run(read())


def commit(place: str, *commits: Commit) -> None:
    async def all_of_them() -> None:
        store = open_store(place)
        for item in commits:
            await store.commit(item)
        await store.aclose()

    asyncio.run(all_of_them())


@pytest.fixture
def filled(address: str, playbox: Playbox) -> str:
    """A playbook with a reworded strategy, one more, and a run."""
    del playbox  # the working directory is its own
    reworded = ReviseBullet(bullet="str-00001", revision=1, content="first, reworded")
    done = episode().model_copy(update={"attempts": (ATTEMPT,)})
    commit(
        address,
        adding("first"),
        Commit(run_id="r", delta=delta(reworded), episode=done),
        adding("second"),
    )
    return address


ATTEMPT = AttemptRecord(
    number=1,
    code="print(1)",
    verdict="passed",
    success=True,
    score=1.0,
    feedback="",
    stop="exit",
    isolation="x",
)
COMMANDS = {
    "show": ["playbook", "show"],
    "why": ["playbook", "why", "str-00001"],
    "history": ["playbook", "history"],
    "diff": ["playbook", "diff", "0", "3"],
    "rollback": ["playbook", "rollback", "1"],
    "verify": ["playbook", "verify"],
    "backup": ["playbook", "backup", "copy.db"],
    "forget": ["playbook", "forget", "str-00002", "--reason", "a customer"],
    "edit": ["playbook", "edit", "str-00002", "--revision", "1", "--text", "second, better"],
    "late edit": ["playbook", "edit", "str-00001", "--revision", "1", "--text", "mine"],
    "rate": ["playbook", "rate", "str-00001", "good"],
    "tidy": ["playbook", "tidy"],
    "export": ["playbook", "export"],
    "import": ["playbook", "import", "list.json"],
    "metrics": ["metrics"],
    "report": ["report"],
    "doctor": ["doctor"],
    "run": ["run", "Divide", "--expect", "2"],
    "compact": ["playbook", "compact"],
    "unknown": ["playbook", "why", "str-99999"],
}
CODES = {"late edit": 5, "compact": 2, "unknown": 2}


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_works_and_shows_no_password(
    playbox: Playbox, filled: str, name: str, *, as_json: bool
) -> None:
    Path("list.json").write_text(json.dumps(["imported"]), encoding="utf-8")
    more = ["--json"] if as_json else []
    arguments = ["--debug", *COMMANDS[name], "--playbook", filled, *more]
    ran = playbox(*arguments, model=model_writing("print(2)") if name == "run" else None)
    assert ran.code == CODES.get(name, 0), ran.err
    assert PASSWORD not in ran.out + ran.err
    for file in Path().rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes(), file
    if as_json:
        assert ran.document


def test_what_a_run_learns_is_on_the_server(playbox: Playbox, address: str) -> None:
    ran = playbox(
        "run",
        "Divide",
        "--expect",
        "2",
        "--playbook",
        address,
        model=model_writing("print(1 / 0)", "print(2)"),
    )
    assert ran.code == 0, ran.err
    assert LESSON in playbox("playbook", "show", "--playbook", address).out
    shown = playbox("playbook", "show", "--playbook", address).out
    assert "?playbook=parcels/north&schema=cli_" in shown


@pytest.mark.parametrize("command", ["show", "verify", "history"])
def test_there_must_be_a_playbook(playbox: Playbox, address: str, command: str) -> None:
    ran = playbox("playbook", command, "--playbook", address)
    assert ran.code == 2
    assert "there is no playbook 'postgresql://playbox@" in ran.err
    assert PASSWORD not in ran.err


@pytest.fixture
def configured(filled: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PLAYBOX_PLAYBOOK", filled)
    return filled


def test_the_setting_may_be_an_address(playbox: Playbox, configured: str) -> None:
    assert "first, reworded" in playbox("playbook", "show").out
    ran = playbox("run", "Divide", "--expect", "2", "--trace", model=model_writing("print(2)"))
    assert ran.code == 0, ran.err
    assert len(contents(configured).episodes) == 2
    for file in Path().rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes(), file


SPOILT = (
    "postgresql://user:{}/x@host/db",
    "postgresql://user:{}",
    "postgresql://user:{}@host:port/db",
    "postgresql://user:{}@127.0.0.1:1/db",
    "postgresql://user@127.0.0.1:1/db?password={}",
    "postgresql://user:{}@127.0.0.1:1/db?nonsense=1",
    "postgresql://user:{}@127.0.0.1:1/db?schema=Bad",
    "postgresql:/user:{}@host/db",
    "mysql://user:{}@host/db",
)


@pytest.mark.parametrize(
    ("spoilt", "where"),
    [
        *((spoilt, where) for spoilt in SPOILT for where in ("option", "setting")),
        *((SPOILT[0], where) for where in ("merge", "backup", "train", "report")),
    ],
)
def test_an_address_that_cannot_be_used_shows_no_password(
    playbox: Playbox, monkeypatch: pytest.MonkeyPatch, spoilt: str, where: str
) -> None:
    url = spoilt.replace("{}", PASSWORD)
    Path("tasks.jsonl").write_text('{"task": "Divide"}\n', encoding="utf-8")
    arguments = {
        "option": ["playbook", "show", "--playbook", url],
        "setting": ["playbook", "show"],
        "merge": ["playbook", "merge", url, url, "--out", url],
        "backup": ["playbook", "backup", url, "--playbook", url],
        "report": ["report", "runs/first", "--playbook", url],
        "train": ["train", "tasks.jsonl", "--playbook", url],
    }[where]
    if where == "setting":
        monkeypatch.setenv("PLAYBOX_PLAYBOOK", url)
    for more in ([], ["--json"]):
        ran = playbox("--debug", *arguments, *more, model=model_writing("print(2)"))
        assert ran.code in {2, 5}, ran.out
        assert PASSWORD not in ran.out + ran.err


def test_a_playbook_goes_to_a_server_and_back_as_it_is(playbox: Playbox, filled: str, address: str) -> None:
    other = address.replace("parcels/north", "other")
    playbox("playbook", "forget", "str-00002", "--reason", "a customer", "--playbook", filled)
    for first, second in ((filled, "back.db"), ("back.db", other), (other, "again.json")):
        ran = playbox("playbook", "copy", first, second)
        assert ran.code == 0, ran.err
        assert "each hash as it was" in ran.out
        assert contents(second) == contents(filled)
    assert playbox("playbook", "verify", "--playbook", other).code == 0
    assert playbox("playbook", "verify", "--playbook", "again.json").code == 0
    again = playbox("playbook", "copy", "back.db", other)
    assert again.code == 2
    assert "holds a playbook already" in again.err


def test_a_file_and_a_server_become_one(playbox: Playbox, filled: str, address: str) -> None:
    playbox("playbook", "backup", "mine.db", "--playbook", filled)
    commit(filled, adding("of the server"))
    commit("mine.db", adding("of the file"))
    merged = [address.replace("parcels/north", "merged"), "merged.db"]
    for place, sides in zip(merged, ((filled, "mine.db"), ("mine.db", filled)), strict=True):
        ran = playbox("playbook", "merge", *sides, "--out", place)
        assert ran.code == 0, ran.err
        assert "3 events of both, 1 of A, 1 of B alone" in ran.out
        assert PASSWORD not in ran.out
    assert contents(merged[0]) == contents(merged[1])


def test_a_backup_of_a_server_is_a_file_with_the_same_hashes(playbox: Playbox, filled: str) -> None:
    assert playbox("playbook", "backup", "monday.db", "--playbook", filled).code == 0
    assert contents("monday.db") == contents(filled)
    assert sorted(path.name for path in Path().glob("*monday*")) == ["monday.db"]
    again = playbox("playbook", "backup", "monday.db", "--playbook", filled)
    assert (again.code, "exists" in again.err) == (2, True)
    refused = playbox("playbook", "backup", filled, "--playbook", filled)
    assert refused.code == 2
    assert "pg_dump" in refused.err


def test_an_edit_that_comes_too_late_brings_both_versions(playbox: Playbox, filled: str) -> None:
    late = ["playbook", "edit", "str-00001", "--revision", "1", "--text", "mine", "--playbook", filled]
    ran = playbox(*late)
    assert ran.code == 5
    assert "str-00001 reads 'first, reworded' by now, at revision 2: another was first" in ran.err
    error = json.loads(playbox(*late, "--json").out)["error"]
    assert error["type"] == "PlaybookConflict"
    assert error["conflict"]["wanted"] == {"content": "mine", "on_revision": 1}
    assert error["conflict"]["current"] == {"content": "first, reworded", "revision": 2}
    shown = playbox("playbook", "show", "first", "--playbook", filled).out
    assert "revision 2" in shown
    late[4] = "2"
    assert "str-00001 revision 3: mine" in playbox(*late).out


def test_train_and_eval_begin_with_one_on_a_server(playbox: Playbox, filled: str) -> None:
    Path("tasks.jsonl").write_text('{"task": "Divide", "expected_output": "2"}\n', encoding="utf-8")
    before = contents(filled)
    for command in ("train", "eval"):
        ran = playbox(
            command, "tasks.jsonl", "--playbook", filled, "--out", command, "--json",
            model=model_writing("print(2)"),
        )  # fmt: skip
        assert ran.code == 0, ran.err
        assert PASSWORD not in ran.out + ran.err
        begun = contents(f"{command}/playbook.db")
        assert begun.records[: len(before.records)] == before.records
    assert contents(filled) == before
    for file in Path().rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes(), file
