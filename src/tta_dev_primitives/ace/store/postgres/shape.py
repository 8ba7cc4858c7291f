"""Shape: what the tables of a playbook are, and refusing those that somebody else prepared.

A trigger or a rule rewrites what is stored, a default or a policy may call a function with the rights of
whoever reads, a collation that is not deterministic makes one key of two, an unlogged table is empty after a
crash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from psycopg import Connection

from ..faults import corrupt
from .address import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Its columns in their order, which are NOT NULL, and what is unique in it, the primary key first."""

    columns: tuple[tuple[str, str], ...]
    keys: tuple[tuple[str, ...], ...]


def _table(columns: str, *keys: str) -> Table:
    pairs = [column.partition(" ") for column in columns.split(", ")]
    return Table(
        columns=tuple((name, kind or "text") for name, _, kind in pairs),
        keys=tuple(tuple(key.split(", ")) for key in keys),
    )


TABLES: Final[Mapping[str, Table]] = {
    "version": _table("number integer", "number"),
    "events": _table(
        "playbook, seq bigint, event_id, at bigint, run_id, actor, payload, prev_hash, hash",
        "playbook, seq",
        "playbook, event_id",
    ),
    "episodes": _table(
        "playbook, seq bigint, id, run_id, task_id, playbook_version bigint, payload, digest",
        "playbook, seq",
        "playbook, id",
    ),
    "snapshots": _table("playbook, seq bigint, hash, payload, digest", "playbook, seq"),
    "head": _table("playbook, seq bigint, hash", "playbook"),
}

_OURS: Final = """
    pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %(schema)s AND c.relname = ANY (%(names)s) AND"""
_STRANGE: Final = f"""
    SELECT c.relname, 'it is no ordinary table' FROM {_OURS}
        (c.relkind <> 'r' OR c.relpersistence <> 'p' OR c.relispartition)
    UNION ALL SELECT c.relname, 'another table belongs to it' FROM {_OURS}
        EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE c.oid IN (i.inhparent, i.inhrelid))
    UNION ALL SELECT c.relname, 'it has the rule ' || r.rulename FROM pg_catalog.pg_rewrite r, {_OURS}
        r.ev_class = c.oid
    UNION ALL SELECT c.relname, 'it has the trigger ' || t.tgname FROM pg_catalog.pg_trigger t, {_OURS}
        t.tgrelid = c.oid AND NOT t.tgisinternal
    UNION ALL SELECT c.relname, 'it has the constraint ' || k.conname FROM pg_catalog.pg_constraint k, {_OURS}
        c.oid IN (k.conrelid, k.confrelid) AND k.contype NOT IN ('p', 'u', 'n')
    UNION ALL SELECT c.relname, 'it has the index ' || x.relname
        FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid, {_OURS}
        i.indrelid = c.oid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
            OR i.indisunique AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                WHERE k.conindid = i.indexrelid AND k.conrelid = c.oid))
    UNION ALL SELECT c.relname, 'its policy ' || p.polname || ' uses more than its columns'
        FROM pg_catalog.pg_policy p, {_OURS}
        p.polrelid = c.oid AND EXISTS (SELECT FROM pg_catalog.pg_depend d
            WHERE d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND d.objid = p.oid
            AND NOT (d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = c.oid))
"""  # noqa: S608  # constants
"""A policy may call functions of PostgreSQL itself: on those no dependency is noted."""
_COLUMNS: Final = f"""
    SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, NULL), t.typnamespace = 11
        AND a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND coalesce(o.collisdeterministic, true)
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation, {_OURS}
        a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum
"""  # noqa: S608  # constants; 11 is the namespace pg_catalog, in every release
_KEYS: Final = f"""
    SELECT c.relname, k.contype = 'p', ARRAY(SELECT a.attname::text
        FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number ORDER BY u.place)
    FROM pg_catalog.pg_constraint k, {_OURS}
        k.conrelid = c.oid AND k.contype IN ('p', 'u') AND NOT k.condeferrable
    ORDER BY c.relname, k.contype
"""  # noqa: S608  # constants


def present(connection: Connection, schema: str) -> frozenset[str]:
    """Return which of the names of tables are taken in `schema`, by whatever it is."""
    query = f"SELECT c.relname FROM {_OURS} true"  # noqa: S608  # constant
    return frozenset(str(name) for (name,) in connection.execute(query.encode(), _names(schema, TABLES)))


def check(connection: Connection, address: Address, *names: str) -> None:
    """See that these tables are as this package makes them.

    Raises:
        PlaybookCorrupt: one is missing or different.
    """
    given = _names(address.schema, names)
    for table, problem in connection.execute(_STRANGE.encode(), given):
        raise _refused(address, str(table), str(problem))
    columns: dict[str, list[tuple[str, str]]] = {name: [] for name in names}
    for table, column, kind, plain in connection.execute(_COLUMNS.encode(), given):
        if not plain:
            raise _refused(address, str(table), f"its column {column} is not made like ours")
        columns[str(table)].append((str(column), str(kind)))
    keys: dict[str, list[tuple[str, ...]]] = {name: [] for name in names}
    for table, _, key in connection.execute(_KEYS.encode(), given):
        keys[str(table)].append(tuple(key))
    for name in names:
        if tuple(columns[name]) != TABLES[name].columns or tuple(keys[name]) != TABLES[name].keys:
            raise _refused(
                address, name, "its columns or keys are not ours" if columns[name] else "it is missing"
            )


def _names(schema: str, names: Mapping[str, Table] | tuple[str, ...]) -> dict[str, str | list[str]]:
    return {"schema": schema, "names": list(names)}


def _refused(address: Address, table: str, problem: str) -> Exception:
    return corrupt(address.public, f"table {table} of the schema was not made by this package: {problem}")
