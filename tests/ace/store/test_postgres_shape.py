"""Tables that somebody else prepared are refused, and nobody else's names are called."""

from __future__ import annotations

import psycopg
import pytest

from tests.ace.making import adding
from tests.ace.store.postgres_server import PostgresServer
from tta_dev_primitives.ace.store.postgres.store import PostgresStore
from tta_dev_primitives.core.errors import PlaybookCorrupt


@pytest.fixture
async def made(postgres_url: str) -> str:
    """Return the address of a playbook with something in it."""
    store = PostgresStore(postgres_url)
    await store.commit(adding("kept"))
    await store.aclose()
    return postgres_url


def sql(server: PostgresServer, url: str, *statements: str) -> None:
    """Run statements in which {} is the schema."""
    schema = url.partition("schema=")[2].partition("&")[0]
    with psycopg.connect(server.url) as connection:
        for statement in statements:
            connection.execute(statement.replace("{}", schema).encode())


MARK = "CREATE TABLE {}.called (at integer)"
SPY = (
    MARK,
    """CREATE FUNCTION {}.spy() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO {}.called VALUES (1); NEW.payload := 'mine'; RETURN NEW; END $$""",
    """CREATE FUNCTION {}.seen(text) RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO {}.called VALUES (1); RETURN true; END $$""",
)
"""What notes that it was called."""
PREPARED = {
    "a trigger": "CREATE TRIGGER t BEFORE INSERT ON {}.events FOR EACH ROW EXECUTE FUNCTION {}.spy()",
    "a rule": "CREATE RULE r AS ON INSERT TO {}.episodes DO INSTEAD NOTHING",
    "a check": "ALTER TABLE {}.events ADD CONSTRAINT c CHECK ({}.seen(payload))",
    "a default": "ALTER TABLE {}.events ALTER payload SET DEFAULT 'x'",
    "another column": "ALTER TABLE {}.events ADD COLUMN more text",
    "a generated column": "ALTER TABLE {}.head ADD COLUMN more text GENERATED ALWAYS AS (hash) STORED",
    "a lost column": "ALTER TABLE {}.snapshots DROP COLUMN digest",
    "another type": "ALTER TABLE {}.events ALTER run_id TYPE varchar(30)",
    "a domain": """CREATE DOMAIN {}.text AS text CHECK ({}.seen(value));
        ALTER TABLE {}.events ALTER actor TYPE {}.text""",
    "a collation": """CREATE COLLATION {}.any
            (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
        ALTER TABLE {}.head ALTER playbook TYPE text COLLATE {}.any""",
    "a null": "ALTER TABLE {}.head ALTER hash DROP NOT NULL",
    "a lost key": "ALTER TABLE {}.events DROP CONSTRAINT events_playbook_event_id_key",
    "an index on a function": """CREATE FUNCTION {}.pure(text) RETURNS text IMMUTABLE
            LANGUAGE sql AS 'SELECT $1';
        CREATE INDEX i ON {}.events ({}.pure(payload))""",
    "a unique index": "CREATE UNIQUE INDEX i ON {}.events (run_id)",
    "a foreign key": "CREATE TABLE {}.more (number integer REFERENCES {}.version ON DELETE CASCADE)",
    "a child": "CREATE TABLE {}.more () INHERITS ({}.events)",
    "an unlogged table": "ALTER TABLE {}.events SET UNLOGGED",
    "a view": """ALTER TABLE {}.events RENAME TO real;
        CREATE VIEW {}.events AS SELECT * FROM {}.real""",
    "a lost table": "DROP TABLE {}.episodes",
    "a view of the version": """DROP TABLE {}.version;
        CREATE VIEW {}.version AS SELECT 1 AS number""",
    "a policy that calls": "CREATE POLICY p ON {}.events USING ({}.seen(payload))",
}


@pytest.mark.parametrize("how", PREPARED.values(), ids=PREPARED)
async def test_what_could_rewrite_or_call_is_refused(made: str, postgres: PostgresServer, how: str) -> None:
    sql(postgres, made, *SPY, *how.split(";\n"), "TRUNCATE {}.called")  # to prepare it may have called it
    store = PostgresStore(made)
    for work in (store.load(), store.commit(adding("new")), store.verify(), store.history()):
        with pytest.raises(PlaybookCorrupt, match="was not made by this package"):
            await work
    await store.aclose()
    with psycopg.connect(postgres.url) as connection:
        schema = made.partition("schema=")[2]
        assert connection.execute(f"SELECT count(*) FROM {schema}.called".encode()).fetchone() == (0,)  # noqa: S608


async def test_what_harms_nothing_is_not_refused(made: str, postgres: PostgresServer) -> None:
    sql(
        postgres,
        made,
        "CREATE INDEX i ON {}.events (run_id)",
        "CREATE POLICY p ON {}.events USING (playbook = current_user)",
        "CREATE VIEW {}.lessons AS SELECT payload FROM {}.events",
        "CREATE TABLE {}.notes (text text)",
        "COMMENT ON TABLE {}.events IS 'what was learned'",
    )
    store = PostgresStore(made)
    await store.commit(adding("new"))
    assert (await store.load()).size == 2
    await store.aclose()


async def test_tables_of_another_program_are_left_alone(postgres: PostgresServer, postgres_url: str) -> None:
    sql(postgres, postgres_url, "CREATE SCHEMA {}", "CREATE TABLE {}.events (id integer, name text)")
    store = PostgresStore(postgres_url)
    for work in (store.load(), store.commit(adding("new"))):
        with pytest.raises(PlaybookCorrupt, match=r"table version .* it is missing"):
            await work
    await store.aclose()


async def test_no_name_means_what_somebody_else_made_of_it(made: str, postgres: PostgresServer) -> None:
    """Functions and operators of other argument types would be preferred, if their schema were searched."""
    sql(
        postgres,
        made,
        MARK,
        """CREATE FUNCTION {}.spy(bigint, smallint) RETURNS boolean LANGUAGE plpgsql AS
            $$ BEGIN INSERT INTO {}.called VALUES (1); RETURN false; END $$""",
        "CREATE OPERATOR {}.> (leftarg = bigint, rightarg = smallint, function = {}.spy)",
        "CREATE OPERATOR {}.= (leftarg = bigint, rightarg = smallint, function = {}.spy)",
        "CREATE FUNCTION {}.strpos(text, varchar) RETURNS integer LANGUAGE sql AS 'SELECT 0'",
        "ALTER ROLE playbox SET search_path TO {}, pg_catalog",
    )
    try:
        store = PostgresStore(f"{made}&options=-csearch_path%3D{made.partition('schema=')[2]},pg_catalog")
        await store.commit(adding("new"))
        assert len(await store.history()) == 2
        assert (await store.verify()).sound
        await store.aclose()
    finally:
        sql(postgres, made, "ALTER ROLE playbox RESET search_path")
    with psycopg.connect(postgres.url) as connection:
        schema = made.partition("schema=")[2]
        assert connection.execute(f"SELECT count(*) FROM {schema}.called".encode()).fetchone() == (0,)  # noqa: S608
