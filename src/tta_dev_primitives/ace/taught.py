"""Taught: the run that a strategy was learned from, and the change of the program that it is about."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .bullet import Bullet
from .episode import AttemptRecord, Episode

_WORD = re.compile(r"\w{4,}")  # shorter ones are in every text


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A program that failed, and the next one."""

    failed: AttemptRecord
    then: AttemptRecord

    def diff(self, *, context: int = 2) -> tuple[str, ...]:
        """Return the unified diff, a line each, with `context` unchanged lines around each change."""
        old, new = self.failed, self.then
        lines = difflib.unified_diff(
            old.code.splitlines(),
            new.code.splitlines(),
            f"attempt {old.number}: {old.verdict}",
            f"attempt {new.number}: {new.verdict}",
            n=context,
            lineterm="",
        )
        return tuple(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """A strategy and the run that taught it."""

    bullet: Bullet
    episode: Episode

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """Each attempt that failed, with the next one."""
        return tuple(Fix(failed=old, then=new) for old, new in pairwise(self.episode.attempts))

    @property
    def fix(self) -> Fix | None:
        """The change that the strategy is most likely about, or None if there was no second attempt.

        A run may fail for several reasons and teach something of each: it is the one whose failure was told
        in most of the strategy's words, and the last of them where several were.
        """
        words = _words(self.bullet.content)
        ranked = sorted(self.fixes, key=lambda fix: len(words & _words(fix.failed.feedback)))
        return ranked[-1] if ranked else None

    @property
    def solved(self) -> bool:
        """True if an attempt passed in the end."""
        return any(attempt.success for attempt in self.episode.attempts)


def taught_by(bullet: Bullet, episodes: Sequence[Episode]) -> Taught | None:
    """Return what taught `bullet`: the episode that added it, or else that of its run and task.

    None if there is no such episode, as for an imported bullet.
    """
    source = bullet.provenance
    added = (episode for episode in episodes if bullet.id in episode.added)
    ran = (one for one in episodes if (one.run_id, one.task_id) == (source.run_id, source.task_id))
    episode = next(added, None) or next(ran, None)
    return Taught(bullet=bullet, episode=episode) if episode else None


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text))
