"""Tenants by key, by schema and by row level security: none reads or changes what is another's."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.ace.making import adding, delta, episode, rule
from tests.ace.store.postgres_server import PostgresServer
from tta_dev_primitives.ace.delta import MergeBullets, ReviseBullet, TagBullet
from tta_dev_primitives.ace.editing import edit
from tta_dev_primitives.ace.events import Forget, Pin, TagKind
from tta_dev_primitives.ace.store import Commit
from tta_dev_primitives.ace.store.lasting import NO_CONTENTS, Contents, LastingStore
from tta_dev_primitives.ace.store.postgres.store import PostgresStore
from tta_dev_primitives.core.errors import ConfigurationError, PlayboxError

CANARY = "canary7c1e"
DOCS = Path(__file__).parents[3] / "docs" / "sharing.md"


def filled_with_canaries() -> Commit:
    told = episode(f"{CANARY}-episode").model_copy(
        update={"task": CANARY, "run_id": CANARY, "task_id": CANARY}
    )
    return Commit(
        run_id=CANARY, actor=CANARY, delta=delta(rule(f"{CANARY} lesson"), task=CANARY), episode=told
    )


def tries(
    reference: str, theirs: Contents, folder: Path
) -> dict[str, list[Callable[[LastingStore], Awaitable[object]]]]:
    """Return what one tenant may try with each method, knowing ids and events of another's."""
    operations = (
        ReviseBullet(bullet=reference, revision=1, content="mine"),
        MergeBullets(bullet=reference, into="str-00001"),
        TagBullet(bullet=reference, tag=TagKind.HARMFUL),
    )
    return {
        "load": [lambda store: store.load()],
        "commit": [
            lambda store: store.commit(Commit(run_id="r", delta=delta(*operations))),
            lambda store: store.commit(
                Commit(run_id="r", decisions=(Forget(bullet=reference, reason="gone"),))
            ),
            lambda store: store.commit(Commit(run_id="r", decisions=(Pin(bullet=reference),))),
            lambda store: store.commit(Commit(run_id="r", episode=episode("of-mine"))),
            lambda store: edit(store, reference, "mine", revision=1),
        ],
        "episodes": [lambda store: store.episodes(), lambda store: store.episodes(since=0, limit=9)],
        "history": [lambda store: store.history(), lambda store: store.history(since=-1)],
        "at_version": [lambda store: store.at_version(1), lambda store: store.at_version(2)],
        "contents": [lambda store: store.contents()],
        "search": [
            lambda store: store.search("canary lesson secret a"),
            lambda store: store.search(reference),
        ],
        "begin_with": [lambda store: store.begin_with(theirs.records[:0], ())],
        "verify": [lambda store: store.verify()],
        "purge": [lambda store: store.purge()],
        "backup": [lambda store: store.backup(folder / f"{uuid4().hex}.db")],
        "aclose": [lambda store: store.aclose()],
    }


def written_with_canaries(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if CANARY.encode() in file.read_bytes()]


async def try_all(store: PostgresStore, reference: str, theirs: Contents, folder: Path) -> None:
    """Call every method of a store, and see that nothing of what it says is another's."""
    public = {name for name in dir(store) if not name.startswith("_")} - {"location"}
    all_tries = tries(reference, theirs, folder)
    assert public == set(all_tries), "a method that this test does not know"
    for name, calls in all_tries.items():
        for call in calls:
            try:
                said = repr(await call(store))
            except PlayboxError as error:
                said = f"{error!r} {error.__notes__ if hasattr(error, '__notes__') else ''}"
            assert CANARY not in said.replace(reference, ""), name
    assert not written_with_canaries(folder)


