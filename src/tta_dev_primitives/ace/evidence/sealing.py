"""Sealing: which validated bullets join CORE, the part of every prompt that only grows at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from ..bullet import Bullet, Status
from ..content import tokens
from ..events import Promote, Reinstate, Retire, Seal, Suspend
from ..playbook import Playbook
from .belief import Beliefs

Ruling: TypeAlias = Promote | Suspend | Retire | Reinstate
"""What evidence decides on the status of a bullet."""

SHARE = 0.5
"""Share of runs in which a bullet must be relevant to be in all prompts, and the most of one for CORE."""


def seals(
    playbook: Playbook, beliefs: Beliefs, decisions: Mapping[str, Ruling], *, playbook_tokens: int
) -> Iterator[Seal]:
    """Yield the seals of bullets that are validated once `decisions`, by bullet id, are made.

    Oldest first, as long as CORE takes at most half of `playbook_tokens`. A bullet about a few tasks only
    stays outside: it is found when it is relevant.
    """
    left = SHARE * playbook_tokens - sum(tokens(bullet.content) for bullet in playbook.core)
    for bullet in playbook.active:
        if bullet.sealed is not None or not _validated(bullet, decisions.get(bullet.id)):
            continue
        if beliefs.of(bullet.id).share >= SHARE and tokens(bullet.content) <= left:
            left -= tokens(bullet.content)
            yield Seal(bullet=bullet.id)


def _validated(bullet: Bullet, decision: Ruling | None) -> bool:
    if decision is None:
        return bullet.status is Status.VALIDATED
    return isinstance(decision, Promote) and decision.status is Status.VALIDATED
