"""Keeper: a playbook's store, and what all the runs in it show, read once and then followed."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from .evidence.belief import NO_BELIEFS, Beliefs
from .evidence.lifecycle import Decided
from .experience import Experience
from .options import AceOptions
from .playbook import Playbook
from .store import Commit, Committed, PlaybookStore
from .track_record import TrackRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of a commit, and what the evidence decided in it."""

    committed: Committed
    decided: Decided


class Keeper:
    """Loads and keeps a playbook in `store`; what evidence decides becomes part of the commit that is due.

    May be used by many tasks at once, and beside other writers of the same store.
    """

    def __init__(self, store: PlaybookStore, options: AceOptions) -> None:
        self.store = store
        self._playbook: Playbook | None = None
        self._experience, self._read = Experience.of(options), False
        self._every = options.decide_every
        self._decided_at: int | None = None
        self._believed = (0, NO_BELIEFS)

    async def load(self) -> Playbook:
        """Return the latest playbook."""
        self._playbook = await self.store.load()
        return self._playbook

    async def record(self) -> TrackRecord:
        """Return what all stored runs show, also those of other writers."""
        return (await self._follow()).record

    async def beliefs(self, playbook: Playbook) -> Beliefs:
        """Return what stored runs say about the bullets; estimated anew when enough runs are new."""
        experience = await self._follow()
        seen, beliefs = self._believed
        if experience.settled.seen != seen:
            beliefs = await asyncio.to_thread(experience.beliefs, playbook)
            self._believed = (experience.settled.seen, beliefs)
        return beliefs

    async def keep(self, commit: Commit) -> Kept:
        """Store `commit`, with what the evidence decides once its episode counts, in one transaction.

        Raises:
            StoreError: nothing was stored.
        """
        decided = await self._decide(commit)
        committed = await self.store.commit(replace(commit, decisions=decided.decisions, seals=decided.seals))
        self._playbook = committed.playbook
        return Kept(committed=committed, decided=decided)

    async def _decide(self, commit: Commit) -> Decided:
        """Return what the evidence decides with this commit, on the bullets as its own delta leaves them."""
        experience = await self._follow()
        if commit.episode is None or not self._due(experience.record.seen):
            return Decided()
        playbook = await self.store.load()
        if commit.delta is not None:
            playbook = playbook.apply(commit.delta, at=0, run_id=commit.run_id).playbook
        return await asyncio.to_thread(experience.decided, commit.episode, playbook)

    def _due(self, seen: int) -> bool:
        """Tell whether the next episode reaches or passes a multiple of `decide_every` that none here has.

        Passes, as of runs that end together all may see the same number; then the first of the next decides.
        """
        before = seen if self._decided_at is None else self._decided_at
        if not self._every or (seen + 1) // self._every <= before // self._every:
            self._decided_at = before
            return False
        self._decided_at = seen + 1
        return True

    @property
    def known_playbook(self) -> Playbook:
        """The playbook as last loaded or kept; read from the store at the first use."""
        if self._playbook is None:
            self._read_now()
        assert self._playbook is not None  # noqa: S101  # set by _read_now
        return self._playbook

    @property
    def known_record(self) -> TrackRecord:
        """What the stored runs show, as known since they were last read."""
        if not self._read:
            self._read_now()
        return self._experience.record

    async def _follow(self) -> Experience:
        """Return what all stored runs show; reads only what is new."""
        known = self._experience
        extended = known.extended(await self.store.episodes(since=known.record.seen))
        if extended.record.seen > self._experience.record.seen:
            self._experience = extended
        self._read = True
        return self._experience

    def _read_now(self) -> None:
        """Read the store from code that is not async, in a thread, as a loop may be running in this one."""

        async def read() -> None:
            await self.load()
            await self._follow()

        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, read()).result()
