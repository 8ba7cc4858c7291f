"""Events, episodes and snapshots as rows of text with their hashes; events are read in `records`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import ValidationError

from ..episode import Episode
from ..erasure import is_erased
from ..events import Recorded, SetAside, decode, encode, event_hash
from ..playbook import Playbook
from . import snapshot
from .chain import GENESIS, link


class RowFault(Exception):  # within this package: who reads the row knows where it stands
    """What is wrong with a row, as the end of a sentence about it."""


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


class EventRow(NamedTuple):
    """One event; `hash` covers `prev_hash`, `seq` and `event_id`, which covers all else."""

    seq: int
    event_id: str
    at: int
    run_id: str
    actor: str
    payload: str
    prev_hash: str
    hash: str


class EpisodeRow(NamedTuple):
    """One episode; `digest` is the SHA-256 of `payload`."""

    id: str
    run_id: str
    task_id: str
    playbook_version: int
    payload: str
    digest: str


class SnapshotRow(NamedTuple):
    """The playbook at `seq`; `hash` is that of the chain there, `digest` the SHA-256 of `payload`."""

    seq: int
    hash: str
    payload: str
    digest: str


def event_rows(head: Head, records: Sequence[Recorded]) -> Iterator[EventRow]:
    """Yield the rows that append `records` to the chain that ends with `head`."""
    last = head.hash
    for seq, item in enumerate(records, head.seq + 1):
        previous, last = last, link(last, seq, item.event_id)
        yield EventRow(
            seq, item.event_id, item.at, item.run_id, item.actor, encode(item.event), previous, last
        )


def read_event(row: EventRow) -> Recorded:
    """Return the event in `row`, whatever its place in the chain; an erased or lost one has no texts.

    Raises:
        RowFault: it does not match its hash, or is no event that is known here.
    """
    matches = is_as_written(row)
    try:
        event = decode(row.payload)
    except ValidationError as error:
        if not matches:
            raise RowFault("does not match its hash") from error
        problem = error.errors(include_url=False)[0]["msg"]
        raise RowFault(f"is no event that is known here: {problem}") from error
    if not (matches or is_erased(event) or isinstance(event, SetAside)):
        raise RowFault("does not match its hash")
    return Recorded(event_id=row.event_id, at=row.at, run_id=row.run_id, actor=row.actor, event=event)


def is_as_written(row: EventRow) -> bool:
    """Tell whether the row has the id that its content has; an erased one has not."""
    return event_hash(row.payload, at=row.at, run_id=row.run_id, actor=row.actor) == row.event_id


def episode_row(episode: Episode) -> EpisodeRow:
    """Return `episode` as a row."""
    payload = episode.model_dump_json(exclude_defaults=True)
    return EpisodeRow(
        episode.id, episode.run_id, episode.task_id, episode.playbook_version, payload, _digest(payload)
    )


def read_episode(payload: str, digest: str) -> Episode:
    """Return the episode of a row.

    Raises:
        RowFault: it does not match its digest, or is no episode.
    """
    if _digest(payload) != digest:
        raise RowFault("does not match its digest")
    try:
        return Episode.model_validate_json(payload)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]["msg"]
        raise RowFault(f"is no episode: {problem}") from error


def snapshot_row(checkpoint: Checkpoint) -> SnapshotRow:
    """Return `checkpoint` as a row."""
    payload = snapshot.written(checkpoint.playbook)
    return SnapshotRow(checkpoint.playbook.version, checkpoint.hash, payload, _digest(payload))


def read_snapshot(row: SnapshotRow, *, whole: bool = False) -> Checkpoint | None:
    """Return the snapshot, or None if it is damaged: it is only a copy. See `snapshot.read` for `whole`."""
    playbook = snapshot.read(row.payload, whole=whole) if _digest(row.payload) == row.digest else None
    return None if playbook is None else Checkpoint(playbook=playbook, hash=row.hash)


def _digest(payload: str) -> str:
    return hashlib.sha256(payload.encode(errors="replace")).hexdigest()
