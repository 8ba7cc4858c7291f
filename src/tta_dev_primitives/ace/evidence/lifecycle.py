"""Lifecycle: which bullets are validated, sealed, suspended, retired or reinstated, by the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..bullet import Bullet, Status
from ..events import Promote, Reinstate, Retire, Seal, Suspend
from ..playbook import Playbook
from ..standing import Evidence
from .belief import Belief, Beliefs
from .sealing import Ruling, seals

BADGE = 20.0
"""The e-value from which a bullet is validated: a false badge comes at most once in twenty bullets."""
SUSPEND = 0.80
RETIRE = 0.95
"""Probabilities of harm."""
INCLUSIONS = 8
"""Runs with a bullet before it can be suspended, retired, or lose against one that it contradicts."""
REINSTATE = 0.50
"""The probability of harm below which a suspended bullet gets another chance."""
BETTER = 0.95
"""The probability of being better that resolves a contradiction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the evidence decides; part of the same commit as the episode that tipped the scales."""

    decisions: tuple[Ruling, ...] = ()
    seals: tuple[Seal, ...] = ()


def decide(playbook: Playbook, beliefs: Beliefs, *, playbook_tokens: int) -> Decided:
    """Return what `beliefs` decide on the bullets of `playbook`.

    Pinned bullets lose no status, and what a person suspended stays so. `playbook_tokens` is what a prompt
    has for strategies; see `seals`.
    """
    open_ones = _open(playbook, beliefs)
    cases = [_Case(bullet=bullet, beliefs=beliefs, playbook=playbook) for bullet in open_ones]
    decisions = {case.bullet.id: decision for case in cases if (decision := case.decision()) is not None}
    return Decided(
        decisions=tuple(decisions.values()),
        seals=tuple(seals(playbook, beliefs, decisions, playbook_tokens=playbook_tokens)),
    )


def _open(playbook: Playbook, beliefs: Beliefs) -> Iterator[Bullet]:
    """Yield the bullets on which there may be something to decide; nothing is known of most of many."""
    for bullet in playbook.bullets.values():
        if bullet.live:
            if bullet.id in beliefs.bullets or bullet.status is Status.VALIDATED:
                yield bullet
        elif bullet.status is Status.SUSPENDED:
            yield bullet


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One bullet and what is believed of it."""

    bullet: Bullet
    beliefs: Beliefs
    playbook: Playbook

    @property
    def belief(self) -> Belief:
        return self.beliefs.of(self.bullet.id)

    def decision(self) -> Ruling | None:
        bullet = self.bullet
        if bullet.status is Status.SUSPENDED:
            return self._suspended()
        if not bullet.pinned and self.belief.included >= INCLUSIONS:
            against = self._harmful() or self._worse()
            if against is not None:
                return against
        return self._badge()

    def _suspended(self) -> Ruling | None:
        """Decide on a suspended bullet: its runs leave the window in time, and replays may speak for it."""
        if self.bullet.evidence is None or self.bullet.pinned:
            return None
        if self.belief.harms > RETIRE:
            return self._retired()
        if self.belief.harms < REINSTATE:
            return Reinstate(
                bullet=self.bullet.id,
                reason=f"no longer likely to harm ({self.belief.harms:.0%})",
                evidence=self._evidence(),
            )
        return None

    def _harmful(self) -> Ruling | None:
        if self.belief.harms > RETIRE:
            return self._retired()
        if self.belief.harms > SUSPEND:
            reason = f"likely to harm ({self.belief.harms:.0%})"
            return Suspend(bullet=self.bullet.id, reason=reason, evidence=self._evidence())
        return None

    def _retired(self) -> Retire:
        reason = f"almost sure to harm ({self.belief.harms:.0%})"
        return Retire(bullet=self.bullet.id, reason=reason, evidence=self._evidence())

    def _worse(self) -> Ruling | None:
        """Retire the bullet if one that says the opposite is known to do better."""
        for reference in self.bullet.conflicts:
            rival = self.playbook.get(reference)
            if rival is None or not rival.live or self.beliefs.of(rival.id).included < INCLUSIONS:
                continue
            better = self.beliefs.better(rival.id, self.bullet.id)
            if better > BETTER:
                return Retire(
                    bullet=self.bullet.id,
                    reason=f"{rival.alias} says the opposite and does better ({better:.0%})",
                    evidence=self._evidence().model_copy(update={"rival": rival.id, "better": better}),
                )
        return None

    def _badge(self) -> Ruling | None:
        bullet, belief = self.bullet, self.belief
        if bullet.status is Status.CANDIDATE and belief.e_value >= BADGE:
            return Promote(
                bullet=bullet.id,
                status=Status.VALIDATED,
                reason="measured to help",
                e_value=belief.e_value,
                evidence=self._evidence(),
            )
        if bullet.status is Status.VALIDATED and self._reworded and belief.e_value < BADGE:
            reason = "reworded since it was validated"
            return Promote(
                bullet=bullet.id, status=Status.CANDIDATE, reason=reason, evidence=self._evidence()
            )
        return None

    @property
    def _reworded(self) -> bool:
        """Whether what was decided last, by evidence, was decided on another wording."""
        return self.bullet.evidence is not None and self.bullet.evidence.revision != self.bullet.revision

    def _evidence(self) -> Evidence:
        belief, uplift = self.belief, self.belief.uplift
        return Evidence(
            relevant=belief.relevant,
            included=belief.included,
            mean=belief.mean,
            sd=belief.sd,
            uplift=uplift.value if uplift else None,
            low=uplift.low if uplift else None,
            high=uplift.high if uplift else None,
            e_value=belief.e_value,
            window=self.beliefs.window,
            version=self.playbook.version,
            revision=self.bullet.revision,
        )
