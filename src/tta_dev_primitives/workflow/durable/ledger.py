"""Ledger: which executions are kept of a run, and which of them this attempt at it has not come to yet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .record import StepKey, StepPlace, StepRecord


class Claim(NamedTuple):
    """One execution of a step: which one with its input at its place, and what is kept of it."""

    key: StepKey
    occurrence: int
    kept: StepRecord | None


class Ledger:
    """Executions with the same input at the same place are told apart by their order alone."""

    def __init__(self, kept: Iterable[StepRecord]) -> None:
        self._waiting: dict[StepPlace, dict[str, dict[int, StepRecord]]] = {}
        self._next: dict[StepKey, int] = {}
        for record in kept:
            self.put_back(record)
            self._next[record.key] = max(self._next.get(record.key, 0), record.occurrence + 1)

    def claim(self, key: StepKey) -> Claim:
        """Return the first kept execution that nobody has claimed, or a new one."""
        waiting = self._waiting.get(key.place, {}).get(key.input_hash)
        if waiting:
            occurrence = min(waiting)
            return Claim(key, occurrence, waiting.pop(occurrence))
        occurrence = self._next.get(key, 0)
        self._next[key] = occurrence + 1
        return Claim(key, occurrence, None)

    def put_back(self, record: StepRecord) -> None:
        """Let the next execution of that step with that input find `record`."""
        inputs = self._waiting.setdefault(record.key.place, {})
        inputs.setdefault(record.input_hash, {})[record.occurrence] = record

    def unclaimed(self, place: StepPlace) -> tuple[StepRecord, ...]:
        """Return what is kept of the step and was not claimed."""
        inputs = self._waiting.get(place, {})
        return tuple(record for waiting in inputs.values() for record in waiting.values())
