"""Rows: the tables of one playbook inside a transaction, whatever database keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from .base import ArchiveRow, BaseRow
from .kept import EpisodeRow, EventRow, Head, SnapshotRow


class MovedRows(Protocol):
    """What stands for the events that were moved to archives."""

    @property
    def base(self) -> BaseRow:
        """Which playbook stands for them."""
        ...

    def payload(self) -> str:
        """Return that playbook."""
        ...

    def rewrite(self, payload: str) -> None:
        """Put `payload` in its place; for erasure alone."""
        ...

    def archives(self) -> Sequence[ArchiveRow]:
        """Return where the events were moved to, oldest first."""
        ...


class Rows(Protocol):
    """What is read and written in one transaction. Rows are text as it was stored: nothing is checked."""

    def head(self) -> Head:
        """Return the end of the chain."""
        ...

    def write_head(self, head: Head) -> None:
        """Replace the end of the chain."""
        ...

    def hash_at(self, seq: int) -> str | None:
        """Return the hash of the chain at `seq`, or None if there is no such record."""
        ...

    def append_events(self, rows: Iterable[EventRow]) -> None:
        """Add events."""
        ...

    def events(self, *, since: int, until: int) -> Iterable[EventRow]:
        """Return the events after `since` up to `until`, oldest first."""
        ...

    def events_with(self, text: str) -> Sequence[EventRow]:
        """Return the events whose payload has `text` in it."""
        ...

    def rewrite_event(self, seq: int, event_id: str, payload: str) -> None:
        """Put `event_id` and `payload` in the place of those of event `seq`; for erasure alone."""
        ...

    def moved(self) -> MovedRows | None:
        """Return what stands for events that were moved to archives, None if none were."""
        ...

    def drop_snapshots(self) -> None:
        """Remove all snapshots."""
        ...

    def has_episode(self, episode_id: str) -> bool:
        """Return whether an episode is stored."""
        ...

    def append_episode(self, row: EpisodeRow) -> None:
        """Add an episode."""
        ...

    def episodes(self, *, since: int, limit: int | None) -> Sequence[tuple[int, str, str]]:
        """Return place (from 1), payload and digest of the latest `limit` after `since`, newest first."""
        ...

    def last_snapshot(self) -> int:
        """Return the version of the latest snapshot, 0 if there is none."""
        ...

    def snapshots(self, *, until: int) -> Iterable[SnapshotRow]:
        """Return the snapshots up to version `until`, latest first."""
        ...

    def write_snapshot(self, row: SnapshotRow) -> None:
        """Add a snapshot; the two latest are kept."""
        ...
