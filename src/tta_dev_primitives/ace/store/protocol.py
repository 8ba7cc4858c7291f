"""What every store of a playbook does: one transaction in, one playbook out."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain
from typing import Final, Protocol

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from ...core.errors import ConfigurationError
from ..bullet import Bullet, Status
from ..delta import Delta, Outcome
from ..episode import Episode
from ..events import Decision, Observe, Recorded, Replayed, Seal, Tag
from ..playbook import Playbook
from ..value import Value

MOST_FOUND = 10
"""How many strategies a search finds unless another limit is given."""

_SHOWN_CHARS: Final = 200
_UNKEEPABLE: Final = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What is stored together, in one transaction: the delta first, then the events, then the episode.

    Events may name bullets by id or display id, also ones that the delta adds. `actor` is who observed,
    tagged, replayed, decided and sealed; the delta has its own in its provenance.

    Raises:
        ConfigurationError: a name in it has a NUL or half a surrogate pair, which not every store can keep,
            or something in it could not be read again.
    """

    run_id: str
    delta: Delta | None = None
    episode: Episode | None = None
    observations: tuple[Observe, ...] = ()
    tags: tuple[Tag, ...] = ()
    replays: tuple[Replayed, ...] = ()
    decisions: tuple[Decision, ...] = ()
    seals: tuple[Seal, ...] = ()
    actor: str = "playbox"

    def __post_init__(self) -> None:
        named = {"run_id": self.run_id, "actor": self.actor}
        if self.delta is not None:
            named["actor of the delta"] = self.delta.provenance.actor
        if self.episode is not None:
            episode = self.episode
            named |= {"episode": episode.id, "run_id": episode.run_id, "task_id": episode.task_id}
        for what, name in named.items():
            if _UNKEEPABLE.search(name):
                raise ConfigurationError(
                    f"{what}={name!r} cannot be stored: it has a NUL or half a surrogate pair; leave that out"
                )
        events = chain(self.observations, self.tags, self.replays, self.decisions, self.seals)
        origin = self.delta and self.delta.provenance
        for value in filter(None, (origin, self.episode, *events)):
            _refuse_unreadable(value)


def _refuse_unreadable(value: Value) -> None:
    """Raise if what is written for `value` is refused when it is read: one such record spoils a playbook."""
    try:
        type(value).model_validate_json(value.model_dump_json(exclude_defaults=True))
    except (PydanticSerializationError, ValidationError) as error:
        raise ConfigurationError(
            f"{str(value)[:_SHOWN_CHARS]!r} cannot be stored, as it could not be read again: it has half a "
            "surrogate pair, or a number that is none; leave that out"
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """The playbook after a commit and one outcome per operation of its delta.

    `repeated` says that the episode had been committed before, so nothing was stored again.
    """

    playbook: Playbook
    outcomes: tuple[Outcome, ...] = ()
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """A record and its place in the hash chain. `seq` counts from 1 and is the version that it led to."""

    seq: int
    prev_hash: str
    hash: str
    recorded: Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A strategy, its BM25 score (larger is better) and the words for which it was found, as it has them.

    `similarity` is the cosine, -1..1, of one that was found by its meaning, which need not have any word.
    """

    bullet: Bullet
    score: float
    words: tuple[str, ...]
    similarity: float | None = None


class PlaybookStore(Protocol):
    """Keeps a playbook, its events and its episodes."""

    @property
    def location(self) -> str:
        """Where the playbook is kept, for people."""
        ...

    async def load(self) -> Playbook:
        """Return the latest playbook. Cheap when nothing has changed since the last call.

        Raises:
            StoreError: one of its leaves, see core/errors.py.
        """
        ...

    async def commit(self, commit: Commit) -> Committed:
        """Store `commit` completely or not at all; on return it survives a crash of the machine.

        The delta is applied to the latest playbook under the write lock. An episode that is stored already
        makes the commit a repetition: nothing is stored, and every operation is a duplicate. A cancelled call
        has either finished or stored nothing when CancelledError is raised; the error's note says which.

        Raises:
            ConfigurationError: an event names a bullet that the playbook does not have.
            StoreError: one of its leaves, see core/errors.py; nothing was stored.
        """
        ...

    async def episodes(self, *, since: int = 0, limit: int | None = None) -> tuple[Episode, ...]:
        """Return the episodes after the first `since`, oldest first; with `limit` the latest so many."""
        ...

    async def history(self, *, since: int = 0) -> tuple[StoredRecord, ...]:
        """Return the records after version `since`, oldest first, their hash chain checked."""
        ...

    async def at_version(self, version: int) -> Playbook:
        """Return the playbook as it was at `version`.

        Raises:
            ConfigurationError: there is no such version.
        """
        ...

    async def search(
        self, text: str, *, limit: int = MOST_FOUND, statuses: Collection[Status] = ()
    ) -> tuple[Found, ...]:
        """Return the strategies with any of the words in `text`, best first, also those no longer in use.

        By BM25 over display id, content and trigger; ties in admission order. Words count without case,
        accents and endings; nothing in `text` is an operator. With `statuses` only strategies of these.
        """
        ...

    async def aclose(self) -> None:
        """Free all resources. Idempotent."""
        ...
