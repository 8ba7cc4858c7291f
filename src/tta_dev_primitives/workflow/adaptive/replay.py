"""Replay: what logged requests would have been worth under another configuration.

A request is replayed on its own attempts, because a request that is refused for good is refused at every
attempt. Only where it has none of its own (it succeeded, but the other configuration would have cut it off;
or a hedge would have been asked) is an attempt drawn from requests of the same fate: solved, refused or
neither. The latencies of one request are taken as independent there; the canary finds out if not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .configuration import Configuration
from .request import Request
from .utility import Utility

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Places: TypeAlias = NDArray[np.int64]

DRAWS: Final = 4
"""How often each request is replayed with other drawn attempts; the mean counts."""
_SOLVED, _REFUSED, _NEITHER = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """Attempts as arrays of one shape; what was cut off has infinite `seconds`."""

    ok: Flags
    seconds: Floats
    calls: Places

    def at(self, places: Places) -> Attempts:
        """Return the attempts at these places of the first axis."""
        return Attempts(ok=self.ok[places], seconds=self.seconds[places], calls=self.calls[places])

    def column(self, number: int) -> Attempts:
        """Return attempt `number` of each request."""
        return Attempts(ok=self.ok[:, number], seconds=self.seconds[:, number], calls=self.calls[:, number])

    def where(self, chosen: Flags, other: Attempts) -> Attempts:
        """Return these where `chosen`, and `other` elsewhere."""
        return Attempts(
            ok=np.where(chosen, self.ok, other.ok),
            seconds=np.where(chosen, self.seconds, other.seconds),
            calls=np.where(chosen, self.calls, other.calls),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """A log as arrays: request i ran under `kinds[kind[i]]` and has `tried[i]` attempts of its own.

    `chance` are the draws of all replays, the same for each configuration: differences have less noise.
    """

    kinds: tuple[Configuration, ...]
    kind: Places
    attempts: Attempts
    pauses: Floats
    tried: Places
    fate: Places
    chance: Floats

    @classmethod
    def of(cls, log: Sequence[Request], *, tries: int, seed: int) -> Requests:
        """Return the log as arrays that are `tries` attempts wide."""
        shape = (len(log), max(tries, *(len(request.attempts) for request in log)))
        attempts = Attempts(
            ok=np.zeros(shape, bool), seconds=np.full(shape, np.inf), calls=np.ones(shape, np.int64)
        )
        pauses = np.zeros(shape)
        for row, request in enumerate(log):
            for column, attempt in enumerate(request.attempts):
                attempts.ok[row, column] = attempt.ok
                attempts.seconds[row, column] = np.inf if attempt.cut else attempt.seconds
                attempts.calls[row, column] = attempt.calls
                pauses[row, column] = attempt.pause_s
        ran = dict.fromkeys(request.configuration for request in log)
        kinds = {one: number for number, one in enumerate(ran)}
        return cls(
            kinds=tuple(kinds),
            kind=np.array([kinds[request.configuration] for request in log]),
            attempts=attempts,
            pauses=pauses,
            tried=np.array([len(request.attempts) for request in log]),
            fate=np.array([_fate(request) for request in log]),
            chance=np.random.default_rng(seed).random((DRAWS, 2, *shape)),
        )


def _fate(request: Request) -> int:
    if request.ok:
        return _SOLVED
    return _NEITHER if any(attempt.cut for attempt in request.attempts) else _REFUSED


def worth(requests: Requests, other: Configuration, utility: Utility) -> Floats:
    """Return each request's utility under `other`, NaN where its log does not tell.

    `len(worth) == len(requests.tried)`.
    """
    result = np.full(len(requests.tried), np.nan)
    for hedge in {None, other.hedge_after_s}:
        telling = np.array([seen.hedge_after_s == hedge and seen.covers(other) for seen in requests.kinds])
        rows = np.flatnonzero(telling[requests.kind])
        if len(rows):
            result[rows] = _Replay(requests, rows, other, hedged=hedge is not None).worth(utility)
    return result


class _Replay:
    """One configuration on those requests (`rows`) that cover it and were logged in one way."""

    def __init__(self, requests: Requests, rows: Places, other: Configuration, *, hedged: bool) -> None:
        self._own = requests.attempts.at(rows)
        self._first = self._own.column(0)
        self._pauses, self._paused = requests.pauses[rows], _same_pause(requests, rows, other)
        self._tried, self._fate = requests.tried[rows], requests.fate[rows]
        self._chance = requests.chance[:, :, rows]
        self._pools = [self._pool(fate) for fate in (_SOLVED, _REFUSED, _NEITHER)]
        self._other, self._hedged = other, hedged

    def worth(self, utility: Utility) -> Floats:
        """Return the utility of each row, the mean of all draws: those are the first axis of what follows."""
        shape = (DRAWS, len(self._tried))
        ok, own, going = np.zeros(shape, bool), np.ones(shape, bool), np.ones(shape, bool)
        seconds, calls = np.zeros(shape), np.zeros(shape)
        for number in range(self._other.retries + 1):
            going &= ~own | (number < self._tried)  # a chain of failures that ended so ends so again
            if not going.any():
                break
            drawn = self._first.at(self._draw(self._chance[:, 0, :, number]))
            attempt = self._own.column(number).where(own, drawn)
            outcome = attempt if self._hedged else self._hedge(attempt, self._chance[:, 1, :, number])
            in_time = outcome.seconds <= self._other.timeout_s
            seconds += going * (self._pause(number, own) + np.minimum(outcome.seconds, self._other.timeout_s))
            calls += going * outcome.calls
            done = outcome.ok & in_time
            ok |= going & done
            own &= ~(going & attempt.ok)  # it was solved here: there are no further attempts of its own
            going &= ~done
        once = utility.success * ok - utility.per_second * seconds - utility.per_call * calls
        return np.asarray(once.mean(axis=0), np.float64)

    def _pool(self, fate: int) -> Places:
        alike = np.flatnonzero(self._fate == fate) if fate != _NEITHER else np.empty(0, np.int64)
        return alike if len(alike) else np.arange(len(self._fate))

    def _draw(self, chance: Floats) -> Places:
        places = [pool[(chance * len(pool)).astype(np.int64)] for pool in self._pools]
        return np.choose(self._fate, places)

    def _hedge(self, first: Attempts, chance: Floats) -> Attempts:
        """Return what comes of each attempt if a second is asked beside it once it is late."""
        after = self._other.hedge_after_s
        if after is None:
            return first
        late = first.seconds > after
        second = self._first.at(self._draw(chance))
        arrives = after + second.seconds
        wins = second.ok & (~first.ok | (arrives < first.seconds))
        both = Attempts(
            ok=first.ok | second.ok,
            seconds=np.where(
                wins, arrives, np.where(first.ok, first.seconds, np.maximum(first.seconds, arrives))
            ),
            calls=first.calls + 1,
        )
        return both.where(late, first)

    def _pause(self, number: int, own: Flags) -> Floats:
        nominal = self._other.pause_s(number)
        return np.where(own & self._paused, self._pauses[:, number], nominal)


def _same_pause(requests: Requests, rows: Places, other: Configuration) -> Flags:
    same = np.array([seen.backoff_s == other.backoff_s for seen in requests.kinds])
    return np.asarray(same[requests.kind[rows]], np.bool_)
