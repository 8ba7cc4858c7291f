"""Selection: which strategies a run gets, drawn with logged probabilities so that effects can be told."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .bullet import Bullet
from .content import tokens as tokens_of
from .episode import Choice
from .evidence.belief import NO_BELIEFS, Beliefs
from .evidence.lots import Lot, Odds, draw_lots
from .options import AceOptions
from .playbook import Playbook
from .relevance import relevance
from .task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The strategies of one run.

    `core` are the sealed bullets in admission order, `retrieved` those chosen for the task. `choices` covers
    all relevant bullets, also those left out, with the probability of inclusion. `explored` says that a coin
    decided on each of them, `held_out` that the run got none.
    """

    core: tuple[Bullet, ...]
    retrieved: tuple[Bullet, ...]
    choices: tuple[Choice, ...]
    held_out: bool
    seed: int
    explored: bool = False

    @property
    def bullets(self) -> tuple[Bullet, ...]:
        """All strategies that the prompt shows."""
        return (*self.core, *self.retrieved)

    def shown(self, name: str) -> str | None:
        """Return the id of the bullet that a model calls `name`, or None if it was not shown that one."""
        name = name.strip("[] ")
        return next((bullet.id for bullet in self.bullets if name in {bullet.alias, bullet.id}), None)


def select(playbook: Playbook, task: Task, options: AceOptions, beliefs: Beliefs = NO_BELIEFS) -> Selection:
    """Choose bullets for `task`. Equal playbook version, task, `options` and beliefs give an equal selection.

    Of the relevant ones a run usually gets those that more likely help than not; see `draw_lots`.
    """
    seed = _seed(task, playbook.version, options.seed)
    relevant = relevant_bullets(playbook, task, options)
    draw = draw_lots(playbook, relevant, beliefs, _odds(options), random.Random(seed))  # noqa: S311  # no secret
    included = [bullet for bullet in relevant if draw.lots[bullet.id].included]
    sealed = frozenset(playbook.sealed)
    return Selection(
        core=tuple(bullet for bullet in included if bullet.id in sealed),
        retrieved=tuple(bullet for bullet in included if bullet.id not in sealed),
        choices=tuple(_choice(b, draw.lots[b.id], core=b.id in sealed) for b in relevant),
        held_out=draw.held_out,
        seed=seed,
        explored=draw.explored,
    )


def relevant_bullets(playbook: Playbook, task: Task, options: AceOptions) -> tuple[Bullet, ...]:
    """Return the bullets that a run of `task` may get: CORE, then those that bear on it, as many as fit."""
    core = _fitting(_of_language(playbook.core, task), options.playbook_tokens)
    left = options.playbook_tokens - sum(tokens_of(bullet.content) for bullet in core)
    return (*core, *_retrieved(playbook, task, options, left))


def bearing(bullets: Sequence[Bullet], task: Task, options: AceOptions) -> tuple[Bullet, ...]:
    """Return those of `bullets` that bear on `task`, in their order."""
    spoken = _of_language(bullets, task)
    scores = _scores(spoken, task)
    return tuple(bullet for bullet in spoken if options.whole_playbook or bullet.id in scores)


def _retrieved(playbook: Playbook, task: Task, options: AceOptions, tokens: int) -> tuple[Bullet, ...]:
    """Return the most relevant bullets that fit, in admission order, which keeps prompts alike.

    All of them where they are short together, so that a small playbook has no edge at which bullets come and
    go from task to task.
    """
    live = _of_language([bullet for bullet in playbook.active if bullet.sealed is None], task)
    if options.whole_playbook:
        return _fitting(live, tokens)
    scores = _scores(live, task)
    found = [bullet for bullet in live if bullet.id in scores]
    if sum(tokens_of(bullet.content) for bullet in found) <= min(options.whole_below, tokens):
        return tuple(found)
    ranked = sorted(found, key=lambda bullet: (-scores[bullet.id], bullet.alias))
    chosen = {bullet.id for bullet in _fitting(ranked[: options.max_retrieved], tokens)}
    return tuple(bullet for bullet in found if bullet.id in chosen)


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


def _odds(options: AceOptions) -> Odds:
    return Odds(
        hold_out=options.hold_out,
        exploration=options.exploration,
        inclusion=options.inclusion,
        apart=not options.whole_playbook,
    )


def _choice(bullet: Bullet, lot: Lot, *, core: bool) -> Choice:
    return Choice(
        bullet_id=bullet.id,
        propensity=lot.propensity,
        included=lot.included,
        core=core,
        conditional=lot.conditional,
        revision=bullet.revision,
    )


def _seed(task: Task, version: int, salt: int) -> int:
    digest = hashlib.sha256(f"{task.id}\0{version}\0{salt}".encode(errors="replace")).digest()
    return int.from_bytes(digest[:6], "big")
