"""How long each learned strategy was in use, in runs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..bullet import LIVE
from ..events import Add, Alias, Forget, Recorded, Reinstate, Restore, Retire, Suspend
from .stored import Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """`runs` ended after the strategy was admitted and before it was out of use, or until now if it is not.

    `ended` says that it was suspended, retired, corrected or rolled back.
    """

    bullet: str
    runs: int
    ended: bool


def lives_of(stored: Stored) -> list[Life]:
    """Return the life of each strategy that was learned from a run, in the order of admission.

    One that was merged or erased goes out of sight there; one that was reinstated never ended.
    """
    ends, hidden = _ends(stored.history)
    now = max((*(item.at for item in stored.history[-1:]), *stored.finishes[-1:]), default=0)
    lives: list[Life] = []
    for bullet, admitted in stored.learned.items():
        last = min(ends.get(bullet, now), hidden.get(bullet, now))
        runs = bisect_right(stored.finishes, last) - bisect_right(stored.finishes, admitted.at)
        lives.append(Life(bullet=bullet, runs=runs, ended=ends.get(bullet) == last))
    return lives


def _ends(history: Iterable[Recorded]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return when each strategy went out of use, unless it came back, and when it was merged or erased."""
    ends, hidden = dict[str, int](), dict[str, int]()
    for item in history:
        match item.event:
            case Suspend(bullet=bullet) | Retire(bullet=bullet) | Add(supersedes=str(bullet)):
                ends.setdefault(bullet, item.at)
            case Reinstate(bullet=bullet):
                ends.pop(bullet, None)
            case Restore(bullet=bullet, status=status):
                hidden.pop(bullet, None)
                if status in LIVE:
                    ends.pop(bullet, None)
                else:
                    ends.setdefault(bullet, item.at)
            case Alias(bullet=bullet) | Forget(bullet=bullet):
                hidden.setdefault(bullet, item.at)
            case _:
                pass
    return ends, hidden
