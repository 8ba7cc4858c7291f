"""Events, episodes and snapshots as rows of SQLite, each checked against its hash when it is read."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pydantic import ValidationError
from rpds import HashTrieMap

from ..bullet import Bullet
from ..bullets import Bullets
from ..episode import Episode
from ..events import Gated, Recorded, decode, encode, event_hash
from ..playbook import Playbook
from ..value import Value
from .chain import GENESIS, link
from .faults import corrupt
from .protocol import StoredRecord

_EventRow: TypeAlias = tuple[int, str, int, str, str, str, str, str]
_COLUMNS = "seq, event_id, at, run_id, actor, payload, prev_hash, hash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of the chain, and the digest of the JSON view that was last written."""

    seq: int = 0
    hash: str = GENESIS
    view_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A playbook and the hash of the chain at its version."""

    playbook: Playbook
    hash: str


BEGINNING = Checkpoint(playbook=Playbook(), hash=GENESIS)


class _Snapshot(Value):
    version: int
    head: tuple[int, str] | None
    bullets: tuple[Bullet, ...]
    names: dict[str, str]
    sealed: tuple[str, ...]
    gated: Gated | None = None
    champion: Gated | None = None


def read_head(connection: sqlite3.Connection) -> Head:
    """Return the end of the chain."""
    row: tuple[int, str, str] | None = connection.execute(
        "SELECT seq, hash, view_digest FROM head"
    ).fetchone()
    return Head() if row is None else Head(seq=row[0], hash=row[1], view_digest=row[2])


def write_head(connection: sqlite3.Connection, head: Head) -> None:
    """Replace the end of the chain."""
    connection.execute(
        "INSERT OR REPLACE INTO head VALUES (1, ?, ?, ?)", (head.seq, head.hash, head.view_digest)
    )


def hash_at(connection: sqlite3.Connection, seq: int) -> str | None:
    """Return the hash of the chain at `seq`, or None if there is no such record."""
    if seq == 0:
        return GENESIS
    row: tuple[str] | None = connection.execute("SELECT hash FROM events WHERE seq = ?", (seq,)).fetchone()
    return row and row[0]


def append_events(connection: sqlite3.Connection, head: Head, records: Sequence[Recorded]) -> Head:
    """Append `records` to the chain and return its new end."""
    seq, last = head.seq, head.hash
    for item in records:
        seq, previous = seq + 1, last
        last = link(previous, seq, item.event_id)
        row = (seq, item.event_id, item.at, item.run_id, item.actor, encode(item.event), previous, last)
        connection.execute(f"INSERT INTO events ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608
    return Head(seq=seq, hash=last, view_digest=head.view_digest)


def read_events(
    connection: sqlite3.Connection, path: Path, *, since: int, until: int
) -> Iterator[StoredRecord]:
    """Yield the records after `since` up to `until`, the chain checked.

    Raises:
        PlaybookCorrupt: a record is missing, or does not match its hash or the one before.
    """
    last, expected = hash_at(connection, since) or "", since
    query = f"SELECT {_COLUMNS} FROM events WHERE seq > ? AND seq <= ? ORDER BY seq"  # noqa: S608  # constant
    for row in connection.execute(query, (since, until)):
        expected += 1
        stored = _stored(path, row)
        if stored.seq != expected:
            raise corrupt(path, f"record {expected} of table events is missing")
        if stored.prev_hash != last or stored.hash != link(last, expected, stored.recorded.event_id):
            raise corrupt(path, f"record {expected} of table events does not continue the chain")
        last = stored.hash
        yield stored
    if expected != until:
        raise corrupt(path, f"record {expected + 1} of table events is missing")


def _stored(path: Path, row: _EventRow) -> StoredRecord:
    seq, event_id, at, run_id, actor, payload, prev_hash, hashed = row
    if event_hash(payload, at=at, run_id=run_id, actor=actor) != event_id:
        raise corrupt(path, f"record {seq} of table events does not match its hash")
    try:
        event = decode(payload)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]["msg"]
        raise corrupt(
            path, f"record {seq} of table events is no event that is known here: {problem}"
        ) from error
    recorded = Recorded(event_id=event_id, at=at, run_id=run_id, actor=actor, event=event)
    return StoredRecord(seq=seq, prev_hash=prev_hash, hash=hashed, recorded=recorded)


def append_episode(connection: sqlite3.Connection, episode: Episode) -> None:
    """Store an episode."""
    payload = episode.model_dump_json(exclude_defaults=True)
    row = (episode.id, episode.run_id, episode.task_id, episode.playbook_version, payload, _digest(payload))
    connection.execute(
        "INSERT INTO episodes (id, run_id, task_id, playbook_version, payload, digest)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        row,
    )


def has_episode(connection: sqlite3.Connection, episode_id: str) -> bool:
    """Return whether an episode is stored."""
    return connection.execute("SELECT 1 FROM episodes WHERE id = ?", (episode_id,)).fetchone() is not None


def read_episodes(
    connection: sqlite3.Connection, path: Path, since: int, limit: int | None
) -> tuple[Episode, ...]:
    """Return the latest episodes after the first `since`, oldest first.

    Raises:
        PlaybookCorrupt: one does not match its digest.
    """
    query = "SELECT seq, payload, digest FROM episodes WHERE seq > ? ORDER BY seq DESC LIMIT ?"
    most = -1 if limit is None else limit
    rows: list[tuple[int, str, str]] = connection.execute(query, (since, most)).fetchall()
    return tuple(_episode(path, *row) for row in reversed(rows))


def _episode(path: Path, seq: int, payload: str, digest: str) -> Episode:
    if _digest(payload) != digest:
        raise corrupt(path, f"row {seq} of table episodes does not match its digest")
    try:
        return Episode.model_validate_json(payload)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]["msg"]
        raise corrupt(path, f"row {seq} of table episodes is no episode: {problem}") from error


def write_snapshot(connection: sqlite3.Connection, checkpoint: Checkpoint) -> None:
    """Store a snapshot, so that loading need not fold what came before; the two latest are kept."""
    playbook = checkpoint.playbook
    payload = _Snapshot(
        version=playbook.version,
        head=playbook.head,
        bullets=tuple(playbook.bullets.values()),
        names=dict(playbook.names),
        sealed=playbook.sealed,
        gated=playbook.gated,
        champion=playbook.champion,
    ).model_dump_json(exclude_defaults=True)
    row = (playbook.version, checkpoint.hash, payload, _digest(payload))
    connection.execute("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)", row)
    connection.execute(
        "DELETE FROM snapshots WHERE seq NOT IN (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT 2)"
    )


def last_snapshot(connection: sqlite3.Connection) -> int:
    """Return the version of the latest snapshot, 0 if there is none."""
    row: tuple[int | None] = connection.execute("SELECT max(seq) FROM snapshots").fetchone()
    return row[0] or 0


def read_snapshot(connection: sqlite3.Connection, *, until: int) -> Checkpoint:
    """Return the latest sound snapshot up to version `until`; a damaged one is only a copy, passed over."""
    query = "SELECT seq, hash, payload, digest FROM snapshots WHERE seq <= ? ORDER BY seq DESC"
    for seq, hashed, payload, digest in connection.execute(query, (until,)):
        playbook = _playbook(payload) if _digest(payload) == digest else None
        if playbook is not None and hash_at(connection, seq) == hashed:
            return Checkpoint(playbook=playbook, hash=hashed)
    return BEGINNING


def _playbook(payload: str) -> Playbook | None:
    try:
        snapshot = _Snapshot.model_validate_json(payload)
    except ValidationError:  # written by another version of this package
        return None
    return Playbook(
        version=snapshot.version,
        head=snapshot.head,
        bullets=Bullets.of(snapshot.bullets),
        names=HashTrieMap(snapshot.names),
        sealed=snapshot.sealed,
        gated=snapshot.gated,
        champion=snapshot.champion,
    )


def _digest(payload: str) -> str:
    return hashlib.sha256(payload.encode()).hexdigest()
