"""A playbook store in memory: for tests, and for runs that shall leave nothing behind."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from ..ace.bullet import Status
from ..ace.episode import Episode
from ..ace.erasure import erase, forgotten
from ..ace.events import Forget, Recorded
from ..ace.playbook import Playbook
from ..ace.store.chain import GENESIS, link
from ..ace.store.plan import plan, repeated
from ..ace.store.protocol import MOST_FOUND, Commit, Committed, Found, StoredRecord
from ..ace.store.search import Searcher
from ..core.errors import ConfigurationError


class MemoryStore:
    """Implements `PlaybookStore`. `clock` returns nanoseconds since 1970, UTC."""

    def __init__(self, *, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._versions = [Playbook()]  # one a commit; they share what did not change
        self._records: list[StoredRecord] = []
        self._episodes: dict[str, Episode] = {}
        self._searcher = Searcher()

    @property
    def location(self) -> str:
        """Where the playbook is kept, for people."""
        return "memory"

    async def load(self) -> Playbook:
        """Return the latest playbook."""
        return self._versions[-1]

    async def commit(self, commit: Commit) -> Committed:
        """Store `commit` completely or not at all; nothing is awaited, so no other task comes between."""
        if commit.episode is not None and commit.episode.id in self._episodes:
            return repeated(self._versions[-1], commit)
        planned = plan(self._versions[-1], commit, at=self._clock())
        self._append(planned.records)
        if any(isinstance(item.event, Forget) for item in planned.records):
            self._erase(planned.committed.playbook)
        if planned.episode is not None:
            self._episodes[planned.episode.id] = planned.episode
        self._versions.append(planned.committed.playbook)
        return planned.committed

    async def episodes(self, *, since: int = 0, limit: int | None = None) -> tuple[Episode, ...]:
        """Return the episodes after the first `since`, oldest first; with `limit` the latest so many."""
        stored = tuple(self._episodes.values())[max(0, since) :]
        return stored if limit is None else stored[max(0, len(stored) - limit) :]

    async def history(self, *, since: int = 0) -> tuple[StoredRecord, ...]:
        """Return the records after version `since`, oldest first."""
        return tuple(self._records[max(0, since) :])

    async def at_version(self, version: int) -> Playbook:
        """Return the playbook as it was at `version`."""
        if not 0 <= version <= len(self._records):
            raise ConfigurationError(
                f"there is no version {version}; versions 0 to {len(self._records)} exist"
            )
        known = self._versions[bisect_right(self._versions, version, key=lambda kept: kept.version) - 1]
        return known.extend(stored.recorded for stored in self._records[known.version : version])

    async def search(
        self, text: str, *, limit: int = MOST_FOUND, statuses: Collection[Status] = ()
    ) -> tuple[Found, ...]:
        """Return the strategies with any of the words in `text`, best first, also those no longer in use."""
        return await self._searcher.search(self, text, limit=limit, statuses=statuses)

    async def aclose(self) -> None:
        """Do nothing: what is kept goes with the object."""

    def _append(self, records: Iterable[Recorded]) -> None:
        for item in records:
            prev_hash = self._records[-1].hash if self._records else GENESIS
            seq = len(self._records) + 1
            hashed = link(prev_hash, seq, item.event_id)
            self._records.append(StoredRecord(seq=seq, prev_hash=prev_hash, hash=hashed, recorded=item))

    def _erase(self, latest: Playbook) -> None:
        """Take the texts of forgotten bullets out of the records, and the playbooks that had them."""
        bullets = forgotten(latest.bullets.values())
        self._records = [
            replace(kept, recorded=erase(kept.recorded, bullets, latest.bullets)) for kept in self._records
        ]
        self._versions = [Playbook()]
