"""History: what the episodes of a run's playbook teach, when a batch began and now."""

from __future__ import annotations

from collections.abc import Container

from ..episode import Episode
from ..experience import Experience
from ..options import AceOptions
from ..store import PlaybookStore


class History:
    """Reads each episode of `store` once."""

    def __init__(self, store: PlaybookStore, options: AceOptions) -> None:
        self._store, self._options = store, options
        self._episodes: dict[str, Episode] = {}
        self.experience = Experience.of(options)

    async def refresh(self) -> None:
        """Read what is new."""
        new = await self._store.episodes(since=len(self._episodes))
        self._episodes.update((episode.id, episode) for episode in new)
        self.experience = self.experience.extended(new)

    def get(self, episode_id: str) -> Episode | None:
        """Return a stored episode, or None."""
        return self._episodes.get(episode_id)

    def before(self, batch: Container[str]) -> Experience:
        """Return the experience without the episodes of a batch, of which some are there after a kill."""
        if not any(episode_id in batch for episode_id in self._episodes):
            return self.experience
        earlier = (episode for episode in self._episodes.values() if episode.id not in batch)
        return Experience.of(self._options).extended(earlier)

    def other_ending(self, task_id: str, batch: Container[str], *, success: bool) -> Episode | None:
        """Return the latest episode of the task before the batch, if it ended the other way."""
        of_task = [e for e in self._episodes.values() if e.task_id == task_id and e.id not in batch]
        last = of_task[-1] if of_task else None
        return last if last is not None and last.attempts and last.success is not success else None
