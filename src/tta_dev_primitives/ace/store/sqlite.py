"""The default store: one SQLite file, and a JSON file beside it if the user asked for one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ...core.errors import ConfigurationError
from ..bullet import Status
from ..episode import Episode
from ..events import Forget, Recorded
from ..exchange import Skipped
from ..playbook import Playbook
from .compaction import KEEP, Compaction
from .database import Database
from .group import Group
from .json_view import JsonView
from .lasting import Contents
from .ledger import SNAPSHOT_EVERY
from .lock import Abandoned
from .protocol import MOST_FOUND, Commit, Committed, Found, StoredRecord
from .purge import Purged
from .search import Searcher
from .to_the_end import settled, to_the_end
from .verification import Verified

_PLACE = "the playbook's file"
LOCK_TIMEOUT_S = 30.0
"""How long a commit waits for other writers: a thousand commits on a slow disk."""


class SqliteStore:
    """Implements `PlaybookStore` on the file at `path`, which is made at the first commit.

    `view` is a JSON file that is kept equal to the playbook. `clock` returns nanoseconds since 1970, UTC.
    No file is open between calls, so an object that is never closed leaks nothing, and several processes may
    share a file.
    """

    def __init__(
        self,
        path: Path,
        *,
        view: Path | None = None,
        clock: Callable[[], int] = time.time_ns,
        lock_timeout_s: float = LOCK_TIMEOUT_S,
        snapshot_every: int = SNAPSHOT_EVERY,
    ) -> None:
        self._view = None if view is None else JsonView(view)
        self._named = path if view is None else view
        path = path.resolve() if path.is_symlink() else path  # one lock, whatever its name
        self._database = Database(
            path, view=self._view, clock=clock, lock_timeout_s=lock_timeout_s, snapshot_every=snapshot_every
        )
        self._searcher = Searcher(path.with_name(f"{path.name}-search"))
        self.meanings = path.with_name(f"{path.name}-meanings")
        """The file of what is known of the meaning of strategies, if embeddings are used."""
        self._group = Group(self._database.write)

    @property
    def location(self) -> str:
        """The file that the user named."""
        return str(self._named)

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What could not be taken over from the JSON file, and why."""
        return () if self._view is None else self._view.skipped

    async def load(self) -> Playbook:
        """Return the latest playbook. Cheap when nothing has changed since the last call."""
        return await to_the_end(_PLACE, self._database.load)

    async def commit(self, commit: Commit) -> Committed:
        """Store `commit` completely or not at all; on return it survives a crash of the machine.

        Commits of this store that wait at once, in any of its threads and tasks, are written together.
        """
        if not any(isinstance(decision, Forget) for decision in commit.decisions):
            return await self._written(commit)
        with self._forgetting():
            return await self._written(commit)

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
            _PLACE, lambda cancelled: self._database.begin_with(records, episodes, cancelled.is_set)
        )

    async def verify(self) -> Verified:
        """Read every row and return what is damaged; nothing is changed.

        Raises:
            PlaybookCorrupt: so damaged that SQLite cannot read it.
        """
        return await asyncio.to_thread(self._database.verify)

    async def compact(self, *, keep: int = KEEP, archive: Path | None = None) -> Compaction:
        """Move the payloads of all but the latest `keep` events to the new file `archive`.

        Without `archive` it is beside the playbook. What decides about strategies stays: episodes, replays,
        counts. So does each event's place in the chain, which proves the archive. Older versions are read
        from the archive, where that is at hand.

        Raises:
            ConfigurationError: `keep` is negative, or `archive` exists.
            StoreError: one of its leaves; nothing was moved.
        """
        if keep < 0:
            raise ConfigurationError(f"keep={keep!r}: give how many versions stay, 0 or more")
        return await to_the_end(
            _PLACE, lambda cancelled: self._database.compact(keep, archive, cancelled.is_set)
        )

    async def purge(self) -> Purged:
        """Rewrite the file and its archives, so that nothing is left in them of what was forgotten.

        A commit with `Forget` erases the texts from all rows; freed pages of the file, and archives, may
        still hold them. Look at `unreached` of what is returned: an archive that is elsewhere keeps them. A
        JSON file that a person left, kept as `.orig`, is deleted once anything is forgotten.

        Raises:
            StoreError: one of its leaves; try again when no one else reads.
        """
        with self._forgetting():
            return await asyncio.to_thread(self._database.purge)

    async def backup(self, target: Path) -> None:
        """Copy the playbook as it is now to the new file `target`, while others go on writing.

        Raises:
            ConfigurationError: `target` exists, or there is no playbook yet.
            StoreError: one of its leaves; `target` was not made.
        """
        await asyncio.to_thread(self._database.backup, target)

    @contextmanager
    def _forgetting(self) -> Generator[None]:
        """Throw away what is derived from texts, before and after some of them are forgotten."""
        with self._searcher.forgetting():
            self.meanings.unlink(missing_ok=True)
            try:
                yield
            finally:
                self.meanings.unlink(missing_ok=True)

    async def _written(self, commit: Commit) -> Committed:
        waiting = self._group.join(commit)
        future = asyncio.wrap_future(waiting.answer)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError as error:
            self._group.withdraw(waiting, Abandoned())
            error.add_note(await settled(_PLACE, future))
            raise

    async def aclose(self) -> None:
        """Do nothing: no file is open between calls."""
