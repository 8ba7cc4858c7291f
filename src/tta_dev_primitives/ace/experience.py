"""Experience: what stored episodes teach, kept up to date by reading new ones only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .episode import Episode
from .evidence.belief import NO_BELIEFS, Beliefs
from .evidence.ledger import Ledger
from .evidence.lifecycle import Decided, decide
from .options import AceOptions
from .playbook import Playbook
from .track_record import TrackRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """What the episodes of a playbook show, as far as they were read.

    Beliefs rest on `settled`, the ledger at the latest multiple of `options.decide_every` episodes: they
    change at the same episodes for everyone who reads the same store.
    """

    options: AceOptions
    record: TrackRecord = field(default_factory=TrackRecord)
    ledger: Ledger = field(default_factory=Ledger)
    settled: Ledger = field(default_factory=Ledger)

    @classmethod
    def of(cls, options: AceOptions) -> Experience:
        """Return the experience of no episodes."""
        empty = Ledger(window=options.window)
        return cls(options=options, ledger=empty, settled=empty)

    def extended(self, episodes: Iterable[Episode]) -> Experience:
        """Return the experience with `episodes`, which follow those it has seen."""
        new = tuple(episodes)
        if not new:
            return self
        record = self.record.extended(new)
        every = self.options.decide_every
        if not every:
            return Experience(options=self.options, record=record)
        due = max(0, record.seen // every * every - self.ledger.seen)
        reached = self.ledger.extended(new[:due])
        return Experience(
            options=self.options,
            record=record,
            ledger=reached.extended(new[due:]),
            settled=reached if due else self.settled,
        )

    def beliefs(self, playbook: Playbook) -> Beliefs:
        """Return what is believed of the bullets of `playbook`; nothing if statuses are never decided."""
        return self.settled.beliefs(playbook) if self.settled.seen else NO_BELIEFS

    @property
    def due(self) -> bool:
        """True if statuses are decided on with the next episode."""
        every = self.options.decide_every
        return every > 0 and (self.record.seen + 1) % every == 0

    def decided(self, episode: Episode, playbook: Playbook) -> Decided:
        """Return what is decided on the bullets of `playbook` if `episode` comes next, and it is due."""
        beliefs = self.extended([episode]).beliefs(playbook)
        return decide(playbook, beliefs, playbook_tokens=self.options.playbook_tokens)
