"""How long each learned strategy was in use, in runs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from ..events import Add, Alias, Forget, Recorded, Reinstate, Retire, Suspend
from .people import by_person
from .stored import Admission, Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """`runs` ended after the strategy was admitted and before it was out of use, or until now if it is not.

    `ended` says that it was suspended, retired or corrected, `by_person` that a person did that.
    """

    bullet: str
    runs: int
    ended: bool
    by_person: bool = False


def lives_of(stored: Stored) -> list[Life]:
    """Return the life of each strategy that was learned from a run, in the order of admission.

    One that was merged or erased goes out of sight there; one that was reinstated never ended.
    """
    ends, hidden = _ends(stored.history), _hidden(stored.history)
    now = max((item.at for item in stored.history), default=0)
    now = max((now, *stored.finishes[-1:]))
    return [_life(item, ends.get(item.bullet), hidden, now, stored) for item in stored.learned]


def _life(admitted: Admission, end: Recorded | None, hidden: dict[str, int], now: int, stored: Stored) -> Life:
    bullet = admitted.bullet
    ended = end is not None and end.at <= hidden.get(bullet, end.at)
    last = end.at if end is not None and ended else hidden.get(bullet, now)
    finished = stored.finishes
    return Life(
        bullet=bullet,
        runs=bisect_right(finished, last) - bisect_right(finished, admitted.at),
        ended=ended,
        by_person=end is not None and by_person(end),
    )


def _ends(history: Iterable[Recorded]) -> dict[str, Recorded]:
    """Return the record by which each strategy went out of use, unless it came back."""
    ends: dict[str, Recorded] = {}
    for item in history:
        match item.event:
            case Suspend() | Retire():
                ends.setdefault(item.event.bullet, item)
            case Reinstate():
                ends.pop(item.event.bullet, None)
            case Add(supersedes=str(corrected)):
                ends.setdefault(corrected, item)
            case _:
                pass
    return ends


def _hidden(history: Iterable[Recorded]) -> dict[str, int]:
    """Return when each strategy was merged or erased, so that nothing more can be seen of it."""
    hidden: dict[str, int] = {}
    for item in history:
        if isinstance(item.event, Alias | Forget):
            hidden.setdefault(item.event.bullet, item.at)
    return hidden
