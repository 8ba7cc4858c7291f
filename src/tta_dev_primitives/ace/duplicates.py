"""Duplicates in a playbook that a rule may merge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from .bullet import Bullet, Kind
from .delta import MergeBullets
from .lesson import Place, place_of
from .playbook import Playbook
from .sameness import program, says_the_same, wording


def duplicates_of(playbook: Playbook) -> tuple[MergeBullets, ...]:
    """Return what merges the bullets in use that say the same, each into the oldest of its kind.

    Such pairs come about by imports, and when histories are merged or lessons are learned side by side. A
    sealed bullet stays before an older one that is not, as its line stands in every prompt. Pinned bullets,
    and pairs that were found to differ, are left alone.
    """
    groups: dict[tuple[Place, object], list[Bullet]] = defaultdict(list)
    for bullet in playbook.active:
        key = _group(bullet)
        if key is not None and not bullet.pinned:
            groups[place_of(bullet), key].append(bullet)
    return tuple(merge for group in groups.values() for merge in _merges(group, playbook))


def _merges(group: Sequence[Bullet], playbook: Playbook) -> Iterator[MergeBullets]:
    kept: list[Bullet] = []
    for bullet in sorted(group, key=lambda each: each.sealed is None):
        same = next((b for b in kept if says_the_same(b, bullet) and not playbook.compared(b, bullet)), None)
        if same is None:
            kept.append(bullet)
        else:
            yield MergeBullets(bullet=bullet.id, into=same.id)


def _group(bullet: Bullet) -> object:
    """Return what is equal for all that say the same, and hardly for others; None if nothing can."""
    if bullet.kind is Kind.SNIPPET:
        return program(bullet)
    return tuple(sorted(wording(bullet).words))
