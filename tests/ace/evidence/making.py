"""Playbooks, choices, episodes and beliefs for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from tests.ace import making
from tests.ace.making import provenance
from tta_dev_primitives.ace.bullet import Bullet
from tta_dev_primitives.ace.content import Kind
from tta_dev_primitives.ace.delta import AddBullet, Delta, MarkConflict
from tta_dev_primitives.ace.episode import AttemptRecord, Choice, Episode
from tta_dev_primitives.ace.events import (
    Pin,
    Promote,
    Reinstate,
    Replayed,
    Retire,
    Revise,
    Seal,
    Suspend,
    record,
)
from tta_dev_primitives.ace.evidence import Belief, Beliefs
from tta_dev_primitives.ace.playbook import Playbook

OfOne: TypeAlias = Pin | Promote | Reinstate | Replayed | Retire | Revise | Seal | Suspend


def book(*contents: str) -> Playbook:
    """Return a playbook that learned `contents`, each by a delta of its own."""
    playbook = Playbook()
    for content in contents:
        delta = Delta(operations=(AddBullet(kind=Kind.RULE, content=content),), provenance=provenance())
        playbook = playbook.apply(delta, at=1, run_id="r").playbook
    return playbook


def bullet_of(playbook: Playbook, reference: str) -> Bullet:
    bullet = playbook.get(reference)
    assert bullet is not None
    return bullet


def after(playbook: Playbook, *events: OfOne) -> Playbook:
    """Return the playbook once `events`, which may name bullets by display id, have happened."""
    for event in events:
        named = event.model_copy(update={"bullet": bullet_of(playbook, event.bullet).id})
        item = record(named, at=playbook.next_at(1), run_id="r", actor="a")
        playbook = playbook.extend([item])
    return playbook


def contradicting(playbook: Playbook, one: str, other: str) -> Playbook:
    operation = MarkConflict(bullet=one, other=other, reason="opposites")
    delta = Delta(operations=(operation,), provenance=provenance())
    return playbook.apply(delta, at=1, run_id="r").playbook


def choice(bullet: str, *, included: bool, chance: float | None = 0.5, revision: int = 1) -> Choice:
    return Choice(
        bullet_id=bullet,
        propensity=0.5 if chance is None else chance,
        included=included,
        core=False,
        conditional=chance,
        revision=revision,
    )


def episode(
    name: str,
    choices: Iterable[Choice] = (),
    *,
    success: bool = True,
    family: str = "general",
) -> Episode:
    first = AttemptRecord(
        number=1,
        code="",
        verdict="passed",
        success=success,
        score=float(success),
        feedback="",
        stop="exited",
        isolation="namespaces",
    )
    changes: Mapping[str, object] = {
        "choices": tuple(choices),
        "family": family,
        "attempts": (first,),
    }
    return making.episode(name, success=success).model_copy(update=changes)


def believing(playbook: Playbook, **beliefs: Belief) -> Beliefs:
    """Return beliefs by display id without the dash and the zeros: s1 is str-00001."""
    named = {bullet_of(playbook, f"str-{int(name[1:]):05d}").id: belief for name, belief in beliefs.items()}
    return Beliefs(bullets=named, window=100)
