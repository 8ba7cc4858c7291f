"""Selection: which strategies a run gets, drawn with logged probabilities so that effects can be told."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .bullet import Bullet
from .content import tokens as tokens_of
from .episode import Choice
from .options import AceOptions
from .playbook import Playbook
from .relevance import relevance
from .task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The strategies of one run.

    `core` are the sealed bullets in admission order, `retrieved` those chosen for the task. `choices` covers
    all relevant bullets, also those left out by chance, with the probability of inclusion.
    """

    core: tuple[Bullet, ...]
    retrieved: tuple[Bullet, ...]
    choices: tuple[Choice, ...]
    held_out: bool
    seed: int

    @property
    def bullets(self) -> tuple[Bullet, ...]:
        """All strategies that the prompt shows."""
        return (*self.core, *self.retrieved)

    def shown(self, name: str) -> str | None:
        """Return the id of the bullet that a model calls `name`, or None if it was not shown that one."""
        name = name.strip("[] ")
        return next((bullet.id for bullet in self.bullets if name in {bullet.alias, bullet.id}), None)


def select(playbook: Playbook, task: Task, options: AceOptions) -> Selection:
    """Choose bullets for `task`. Equal playbook version, task and `options.seed` give an equal selection."""
    seed = _seed(task, playbook.version, options.seed)
    draw = random.Random(seed)  # noqa: S311  # an experiment's coin, not a secret
    core = _fitting(_of_language(playbook.core, task), options.playbook_tokens)
    left = options.playbook_tokens - sum(tokens_of(bullet.content) for bullet in core)
    candidates = _candidates(playbook, task, options, left)
    held_out = bool(core or candidates) and draw.random() < options.hold_out
    taken = {bullet.id: draw.random() < options.inclusion for bullet in candidates}
    included = () if held_out else tuple(bullet for bullet in candidates if taken[bullet.id])
    return Selection(
        core=() if held_out else core,
        retrieved=included,
        choices=(
            *_choices(core, () if held_out else core, 1 - options.hold_out, core=True),
            *_choices(candidates, included, (1 - options.hold_out) * options.inclusion, core=False),
        ),
        held_out=held_out,
        seed=seed,
    )


def _candidates(playbook: Playbook, task: Task, options: AceOptions, tokens: int) -> tuple[Bullet, ...]:
    """Return the most relevant bullets that fit, in admission order, which keeps prompts alike."""
    live = _of_language([bullet for bullet in playbook.active if bullet.sealed is None], task)
    if options.whole_playbook:
        return _fitting(live, tokens)
    scores = _scores(live, task)
    ranked = sorted(
        (bullet for bullet in live if bullet.id in scores), key=lambda b: (-scores[b.id], b.alias)
    )
    chosen = {bullet.id for bullet in _fitting(ranked[: options.max_retrieved], tokens)}
    return tuple(bullet for bullet in live if bullet.id in chosen)


def _scores(bullets: Sequence[Bullet], task: Task) -> Mapping[str, float]:
    """Return BM25 scores; a bullet about a library that the task names comes before all others."""
    scores = relevance(bullets, task)
    text = f"{task.task}\n{task.context}\n{task.code}".lower()
    top = max(scores.values(), default=0.0) + 1
    named = {b.id: top for b in bullets if any(name.lower() in text for name in b.trigger.libraries)}
    return {
        bullet_id: scores.get(bullet_id, 0.0) + named.get(bullet_id, 0.0) for bullet_id in {**scores, **named}
    }


def _of_language(bullets: Sequence[Bullet], task: Task) -> list[Bullet]:
    return [bullet for bullet in bullets if bullet.trigger.language in {None, task.language}]


def _fitting(bullets: Sequence[Bullet], tokens: int) -> tuple[Bullet, ...]:
    """Return the bullets, first ones first, whose contents fit into `tokens` together."""
    fitting: list[Bullet] = []
    for bullet in bullets:
        tokens -= tokens_of(bullet.content)
        if tokens < 0:
            break
        fitting.append(bullet)
    return tuple(fitting)


def _choices(
    bullets: Sequence[Bullet], included: Sequence[Bullet], propensity: float, *, core: bool
) -> list[Choice]:
    ids = {bullet.id for bullet in included}
    return [Choice(bullet_id=b.id, propensity=propensity, included=b.id in ids, core=core) for b in bullets]


def _seed(task: Task, version: int, salt: int) -> int:
    digest = hashlib.sha256(f"{task.id}\0{version}\0{salt}".encode(errors="replace")).digest()
    return int.from_bytes(digest[:6], "big")
