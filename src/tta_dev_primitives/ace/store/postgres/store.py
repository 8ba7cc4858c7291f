"""PostgresStore: a playbook that many machines share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from ....core.errors import ConfigurationError
from ...bullet import Status
from ...episode import Episode
from ...events import Recorded
from ...playbook import Playbook
from ..lasting import NO_CONTENTS, Contents
from ..ledger import SNAPSHOT_EVERY
from ..protocol import MOST_FOUND, Commit, Committed, Found, StoredRecord
from ..purge import Purged
from ..search import Searcher
from ..to_the_end import to_the_end
from ..verification import Verified
from .address import Address
from .backup import write_backup
from .database import Database

LOCK_TIMEOUT_S = 30.0
"""How long a commit waits for other writers, for a connection, and for a server that restarts."""


class PostgresStore:
    """Implements `PlaybookStore` on the playbook that `url` names; the tables are made at the first commit.

        PostgresStore("postgresql://user@host/database?playbook=parcels&schema=team_a")

    `clock` returns nanoseconds since 1970, UTC. Connections are opened when first needed and are kept until
    `aclose`; a server that restarts is waited for. Many processes on many machines may share a playbook.

    Raises:
        ConfigurationError: `url` is no such address.
    """

    def __init__(
        self,
        url: str | Address,
        *,
        clock: Callable[[], int] = time.time_ns,
        lock_timeout_s: float = LOCK_TIMEOUT_S,
        snapshot_every: int = SNAPSHOT_EVERY,
    ) -> None:
        self._database = Database(
            url if isinstance(url, Address) else Address.parse(url),
            clock=clock,
            lock_timeout_s=lock_timeout_s,
            snapshot_every=snapshot_every,
        )
        self._searcher = Searcher()

    @property
    def location(self) -> str:
        """The address, without its password."""
        return self._database.address.public

    async def load(self) -> Playbook:
        """Return the latest playbook. Cheap when nothing has changed since the last call."""
        return await asyncio.to_thread(self._database.load)

    async def commit(self, commit: Commit) -> Committed:
        """Store `commit` completely or not at all; on return it survives a crash of the server."""
        return await to_the_end(
            self.location,
            lambda cancelled: self._database.commit(commit, cancelled),
            interrupt=self._database.interrupt,
        )

    async def episodes(self, *, since: int = 0, limit: int | None = None) -> tuple[Episode, ...]:
        """Return the episodes after the first `since`, oldest first; with `limit` the latest so many."""
        return await asyncio.to_thread(self._database.episodes, since, limit)

    async def history(self, *, since: int = 0) -> tuple[StoredRecord, ...]:
        """Return the records after version `since`, oldest first, their hash chain checked."""
        return await asyncio.to_thread(self._database.history, since)

    async def at_version(self, version: int) -> Playbook:
        """Return the playbook as it was at `version`."""
        return await asyncio.to_thread(self._database.at_version, version)

    async def search(
        self, text: str, *, limit: int = MOST_FOUND, statuses: Collection[Status] = ()
    ) -> tuple[Found, ...]:
        """Return the strategies with any of the words in `text`, best first, also those no longer in use."""
        return await self._searcher.search(self, text, limit=limit, statuses=statuses)

    async def contents(self) -> Contents:
        """Return all records and episodes, read in one transaction, the hash chain checked."""
        return await asyncio.to_thread(self._database.contents)

    async def begin_with(self, records: Sequence[Recorded], episodes: Sequence[Episode]) -> Playbook:
        """Make this playbook of the given records and episodes, completely or not at all.

        Raises:
            ConfigurationError: there is a playbook already.
            StoreError: one of its leaves; nothing was stored.
        """
        return await to_the_end(
            self.location,
            lambda cancelled: self._database.begin_with(records, episodes, cancelled),
            interrupt=self._database.interrupt,
        )

    async def verify(self) -> Verified:
        """Read every row and return what is damaged; nothing is changed."""
        return await asyncio.to_thread(self._database.verify)

    async def purge(self) -> Purged:
        """Rewrite the tables of this schema, so that nothing is left in them of what was forgotten.

        Others wait meanwhile. The server's own log and backups are its administrator's.

        Raises:
            PlaybookReadOnly: only the owner of the tables may do so.
            StoreError: another of its leaves.
        """
        await asyncio.to_thread(self._database.purge)
        return Purged()

    async def backup(self, target: Path) -> None:
        """Copy the playbook as it is now to the new .db file `target`: the same records, hashes and episodes.

        For all that is on the server use its own pg_dump.

        Raises:
            ConfigurationError: `target` exists, or there is no playbook yet.
            StoreError: one of its leaves; `target` was not made.
        """
        contents = await self.contents()
        if contents == NO_CONTENTS:
            raise ConfigurationError(f"there is no playbook {self.location!r} to back up")
        await asyncio.to_thread(write_backup, contents, target)

    async def aclose(self) -> None:
        """Close the connections. Idempotent."""
        await asyncio.to_thread(self._database.close)
