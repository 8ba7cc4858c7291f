"""How alike two lessons are, for finding duplicates; it proposes, and never decides on a merge by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from .bullet import Bullet, Trigger

NEAR = 62.0
"""Token-sort ratio from which a curator looks at the pair."""
_NEAR_NAMES = 0.5
_NAME = re.compile(r"`([^`]+)`|\b(\w+(?:[._]\w+)+|[a-z]+[A-Z]\w*|[A-Z]\w+[A-Z]\w*)\b")


def similar(content: str, trigger: Trigger, bullets: Iterable[Bullet], *, most: int = 3) -> Sequence[Bullet]:
    """Return the bullets near to a lesson, nearest first, at most `most`."""
    scored = [(_likeness(content, trigger, bullet), bullet) for bullet in bullets]
    near = sorted((pair for pair in scored if pair[0] >= NEAR), key=lambda pair: (-pair[0], pair[1].alias))
    return [bullet for _, bullet in near[:most]]


def _likeness(content: str, trigger: Trigger, bullet: Bullet) -> float:
    """Return 0..100; sharing names or an error signature counts as near."""
    ratio = fuzz.token_sort_ratio(content.casefold(), bullet.content.casefold())
    shared_errors = set(trigger.error_signatures) & set(bullet.trigger.error_signatures)
    if shared_errors or _shared_names(content, bullet.content) >= _NEAR_NAMES:
        return max(ratio, NEAR)
    return ratio


def _shared_names(left: str, right: str) -> float:
    """Return the share of identifiers that two texts have in common, of the smaller set."""
    a, b = _names(left), _names(right)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def _names(text: str) -> set[str]:
    return {(quoted or plain).strip("()").lower() for quoted, plain in _NAME.findall(text)}
