"""What stores do that outlast the process: rows are checked, cleaned, and carried to another place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from ..episode import Episode
from ..events import Recorded
from ..playbook import Playbook
from .chain import GENESIS
from .protocol import PlaybookStore
from .purge import Purged
from .verification import Verified


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """All that a playbook is made of, as of one moment, oldest first; `head` is the end of its hash chain."""

    records: tuple[Recorded, ...]
    episodes: tuple[Episode, ...]
    head: str


NO_CONTENTS: Final = Contents(records=(), episodes=(), head=GENESIS)


class LastingStore(PlaybookStore, Protocol):
    """A `PlaybookStore` on a disk or a server."""

    async def contents(self) -> Contents:
        """Return all records and episodes, read in one transaction, the hash chain checked."""
        ...

    async def begin_with(self, records: Sequence[Recorded], episodes: Sequence[Episode]) -> Playbook:
        """Make this playbook of the given records, in whatever order, and episodes: completely or not at all.

        Raises:
            ConfigurationError: there is a playbook already.
            StoreError: one of its leaves; nothing was stored.
        """
        ...

    async def verify(self) -> Verified:
        """Read every row and return what is damaged; nothing is changed."""
        ...

    async def purge(self) -> Purged:
        """Rewrite what is kept, so that nothing is left in it of what was forgotten.

        Look at `unreached` of what is returned.

        Raises:
            StoreError: one of its leaves.
        """
        ...

    async def backup(self, target: Path) -> None:
        """Copy the playbook as it is now to the new .db file `target`, while others go on writing.

        Raises:
            ConfigurationError: `target` exists, or there is no playbook yet.
            StoreError: one of its leaves; `target` was not made.
        """
        ...
