"""Why a strategy stands: where it came from, what became of it, and what is known of its effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..core.errors import ConfigurationError
from .bullet import Bullet
from .episode import Episode
from .events import (
    Alias,
    Apart,
    Compacted,
    Conflict,
    Gated,
    Observe,
    PlaybookEvent,
    Recorded,
    Replayed,
    SetAside,
    Tag,
    TagKind,
)
from .evidence.belief import Belief, Beliefs
from .fold import named
from .playbook import Playbook
from .statistics import Estimate, wilson
from .taught import Taught, taught_by

_SHOWN_REFERENCE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Judged runs, and how many of them the first program solved."""

    runs: int = 0
    solved: int = 0

    @property
    def share(self) -> Estimate | None:
        """The share that was solved, with Wilson's interval; None without a run."""
        return wilson(self.solved, self.runs) if self.runs else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The runs that a strategy was relevant to: shown it, or not by chance; `unjudged` tell nothing.

    The first program counts, because what follows it is steered by the real error as well.
    """

    included: Outcomes = Outcomes()
    left_out: Outcomes = Outcomes()
    unjudged: int = 0

    @property
    def relevant(self) -> int:
        """How many there were."""
        return self.included.runs + self.left_out.runs + self.unjudged


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of a strategy, and the run that did it; `episode` if that run did one task."""

    recorded: Recorded
    episode: Episode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """How often models called a strategy helpful, harmful or neutral after a run that had it."""

    helpful: int = 0
    harmful: int = 0
    neutral: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """All that is known about one strategy of `playbook`.

    `asked` is the strategy that was named: another one than `bullet` if it was merged into that. `taught`
    is the run it came from, where that is kept, then those of what was merged into it. `changes` are all that
    happened to it or its standing, `replays` those of all its wordings, both oldest first. `belief` is what
    runs and replays say of its effect.
    """

    playbook: Playbook
    bullet: Bullet
    asked: Bullet
    taught: tuple[Taught, ...]
    changes: tuple[Change, ...]
    replays: tuple[Replayed, ...]
    seen: Seen
    opinion: Opinion
    belief: Belief


@dataclass(frozen=True, kw_only=True)  # no slots: the cached views below live in the instance's __dict__
class Archive:
    """A playbook with all that led to it: its episodes, its records, and what is believed of its bullets."""

    playbook: Playbook
    episodes: Sequence[Episode]
    history: Sequence[Recorded]
    beliefs: Beliefs

    def why(self, reference: str) -> Why:
        """Return what is known about the strategy with this id or display id.

        Raises:
            ConfigurationError: there is no such strategy.
        """
        asked = named(self.playbook.bullets, self.playbook.names, reference)
        bullet = self.playbook.get(reference)
        if bullet is None or asked is None:
            shown = reference[:_SHOWN_REFERENCE]
            raise ConfigurationError(
                f"there is no strategy {shown!r}; `playbox playbook show --all` lists them"
            )
        family = (bullet.id, *self._merged.get(bullet.id, ()))
        own = self._about(family)
        events = [item.event for item in own]
        sources = (taught_by(self.playbook.bullets[name], self.episodes) for name in family)
        return Why(
            playbook=self.playbook,
            bullet=bullet,
            asked=asked,
            taught=tuple(filter(None, sources)),
            changes=tuple(self._change(item) for item in own if _changes(item.event)),
            replays=tuple(event for event in events if isinstance(event, Replayed)),
            seen=_seen([event for event in events if isinstance(event, Observe)]),
            opinion=_opinion([event for event in events if isinstance(event, Tag)]),
            belief=self.beliefs.of(bullet.id),
        )

    def _about(self, family: Sequence[str]) -> list[Recorded]:
        """Return the records about these bullets, in order, each once."""
        found = {item.event_id: item for name in family for item in self._by_bullet.get(name, ())}
        return sorted(found.values(), key=lambda item: item.key)

    def _change(self, item: Recorded) -> Change:
        ran = self._by_run.get(item.run_id, [])
        return Change(recorded=item, episode=ran[0] if len(ran) == 1 else None)

    @cached_property
    def _merged(self) -> Mapping[str, list[str]]:
        """The ids of the bullets that were merged into each, also by way of others."""
        merged: dict[str, list[str]] = {}
        for bullet in self.playbook.bullets.values():
            into = self.playbook.get(bullet.id)
            if into is not None and into.id != bullet.id:
                merged.setdefault(into.id, []).append(bullet.id)
        return merged

    @cached_property
    def _by_bullet(self) -> Mapping[str, list[Recorded]]:
        records: dict[str, list[Recorded]] = {}
        for item in self.history:
            for name in _named_in(item.event):
                records.setdefault(name, []).append(item)
        return records

    @cached_property
    def _by_run(self) -> Mapping[str, list[Episode]]:
        runs: dict[str, list[Episode]] = {}
        for episode in self.episodes:
            runs.setdefault(episode.run_id, []).append(episode)
        return runs


def _named_in(event: PlaybookEvent) -> tuple[str, ...]:
    match event:
        case Alias(bullet=bullet, into=into):
            return (bullet, into)
        case Conflict(bullet=bullet, other=other) | Apart(bullet=bullet, other=other):
            return (bullet, other)
        case Gated() | Compacted():
            return ()
        case SetAside(bullets=bullets):
            return bullets
        case _:
            return (event.bullet,)


def _changes(event: PlaybookEvent) -> bool:
    return not isinstance(event, Observe | Tag | Replayed)


def _seen(events: Sequence[Observe]) -> Seen:
    """Count each episode once: of merged strategies two may have been relevant, and one of them shown."""
    by_episode = {event.episode_id: event for event in sorted(events, key=lambda event: event.included)}
    judged = [event for event in by_episode.values() if event.success is not None]
    return Seen(
        included=_outcomes([event for event in judged if event.included]),
        left_out=_outcomes([event for event in judged if not event.included]),
        unjudged=len(by_episode) - len(judged),
    )


def _outcomes(events: Sequence[Observe]) -> Outcomes:
    return Outcomes(runs=len(events), solved=sum(bool(event.success) for event in events))


def _opinion(events: Sequence[Tag]) -> Opinion:
    kinds = [event.tag for event in events]
    return Opinion(
        helpful=kinds.count(TagKind.HELPFUL),
        harmful=kinds.count(TagKind.HARMFUL),
        neutral=kinds.count(TagKind.NEUTRAL),
    )
