"""History: the episodes of a run's playbook, as they were when a batch began."""

from __future__ import annotations

from collections.abc import Container, Iterable

from ..episode import Episode
from ..store import PlaybookStore
from ..track_record import TrackRecord


class History:
    """Reads each episode of `store` once."""

    def __init__(self, store: PlaybookStore) -> None:
        self._store = store
        self._episodes: dict[str, Episode] = {}

    async def refresh(self) -> None:
        """Read what is new."""
        new = await self._store.episodes(since=len(self._episodes))
        self._episodes.update((episode.id, episode) for episode in new)

    def get(self, episode_id: str) -> Episode | None:
        """Return a stored episode, or None."""
        return self._episodes.get(episode_id)

    def record_before(self, batch: Container[str], also: Iterable[Episode]) -> TrackRecord:
        """Return what the episodes show, without those of the batch that `also` does not name."""
        before = (episode for episode in self._episodes.values() if episode.id not in batch)
        return TrackRecord().extended((*before, *also))

    def other_ending(self, task_id: str, batch: Container[str], *, success: bool) -> Episode | None:
        """Return the latest episode of the task before the batch, if it ended the other way."""
        of_task = [e for e in self._episodes.values() if e.task_id == task_id and e.id not in batch]
        last = of_task[-1] if of_task else None
        return last if last is not None and last.attempts and last.success is not success else None
