"""Keeper: holds a tuner's state between requests, its file, and the thread that searches the log."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Lock
from types import MappingProxyType

from ...core.events import Event
from . import tuner
from .events import TunerStopped
from .forecast import Forecast
from .history import History, Standing
from .plan import Plan
from .request import Request
from .tuner import Choice, Next, State

Emit = Callable[[Event], None]


class Keeper:
    """One lock guards all of it: an adaptive step may be used from several event loops and threads.

    A search runs in a thread of its own; the first request after its end takes what it found. Nothing waits.
    """

    def __init__(self, plan: Plan, *, file: Path | None) -> None:
        self._plan = plan
        self._lock = Lock()
        self._history = None if file is None else History(file, window=plan.caution.window)
        self._pool: ThreadPoolExecutor | None = None
        self._search: Future[tuple[Forecast, ...]] | None = None
        self._untold: list[Event] = []
        self._outside: str | None = None
        self.state = _restored(plan, self._history)
        self.found: tuple[Forecast, ...] = ()
        self._said: str | None = None
        self.unlogged = 0
        self.damaged_lines = 0 if self._history is None else self._history.past.damaged

    @property
    def stopped(self) -> str | None:
        """Why only the base configuration runs, or None."""
        return self._said or self._outside

    def choose(self, *, probing: float, siding: float) -> Choice:
        """Return the next request's configuration, from two independent draws of [0, 1)."""
        if self.stopped is not None:
            return Choice(self._plan.base, "champion")
        return tuner.choose(self._plan, self.state, probing=probing, siding=siding)

    def learn(self, request: Request, emit: Emit) -> None:
        """Take a request that ended into account, and what a search has found meanwhile."""
        with self._lock:
            if self.stopped is None and self._plan.mode != "disabled":
                self._write(request)
                self._go(tuner.learn(self._plan, self.state, request))
                self._take_search()
                self._start_search()
                self._write(compactly=True)
            untold, self._untold = self._untold, []
        for event in untold:
            emit(event)

    def follow(self, outside: str | None, emit: Emit) -> None:
        """Stop because of something outside (`outside` says what), or go on once that is over."""
        if outside == self._outside:
            return
        with self._lock:
            if outside is not None:
                self._back(outside)
            self._outside = outside
            untold, self._untold = self._untold, []
        for event in untold:
            emit(event)

    def stop(self, reason: str) -> None:
        """Use the base configuration from now on."""
        with self._lock:
            self._stop(reason)

    def resume(self) -> None:
        """Learn again, from the base configuration."""
        with self._lock:
            self._said = None

    def approve(self) -> None:
        """Promote what waits for it."""
        with self._lock:
            self._go(tuner.approved(self._plan, self.state))

    def decline(self) -> None:
        """Leave alone for a while what waits for approval."""
        with self._lock:
            self._go(tuner.declined(self._plan, self.state))

    def close(self) -> None:
        """End the thread, free the file, and use the base configuration from now on."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)
            if self._history is not None:
                self._history.close()
            self._history, self._said = None, "it was closed"

    def _stop(self, reason: str) -> None:
        self._back(reason)
        self._said = reason

    def _back(self, reason: str) -> None:
        """Return to the base configuration; before `stopped` says so, or the state would not be kept."""
        self._search, self.found = None, ()
        self._untold.append(TunerStopped(step=self._plan.step, reason=reason))
        self._go(tuner.rolled_back(self._plan, self.state, reason))

    def _go(self, following: Next) -> None:
        """Move to the next state; what was decided is kept and will be told."""
        self.state = following.state
        self._untold.extend(following.events)
        if following.events:
            self._write(Standing.of(self.state, self._plan.utility))

    def _write(self, *lines: Request | Standing, compactly: bool = False) -> None:
        """Write lines; a disk that fails stops the tuner, as a decision that is not kept would be lost."""
        if self._history is None:
            return
        try:
            self._history.add(*lines)
            if compactly and self._history.crowded:
                self._history.compact(self.state, self._plan.utility)
        except OSError as error:
            self._history.close()
            self._history = None
            self._stop(f"its file cannot be written: {error}")

    def _start_search(self) -> None:
        if self._search is not None or not tuner.is_search_due(self._plan, self.state):
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="adaptive")
        self._search = self._pool.submit(_search, self._plan, self.state)

    def _take_search(self) -> None:
        if self._search is None or not self._search.done():
            return
        search, self._search = self._search, None
        error = search.exception()
        if error is not None:
            self._stop(f"the search of its log failed: {type(error).__name__}: {error}")
            return
        self.found = search.result()
        self._go(tuner.searched(self._plan, self.state, self.found))


def _search(plan: Plan, state: State) -> tuple[Forecast, ...]:
    from .search import forecasts  # noqa: PLC0415  # numpy is loaded when there is something to compute

    return forecasts(state.log, plan, champion=state.champion, seed=state.seen)


def _restored(plan: Plan, history: History | None) -> State:
    """Return the state that the file tells of; a canary that ran is not resumed.

    What was promoted is in use again only if the plan may use it, and values things as then.
    """
    if history is None:
        return State(champion=plan.base)
    log, standing = history.past.log, history.past.standing
    if standing is None or not _still_holds(plan, standing):
        return State(champion=plan.base, log=log, seen=len(log))
    return replace(
        State(champion=standing.champion, log=log),
        watch=standing.watch,
        refused=MappingProxyType(dict(standing.refused)),
        refusals=standing.refusals,
        rests_until=standing.rests_until,
        seen=standing.seen + history.past.since,
    )


def _still_holds(plan: Plan, standing: Standing) -> bool:
    if standing.champion == plan.base:
        return True
    return plan.acts and standing.champion in plan.choices and standing.utility == plan.utility
