"""Admission: what a playbook refuses, what it keeps for a person to decide on, and what a model may change.

Refused is text that speaks to a model; held back is advice that would be dangerous to follow, and a snippet
that nobody could try. Neither list is the defence, see `capabilities`: they keep out what can be told apart
at a glance. The rules on what a model may change hold whatever the words are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from .bullet import FOREIGN, Bullet, Kind, Provenance, Status, Trigger
from .bullets import Bullets
from .capabilities import capability
from .content import clean_content
from .delta import AddBullet, Delta, ImportBullet, Tried
from .injection import injection
from .spoken import is_words_alone

MAX_WAITING: Final = 100
"""Most proposals of models that wait for a person; more, and nobody would read them."""
_WAITING_REASON: Final = (
    f"{MAX_WAITING} strategies wait for a person already; `playbox playbook admit` or `refuse` some first"
)
_WORDS: Final = "snippet:words: it does nothing; what says something is one line of another kind"
_LOOKED_BACK: Final = 100
"""Latest bullets among which those of the same run are counted; other writers may come in between."""


@dataclass(frozen=True, kw_only=True)  # no slots: the cached views below live in the instance's __dict__
class Admission:
    """The rules as they apply to one delta, which comes upon `waiting` proposals."""

    delta: Delta
    waiting: int = 0
    by_model: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_model", self.delta.provenance.by_model)

    def refusal(self, kind: Kind, content: str, trigger: Trigger | None = None) -> str | None:
        """Return why this text is no strategy, whoever brings it, or None."""
        stored = clean_content(kind, content)
        fault = _WORDS if kind is Kind.SNIPPET and is_words_alone(stored) else None
        fault = fault or injection(stored, code=kind is Kind.SNIPPET)
        for entry in _entries(trigger) if trigger is not None and fault is None else ():
            fault = fault or injection(entry, code=True)
        return fault

    def failed(self, reference: str) -> str | None:
        """Return how the snippet with this id failed when it was tried, or None."""
        tried = self._trials.get(reference)
        return f"the snippet does not run by itself: {tried.fault}" if tried and tried.fault else None

    def held(self, operation: AddBullet | ImportBullet, reference: str) -> str | None:
        """Return why a new bullet must wait for a person, or None if it need not."""
        if isinstance(operation, AddBullet):
            return self.held_wording(operation.kind, operation.content, reference) if self.by_model else None
        if FOREIGN not in self.delta.provenance.taints:
            return None
        return _danger(operation.kind, operation.content) or self._mixed

    def held_wording(self, kind: Kind, content: str, reference: str) -> str | None:
        """Return why what a model says must wait for a person, or None if it need not."""
        tried = self._trials.get(reference)
        untried = f"snippet:untried: {tried.untried}" if tried and tried.untried else None
        return _danger(kind, content) or untried

    def full(self, made: int) -> str | None:
        """Return why no more can be proposed after the delta has `made` as many, or None."""
        return _WAITING_REASON if self.by_model and self.waiting + made >= MAX_WAITING else None

    def removal(self, bullet: Bullet) -> str | None:
        """Return why this delta cannot take `bullet` out of use, or None if it can."""
        if not self.by_model:
            return None
        if bullet.status is Status.PROPOSED:
            return waits(bullet)
        if bullet.status is Status.VALIDATED or bullet.sealed is not None:
            what = bullet.status.value if bullet.status is Status.VALIDATED else "in the core"
            return f"removal:needs_evidence: {bullet.alias} is {what}; only evidence or a person takes it out"
        return None

    def beside(self, bullet: Bullet) -> bool:
        """Tell whether another wording of `bullet` is a new candidate, while the old one stays in use."""
        return self.by_model and bullet.status is Status.VALIDATED

    @cached_property
    def _trials(self) -> dict[str, Tried]:
        return {tried.snippet: tried for tried in self.delta.tried}

    @cached_property
    def _mixed(self) -> str | None:
        """Why all of a foreign file waits: who put one dangerous strategy in chose the others, too."""
        imports = (item for item in self.delta.operations if isinstance(item, ImportBullet))
        found = next(filter(None, (_danger(item.kind, item.content) for item in imports)), None)
        return f"it came with another strategy that is held back ({found.split(': ')[0]})" if found else None


def left(bullets: Bullets, source: Provenance, *, most: int) -> int:
    """Return how many of `most` bullets the run `source` may still bring for its task."""
    latest = filter(None, (bullets.at(len(bullets) - n) for n in range(1, _LOOKED_BACK + 1)))
    mine = [
        b for b in latest if (b.provenance.run_id, b.provenance.task_id) == (source.run_id, source.task_id)
    ]
    return max(0, most - len(mine))


def waits(bullet: Bullet) -> str:
    """Return that nobody has decided on a proposal yet."""
    return f"{bullet.alias} waits for a person to admit it"


def _danger(kind: Kind, content: str) -> str | None:
    """Return what is dangerous in the text as it would be stored: without what nobody sees."""
    return capability(kind, clean_content(kind, content))


def _entries(trigger: Trigger) -> Iterator[str]:
    language = (trigger.language,) if trigger.language else ()
    yield from (*language, *trigger.libraries, *trigger.error_signatures, *trigger.keywords)
