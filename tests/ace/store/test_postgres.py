# ruff: noqa: ASYNC110, ASYNC220, S603  # a test has its event loop for itself, and starts only itself
"""A playbook in a real PostgreSQL: many writers, tenants, and servers and networks that fail."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.ace.making import adding, episode
from tests.ace.store.cutting_proxy import Cut, CuttingProxy
from tests.ace.store.postgres_server import PostgresServer, running
from tests.ace.store.test_processes import ENVIRONMENT
from tta_dev_primitives.ace import SelfLearningCodePrimitive
from tta_dev_primitives.ace.delta import Result
from tta_dev_primitives.ace.store import Commit, open_store
from tta_dev_primitives.ace.store.postgres.address import Address
from tta_dev_primitives.ace.store.postgres.store import PostgresStore
from tta_dev_primitives.core.errors import (
    ConfigurationError,
    PlaybookCorrupt,
    PlaybookReadOnly,
    PlaybookTooNew,
    StoreUnavailable,
)


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[PostgresStore]:
    made = PostgresStore(postgres_url)
    yield made
    await made.aclose()


def run_sql(server: PostgresServer, statement: str) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute(statement.encode())


async def lessons(store: PostgresStore) -> set[str]:
    return {bullet.content for bullet in (await store.load()).active}


def schema_of(url: str) -> str:
    return url.partition("schema=")[2].partition("&")[0]


async def test_an_address_opens_it_like_a_file_name(postgres_url: str) -> None:
    store = open_store(f"{postgres_url}&playbook=parcels")
    assert isinstance(store, PostgresStore)
    assert "playbook=parcels" in store.location
    await store.aclose()


async def test_a_password_is_never_shown(postgres: PostgresServer) -> None:
    store = PostgresStore(f"postgresql://playbox:s3cret@127.0.0.1:{postgres.port}/nowhere")
    assert "s3cret" not in store.location
    with pytest.raises(StoreUnavailable) as caught:
        await store.load()
    assert "s3cret" not in str(caught.value)
    assert "nowhere" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://host/db", "mysql://host/db"),
        ("postgresql://host/db?schema=Bad-Name", "Bad-Name"),
        ("postgresql://host/db?playbook=", "1 to 200"),
        ("postgresql://host/db?playbook=a%00b", "1 to 200"),
    ],
)
def test_an_address_that_cannot_be_is_refused(url: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        PostgresStore(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:s3cret/x@host/db",
        "postgresql://user:x/s3cret@host/db",
        "postgresql://user:s3cret#x@host/db",
        "postgresql://user:x?s3cret@host/db",
        "postgresql://user:x@s3cret@host/db",
        "postgresql://user:s3cret%zz@host/db",
        "postgresql://user:s3cret%00@host/db",
        "postgresql://user:s3cret[@host/db",
        "postgresql://user:s3cret\u2100@host/db",
        "postgresql:/user:s3cret@host/db",
    ],
)
def test_a_password_that_is_not_escaped_is_not_shown_as_something_else(url: str) -> None:
    with pytest.raises(ConfigurationError, match="%40") as caught:
        PostgresStore(url)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_an_address_is_not_shown_with_its_password() -> None:
    address = Address.parse("postgresql://user:s3cret@host/db?playbook=a")
    assert "s3cret" not in repr(address)
    assert "playbook='a'" in repr(address)


async def test_options_for_the_server_get_there(postgres_url: str) -> None:
    store = PostgresStore(f"{postgres_url}&options=-c%20default_transaction_read_only%3Don")
    with pytest.raises(PlaybookReadOnly):
        await store.commit(adding("a lesson"))
    await store.aclose()


async def test_playbooks_of_one_schema_do_not_see_each_other(postgres_url: str) -> None:
    one, other = (PostgresStore(f"{postgres_url}&playbook={name}") for name in ("one", "other"))
    await one.commit(adding("of one"))
    await one.commit(Commit(run_id="r", episode=episode()))
    assert await lessons(other) == set()
    assert await other.episodes() == ()
    await other.commit(adding("of the other"))
    assert (await one.load()).version == (await other.load()).version == 1
    assert await lessons(one) == {"of one"}
    await one.aclose()
    await other.aclose()


async def test_writers_of_many_processes_all_get_through(postgres_url: str) -> None:
    command = [sys.executable, "-m", "tests.ace.store.writer", postgres_url]
    writers = [
        subprocess.Popen([*command, name, "25"], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
        for name in "abc"
    ]
    for writer in writers:
        output, _ = await asyncio.to_thread(writer.communicate, timeout=60)
        assert len(output.splitlines()) == 25
    store = PostgresStore(postgres_url)
    assert await lessons(store) == {f"lesson {name} {number}" for name in "abc" for number in range(25)}
    assert [item.seq for item in await store.history()] == list(range(1, 76))
    await store.aclose()


@pytest.mark.parametrize("cut", list(Cut))
@pytest.mark.parametrize("at", [b"head SET seq", b"COMMIT\0"])
async def test_a_connection_cut_in_a_transaction_stores_it_once(
    postgres: PostgresServer, postgres_url: str, at: bytes, cut: Cut
) -> None:
    direct = PostgresStore(postgres_url)
    await direct.commit(adding("before"))
    proxy = CuttingProxy(postgres.port, at=at, cut=cut)
    through = PostgresStore(postgres_url.replace(f":{postgres.port}/", f":{proxy.port}/"))
    await through.load()  # which looks at the tables, in a transaction of its own
    proxy.armed = True
    committed = await through.commit(adding("once"))
    assert proxy.cuts == 1
    assert [outcome.result for outcome in committed.outcomes] == [Result.APPLIED]
    assert [bullet.content for bullet in (await direct.load()).active] == ["before", "once"]
    assert len(await direct.history()) == 2
    assert await through.load() == await direct.load() == committed.playbook
    for store in (direct, through):
        await store.aclose()
    proxy.close()


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that a test may break."""
    with running() as server:
        yield server


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "crash"])
async def test_a_server_that_restarts_is_waited_for(own_server: PostgresServer, how: signal.Signals) -> None:
    store = PostgresStore(own_server.url)
    acknowledged = set[str]()

    async def write() -> None:
        for number in range(60):
            await store.commit(adding(f"lesson {number}"))
            acknowledged.add(f"lesson {number}")

    writing = asyncio.create_task(write())
    while len(acknowledged) < 10:
        await asyncio.sleep(0.005)
    await asyncio.to_thread(own_server.stop, how)
    await asyncio.to_thread(own_server.start)
    await writing
    assert await lessons(store) == acknowledged == {f"lesson {number}" for number in range(60)}
    await store.aclose()


