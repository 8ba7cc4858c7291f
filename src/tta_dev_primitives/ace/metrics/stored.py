"""Stored: everything that is kept about a playbook's use, in the form that the metrics read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ..bullet import Bullet
from ..episode import Episode
from ..events import Add, Recorded
from ..evidence.belief import Beliefs
from ..evidence.ledger import beliefs_of
from ..playbook import Playbook
from ..training.result import TaskResult

_NOT_LEARNED: Final = frozenset({"import", "starter", "user"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One stored run. `new` says that its task had not been run before."""

    episode: Episode
    new: bool

    @property
    def informed(self) -> bool:
        """True if it had strategies."""
        return any(choice.included for choice in self.episode.choices)

    @property
    def eligible(self) -> bool:
        """True if there were strategies for it, so that only chance could hold them out."""
        return bool(self.episode.choices)

    @property
    def failures(self) -> int:
        """How many of its programs failed."""
        return sum(not attempt.success for attempt in self.episode.attempts)

    @property
    def seconds(self) -> float:
        """How long it took, also waiting for models."""
        return (_instant(self.episode.finished_at) - _instant(self.episode.started_at)) / 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the metrics are computed from; made by `of`.

    `trials` are the stored runs and `changes` the playbook's records from the asked time on, oldest first.
    `history` are all records and `finishes` the ends of all runs, in nanoseconds since 1970, UTC, ascending.
    `beliefs` are what all runs say about the strategies. `results` are those of a training or an evaluation,
    if one is given, and of the runs with an empty playbook that it was compared with.
    """

    playbook: Playbook
    trials: tuple[Trial, ...]
    changes: tuple[Recorded, ...]
    history: tuple[Recorded, ...]
    finishes: tuple[int, ...]
    beliefs: Beliefs
    results: tuple[TaskResult, ...] = ()

    @classmethod
    def of(
        cls,
        *,
        playbook: Playbook,
        episodes: Sequence[Episode],
        history: Sequence[Recorded],
        results: Sequence[TaskResult] = (),
        since: datetime | None = None,
    ) -> Stored:
        """Return what a playbook, its episodes and its records hold, each oldest first.

        With `since`, which needs a time zone, earlier runs and changes only tell what was known then.
        """
        start = 0 if since is None else _nanoseconds(since)
        return cls(
            playbook=playbook,
            trials=tuple(trial for trial in _trials(episodes) if _instant(trial.episode.started_at) >= start),
            changes=tuple(item for item in history if item.at >= start),
            history=tuple(history),
            finishes=tuple(sorted(_instant(episode.finished_at) for episode in episodes)),
            beliefs=beliefs_of(playbook, episodes),
            results=tuple(results),
        )

    @property
    def judged(self) -> tuple[Trial, ...]:
        """The runs of tasks that say how to tell success."""
        return tuple(trial for trial in self.trials if not trial.episode.unchecked)

    @property
    def finished(self) -> tuple[Trial, ...]:
        """The judged runs that no outage, budget or deadline cut short."""
        return tuple(trial for trial in self.judged if not trial.episode.cut_short)

    @property
    def learned(self) -> Mapping[str, Recorded]:
        """The record that first added each strategy, of all time, which was learned here and not imported."""
        bullets, added = self.playbook.bullets, dict[str, Recorded]()
        for item in self.history:
            bullet = bullets.get(item.event.bullet) if isinstance(item.event, Add) else None
            if bullet is not None and bullet.provenance.origin not in _NOT_LEARNED:
                added.setdefault(bullet.id, item)
        return added

    @property
    def learned_bullets(self) -> tuple[Bullet, ...]:
        """Those strategies as they are now."""
        return tuple(self.playbook.bullets[bullet] for bullet in self.learned)


def _trials(episodes: Iterable[Episode]) -> list[Trial]:
    seen, trials = set[str](), list[Trial]()
    for episode in episodes:
        trials.append(Trial(episode=episode, new=episode.task_id not in seen))
        seen.add(episode.task_id)
    return trials


def _instant(text: str) -> int:
    return _nanoseconds(datetime.fromisoformat(text))


def _nanoseconds(time: datetime) -> int:
    since = time - datetime.fromtimestamp(0, UTC)
    return (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1_000
