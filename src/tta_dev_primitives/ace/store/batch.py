"""A batch: commits of one transaction, each planned on the playbook that the one before left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ...core.errors import PlayboxError
from ..events import PlaybookEvent, Recorded, record
from ..playbook import Playbook
from .kept import Checkpoint, Head
from .ledger import Ledger
from .plan import Plan, plan, repeated
from .protocol import Commit, Committed
from .rows import Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Records to be stored with the first commit, and before it, and the playbook that they lead to."""

    playbook: Playbook
    records: tuple[Recorded, ...]


@dataclass(slots=True, kw_only=True)
class Batch:
    """What is written so far: up to `head`, where the playbook is that of `checkpoint`.

    The head itself is the caller's to write, once for all.
    """

    ledger: Ledger
    rows: Rows
    clock: Callable[[], int]
    head: Head
    checkpoint: Checkpoint
    before: Before | None = None

    def add(self, commit: Commit) -> Committed | PlayboxError:
        """Write `commit`, or return why it is refused; then nothing of it is written."""
        if commit.episode is not None and self.rows.has_episode(commit.episode.id):
            self._write_before()
            return repeated(self.checkpoint.playbook, commit)
        before = self.before or Before(playbook=self.checkpoint.playbook, records=())
        try:
            planned = plan(before.playbook, commit, at=self.clock())
        except PlayboxError as refused:
            return refused
        self.append(replace(planned, records=before.records + planned.records))
        self.before = None
        return planned.committed

    def note(self, event: PlaybookEvent, *, run_id: str, actor: str) -> None:
        """Write an event that no commit may bring."""
        before = self.before or Before(playbook=self.checkpoint.playbook, records=())
        noted = record(event, at=before.playbook.next_at(self.clock()), run_id=run_id, actor=actor)
        committed = Committed(playbook=before.playbook.extend([noted]))
        self.append(Plan(records=(*before.records, noted), committed=committed))
        self.before = None

    def _write_before(self) -> None:
        """Write what no commit has taken along: a person's edits are stored, whatever becomes of the rest."""
        if self.before is not None:
            committed = Committed(playbook=self.before.playbook)
            self.append(Plan(records=self.before.records, committed=committed))
            self.before = None

    def append(self, planned: Plan) -> None:
        """Write what is planned."""
        self.checkpoint = self.ledger.append(self.rows, self.head, planned)
        self.head = replace(self.head, seq=self.head.seq + len(planned.records), hash=self.checkpoint.hash)