async def test_a_server_that_stays_away_is_an_outage(own_server: PostgresServer) -> None:
    store = PostgresStore(own_server.url, lock_timeout_s=0.3)
    await store.commit(adding("kept"))
    own_server.stop()
    with pytest.raises(StoreUnavailable, match="nothing was committed now"):
        await store.commit(adding("lost"))
    await store.aclose()
    own_server.start()
    again = PostgresStore(own_server.url)
    assert await lessons(again) == {"kept"}
    await again.aclose()


async def hold_the_lock(url: str, schema: str, held: threading.Event, release: threading.Event) -> None:
    def hold() -> None:
        with psycopg.connect(url) as connection:
            connection.execute(f"SELECT seq FROM {schema}.head FOR UPDATE".encode())  # noqa: S608
            held.set()
            release.wait(30)

    await asyncio.to_thread(hold)


async def test_a_lock_that_is_never_let_go_is_an_outage(postgres: PostgresServer, postgres_url: str) -> None:
    patient, hasty = PostgresStore(postgres_url), PostgresStore(postgres_url, lock_timeout_s=0.2)
    await patient.commit(adding("first"))
    held, release = threading.Event(), threading.Event()
    holder = asyncio.create_task(hold_the_lock(postgres.url, schema_of(postgres_url), held, release))
    await asyncio.to_thread(held.wait)
    with pytest.raises(StoreUnavailable, match="another writer"):
        await hasty.commit(adding("late"))
    waiting = asyncio.create_task(patient.commit(adding("given up")))
    await asyncio.sleep(0.2)
    started = time.monotonic()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await waiting
    assert time.monotonic() - started < 15  # not the 30 seconds that it would wait
    assert "nothing was committed" in str(caught.value.__notes__)
    release.set()
    await holder
    await patient.commit(adding("afterwards"))
    assert await lessons(patient) == {"first", "afterwards"}
    for store in (patient, hasty):
        await store.aclose()


