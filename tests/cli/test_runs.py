from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from tests.cli.conftest import Playbox
from tta_dev_primitives import LambdaPrimitive, run
from tta_dev_primitives.workflow import Journal


def charge(amount: int) -> str:
    raise ConnectionError(f"\x1b[31mlost {amount}")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """Return a journal with a run whose first step must not run twice and raised."""
    found = Journal(tmp_path / "orders.db")
    with pytest.raises(ConnectionError):
        run(LambdaPrimitive(charge, idempotent=False), 5, journal=found, resume="order-17")
    return found


@pytest.mark.usefixtures("journal")
def test_it_lists_and_shows(playbox: Playbox) -> None:
    listed = playbox("runs", "list", "orders.db")
    assert (listed.code, listed.out.splitlines()[1].split()[:2]) == (0, ["order-17", "failed"])
    shown = playbox("runs", "show", "orders.db", "order-17")
    assert shown.out.splitlines()[1].split()[:3] == ["/", "charge", "failed"]
    assert "\x1b" not in listed.out + shown.out
    (described,) = cast(
        "list[dict[str, object]]", playbox("runs", "list", "orders.db", "--json").document["runs"]
    )
    assert (described["run_id"], described["status"]) == ("order-17", "failed")
    document = playbox("runs", "show", "orders.db", "order-17", "--json").document
    (step,) = cast("list[dict[str, object]]", document["steps"])
    assert (step["name"], step["once"], step["result"]) == ("charge", True, None)


def test_what_is_decided_counts(playbox: Playbox, journal: Journal) -> None:
    assert playbox("runs", "retry", "orders.db", "order-17", "charge").code == 0
    assert journal.show("order-17") == ()
    with pytest.raises(ConnectionError):
        run(LambdaPrimitive(charge, idempotent=False), 5, journal=journal, resume="order-17")
    assert playbox("runs", "settle", "orders.db", "order-17", "/", "--result", '"receipt 8"').code == 0
    assert (
        run(LambdaPrimitive(charge, idempotent=False), 5, journal=journal, resume="order-17") == "receipt 8"
    )
    assert playbox("runs", "forget", "orders.db", "order-17").code == 0
    assert playbox("runs", "list", "orders.db").err == "no runs\n"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("list", "missing.db"), 2, "there is no journal 'missing.db'"),
        (("show", "orders.db", "order-18"), 2, "knows no run 'order-18'"),
        (("settle", "orders.db", "order-17", "charge", "--result", "receipt"), 2, "is no JSON"),
        (("retry", "orders.db", "order-17", "ship"), 2, "'ship' names 0 steps"),
    ],
)
@pytest.mark.usefixtures("journal")
def test_what_cannot_be_done_is_told(
    playbox: Playbox, arguments: tuple[str, ...], code: int, told: str
) -> None:
    ran = playbox("runs", *arguments)
    assert (ran.code, told in ran.err) == (code, True)


def test_a_damaged_journal_is_an_error_of_the_store(playbox: Playbox, journal: Journal) -> None:
    with closing(sqlite3.connect(journal.path)) as connection, connection:
        connection.execute("UPDATE runs SET status = 'done'")
    ran = playbox("runs", "list", "orders.db")
    assert (ran.code, "is damaged" in ran.err) == (5, True)