@pytest.fixture
async def theirs(postgres_url: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(f"{postgres_url}&playbook=theirs")
    await store.commit(filled_with_canaries())
    await store.commit(adding(f"{CANARY} more"))
    yield store
    await store.aclose()


async def bullet_of(store: PostgresStore) -> str:
    return next(iter((await store.load()).bullets))


@pytest.mark.parametrize("key", ["mine", "Theirs", "theirs ", "their_", "%", "theirs' OR 'a' = 'a"])
async def test_another_key_sees_and_changes_nothing(
    theirs: PostgresStore, postgres_url: str, key: str, tmp_path: Path
) -> None:
    before = await theirs.contents()
    mine = PostgresStore(f"{postgres_url}&playbook={key}".replace("%", "%25").replace(" ", "%20"))
    assert await mine.contents() == NO_CONTENTS
    await mine.commit(adding("of mine"))
    await try_all(mine, await bullet_of(theirs), before, tmp_path)
    assert await theirs.contents() == before
    assert (await theirs.verify()).sound
    assert [bullet.content for bullet in (await mine.load()).active] == ["of mine"]
    await mine.aclose()


async def test_a_user_of_another_schema_gets_nowhere(
    theirs: PostgresStore, postgres: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    before, role = await theirs.contents(), f"tenant_{uuid4().hex[:12]}"
    with psycopg.connect(postgres.url) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN".encode())
        connection.execute(f"CREATE SCHEMA {role} AUTHORIZATION {role}".encode())
    as_tenant = postgres_url.replace("playbox@", f"{role}@")
    own = PostgresStore(f"{as_tenant.partition('?')[0]}?schema={role}")
    await own.commit(adding("of the tenant"))
    assert (await own.load()).size == 1
    intruding = PostgresStore(f"{as_tenant}&playbook=theirs")
    await try_all(intruding, await bullet_of(theirs), before, tmp_path)
    with pytest.raises(PlayboxError, match="permission denied"):
        await intruding.load()
    assert await theirs.contents() == before
    for store in (own, intruding):
        await store.aclose()


async def test_row_level_security_as_the_docs_set_it_up(
    theirs: PostgresStore, postgres: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    """With it not even a tenant who writes SQL of his own gets at another's rows."""
    before, schema = await theirs.contents(), postgres_url.partition("schema=")[2]
    (statements,) = re.findall(r"```sql\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.DOTALL)
    role = f"parcels_{uuid4().hex[:12]}"
    there = statements.replace("playbox.", f"{schema}.").replace("SCHEMA playbox", f"SCHEMA {schema}")
    with psycopg.connect(postgres.url) as connection:
        connection.execute(there.replace("parcels", role).encode())
    as_tenant = postgres_url.replace("playbox@", f"{role}@")
    own, intruding = (PostgresStore(f"{as_tenant}&playbook={key}") for key in (role, "theirs"))
    await own.commit(adding("of the tenant"))
    assert [bullet.content for bullet in (await own.load()).active] == ["of the tenant"]
    assert (await own.verify()).sound
    await try_all(intruding, await bullet_of(theirs), before, tmp_path)
    assert await intruding.contents() == NO_CONTENTS
    with psycopg.connect(as_tenant.partition("?")[0]) as connection:
        for table in ("head", "events", "episodes", "snapshots"):
            found = connection.execute(f"SELECT playbook FROM {schema}.{table}".encode())  # noqa: S608
            assert {key for (key,) in found} <= {role}
            deleting = f"DELETE FROM {schema}.{table} WHERE playbook = 'theirs'"  # noqa: S608
            assert connection.execute(deleting.encode()).rowcount == 0
    assert await theirs.contents() == before
    for store in (own, intruding):
        await store.aclose()


async def test_the_key_may_be_any_name(postgres_url: str) -> None:
    for key, kept in {
        "parcels%2Fnorth": "parcels/north",
        "%C3%A9t%C3%A9": "été",
        "a%3Fb%26c": "a?b&c",
    }.items():
        store = PostgresStore(f"{postgres_url}&playbook={key}")
        await store.commit(adding(kept))
        assert f"?playbook={kept}&" in store.location
        assert [bullet.content for bullet in (await store.load()).active] == [kept]
        await store.aclose()
    with pytest.raises(ConfigurationError):
        PostgresStore(f"{postgres_url}&playbook=a&playbook=")