async def test_a_changed_row_is_set_aside(
    store: PostgresStore, postgres: PostgresServer, postgres_url: str
) -> None:
    await store.commit(adding("as it was"))
    run_sql(
        postgres,
        f"UPDATE {schema_of(postgres_url)}.events SET payload = replace(payload, 'was', 'is')",  # noqa: S608
    )
    fresh = PostgresStore(postgres_url)
    playbook = await fresh.load()
    assert [aside.record for aside in playbook.set_aside] == [1]
    assert playbook.size == 0
    await fresh.aclose()


async def test_a_missing_row_is_refused_with_a_remedy_that_a_server_has(
    store: PostgresStore, postgres: PostgresServer, postgres_url: str
) -> None:
    await store.commit(adding("first"))
    await store.commit(adding("second"))
    run_sql(postgres, f"DELETE FROM {schema_of(postgres_url)}.events WHERE seq = 1")  # noqa: S608
    fresh = PostgresStore(postgres_url)
    with pytest.raises(PlaybookCorrupt, match=r"is missing.*playbox playbook copy BACKUP\.db") as refused:
        await fresh.load()
    assert "salvage" not in str(refused.value)  # it reads files
    await fresh.aclose()


async def test_tables_of_a_later_version_are_left_alone(
    store: PostgresStore, postgres: PostgresServer, postgres_url: str
) -> None:
    await store.commit(adding("kept"))
    run_sql(postgres, f"INSERT INTO {schema_of(postgres_url)}.version VALUES (99)")  # noqa: S608
    fresh = PostgresStore(postgres_url)
    for work in (fresh.load(), fresh.commit(adding("new"))):
        with pytest.raises(PlaybookTooNew, match="99"):
            await work
    await fresh.aclose()


async def test_a_user_who_may_only_read_can_read(
    store: PostgresStore, postgres: PostgresServer, postgres_url: str
) -> None:
    await store.commit(adding("to be read"))
    schema = schema_of(postgres_url)
    run_sql(postgres, f"CREATE ROLE {schema}_reader LOGIN")
    run_sql(postgres, f"GRANT USAGE ON SCHEMA {schema} TO {schema}_reader")
    run_sql(postgres, f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {schema}_reader")
    reader = PostgresStore(postgres_url.replace("playbox@", f"{schema}_reader@"))
    assert await lessons(reader) == {"to be read"}
    with pytest.raises(PlaybookReadOnly, match="grant it"):
        await reader.commit(adding("no"))
    await reader.aclose()


async def test_a_store_is_used_from_one_event_loop_after_another(postgres_url: str) -> None:
    store = PostgresStore(postgres_url)
    await asyncio.to_thread(lambda: asyncio.run(store.commit(adding("from another loop"))))
    assert await lessons(store) == {"from another loop"}
    await store.aclose()
    assert await lessons(store) == {"from another loop"}
    await store.aclose()


async def test_tasks_and_threads_of_one_process_share_a_few_connections(postgres_url: str) -> None:
    store = PostgresStore(postgres_url)

    async def write(name: str) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(30):
                group.create_task(store.commit(adding(f"lesson {name} {number}")))

    def write_all(name: str) -> None:
        asyncio.run(write(name))

    threads = [threading.Thread(target=write_all, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert await lessons(store) == {f"lesson {name} {number}" for name in "abcd" for number in range(30)}
    with psycopg.connect(postgres_url.partition("?")[0]) as connection:
        counted = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'playbox' AND state <> 'idle'"
        ).fetchone()
    assert counted == (0,)
    await store.aclose()


async def test_a_learner_takes_an_address_as_its_playbook_file(postgres_url: str) -> None:
    store = PostgresStore(postgres_url)
    await store.commit(adding("on the server"))
    await store.aclose()
    async with SelfLearningCodePrimitive(postgres_url, model="replay:none.jsonl") as learner:
        assert learner.playbook_size == 1
    with pytest.raises(ConfigurationError, match="or a store, not both") as caught:
        SelfLearningCodePrimitive(postgres_url.replace("playbox@", "playbox:c4nary@"), store=store)
    assert "c4nary" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="as a str") as caught:
        open_store(Path("postgresql://user:c4nary@host/db"))
    assert "c4nary" not in str(caught.value)
