"""What a server, a role or an address may forbid or set otherwise: said clearly, and never half a commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from tests.ace.making import adding, episode
from tests.ace.store.cutting_proxy import Cut, CuttingProxy
from tests.ace.store.postgres_server import PostgresServer, running
from tta_dev_primitives.ace.events import Forget
from tta_dev_primitives.ace.store import Commit
from tta_dev_primitives.ace.store.postgres.address import Address
from tta_dev_primitives.ace.store.postgres.connections import Connections
from tta_dev_primitives.ace.store.postgres.store import PostgresStore
from tta_dev_primitives.core.errors import PlaybookReadOnly, StoreUnavailable


@pytest.fixture
async def url(postgres_url: str) -> str:
    """Return the address of a playbook with something in it."""
    store = PostgresStore(postgres_url)
    await store.commit(adding("kept"))
    await store.aclose()
    return postgres_url


def with_setting(url: str, setting: str) -> str:
    return f"{url}&options=-c%20{setting.replace('=', '%3D')}"


def sql(url: str, *statements: str) -> None:
    with psycopg.connect(url.partition("?")[0]) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def schema_of(url: str) -> str:
    return url.partition("schema=")[2].partition("&")[0]


async def test_a_statement_timeout_is_an_outage_that_names_it(url: str) -> None:
    store = PostgresStore(with_setting(url, "statement_timeout=200"))
    with psycopg.connect(url.partition("?")[0]) as holder:
        holder.execute(f"SELECT seq FROM {schema_of(url)}.head FOR UPDATE".encode())  # noqa: S608
        with pytest.raises(StoreUnavailable, match=r"statement timeout.*raise statement_timeout"):
            await store.commit(adding("late"))
    await store.commit(adding("in time"))
    assert [bullet.content for bullet in (await store.load()).active] == ["kept", "in time"]
    await store.aclose()


@pytest.mark.parametrize("level", ["serializable", "repeatable%5C%20read"])
async def test_writers_wait_their_turn_whatever_isolation_their_role_has(url: str, level: str) -> None:
    store = PostgresStore(with_setting(url, f"default_transaction_isolation={level}"))
    async with asyncio.TaskGroup() as group:
        for number in range(12):
            group.create_task(store.commit(adding(f"lesson {number}")))
    assert (await store.load()).size == 13
    await store.aclose()


async def test_what_is_acknowledged_is_on_disk_whatever_the_role_has(
    url: str,
) -> None:
    for given, used in {"off": "on", "local": "local", "remote_apply": "remote_apply"}.items():
        address = Address.parse(with_setting(url, f"synchronous_commit={given}"))
        connections = Connections(address, timeout_s=5)
        with connections.writing() as (connection, _):
            assert connection.execute("SHOW synchronous_commit").fetchone() == (used,)
        connections.close()


async def test_a_connection_that_was_idle_for_too_long_is_made_again(url: str) -> None:
    store = PostgresStore(with_setting(url, "idle_session_timeout=50"))
    await store.commit(adding("one"))
    await asyncio.sleep(0.2)
    await store.commit(adding("two"))
    assert (await store.load()).size == 3
    await store.aclose()


async def test_a_forgotten_text_is_gone_from_the_files_or_it_is_said_who_can_do_it(url: str) -> None:
    schema, store = schema_of(url), PostgresStore(url)
    role = f"{schema}_writer"
    sql(
        url,
        f"CREATE ROLE {role} LOGIN",
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
    )
    writer = PostgresStore(url.replace("playbox@", f"{role}@"))
    await writer.commit(Commit(run_id="r", decisions=(Forget(bullet="str-00001", reason="a customer"),)))
    with pytest.raises(PlaybookReadOnly, match="only its owner may rewrite the table events"):
        await writer.purge()
    await store.purge()
    assert (await store.verify()).sound
    for one in (writer, store):
        await one.aclose()


@pytest.mark.parametrize("cut", list(Cut))
async def test_a_commit_of_an_episode_alone_is_not_taken_for_stored(
    postgres: PostgresServer, url: str, cut: Cut
) -> None:
    proxy = CuttingProxy(postgres.port, at=b"COMMIT\0", cut=cut)
    through = PostgresStore(url.replace(f":{postgres.port}/", f":{proxy.port}/"))
    await through.load()
    proxy.armed = True
    committed = await through.commit(Commit(run_id="r", episode=episode("alone")))
    assert (proxy.cuts, committed.repeated) == (1, False)
    assert [item.id for item in await through.episodes()] == ["alone"]
    await through.aclose()
    proxy.close()


@pytest.fixture
def with_password() -> Iterator[PostgresServer]:
    with running() as server:
        sql(server.url, "ALTER ROLE playbox PASSWORD 's3cret'")
        (server.data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
        server.stop()
        server.start()
        yield server


async def test_a_password_is_asked_for_where_no_one_sees_it(
    with_password: PostgresServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = with_password.url
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    for wrong in (url, url.replace("playbox@", "playbox:wr0ng@")):
        store = PostgresStore(wrong)
        with pytest.raises(StoreUnavailable, match=r"~/.pgpass.*PGPASSFILE.*PGPASSWORD") as caught:
            await store.load()
        assert "wr0ng" not in str(caught.value)
    file = tmp_path / "pgpass"
    file.write_text(f"127.0.0.1:{with_password.port}:*:playbox:s3cret\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    store = PostgresStore(url)
    await store.commit(adding("by the file"))
    await store.aclose()
    monkeypatch.delenv("PGPASSFILE")
    monkeypatch.setenv("PGPASSWORD", "s3cret")
    store = PostgresStore(url)
    assert (await store.load()).size == 1
    await store.aclose()


@pytest.fixture
async def standby(postgres: PostgresServer, url: str) -> AsyncIterator[PostgresServer]:
    """A standby with a copy of the data, the playbook at `url` in it, which follows nobody."""
    assert url
    with TemporaryDirectory(prefix="playbox-postgres-", ignore_cleanup_errors=True) as folder:
        other = postgres.copied(Path(folder) / "server")
        (other.data / "standby.signal").touch()
        other.start()
        yield other
        other.stop()


async def test_a_standby_is_read_and_says_that_it_takes_no_writes(
    standby: PostgresServer, postgres: PostgresServer, url: str
) -> None:
    store = PostgresStore(url.replace(f":{postgres.port}/", f":{standby.port}/"))
    assert [bullet.content for bullet in (await store.load()).active] == ["kept"]
    assert (await store.verify()).sound
    assert len((await store.contents()).records) == 1
    for work in (store.commit(adding("new")), store.purge()):
        with pytest.raises(PlaybookReadOnly, match=r"standby.*primary"):
            await work
    await store.aclose()
    empty = PostgresStore(
        url.replace(f":{postgres.port}/", f":{standby.port}/").replace("schema=", "schema=x")
    )
    assert (await empty.load()).size == 0
    with pytest.raises(PlaybookReadOnly, match="standby"):
        await empty.commit(adding("new"))
    await empty.aclose()
