"""Selection: which strategies a run gets, drawn with logged probabilities so that effects can be told."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from .bullet import Bullet
from .content import tokens as tokens_of
from .episode import Choice
from .events import Observe
from .evidence.belief import NO_BELIEFS, Beliefs
from .evidence.lots import Lot, Odds, draw_lots
from .options import AceOptions
from .playbook import Playbook
from .relevance import RelevanceIndex, named, relevance
from .shares import Shares, shared_out
from .topic import Topic


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


def select(  # noqa: PLR0913  # what is chosen from, for what, and by which lots
    playbook: Playbook,
    task: Topic,
    options: AceOptions,
    beliefs: Beliefs = NO_BELIEFS,
    *,
    index: RelevanceIndex | None = None,
    turn: int = 0,
) -> Selection:
    """Choose bullets for `task`; equal playbook version, task, `options`, beliefs and `turn` choose the same.

    Of the relevant ones a run usually gets those that more likely help than not; see `draw_lots`. With an
    `index` that is kept between calls a large playbook is not read anew for each. Runs that may meet the same
    task on the same version differ in their `turn`, or their lots are the same ones; see `Turns`.
    """
    seed = _seed(task, playbook.version, options.seed, turn)
    relevant = relevant_bullets(playbook, task, options, index=index)
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


def observations(
    selection: Selection, episode_id: str, *, success: bool | None, score: float
) -> tuple[Observe, ...]:
    """Return one observation a relevant bullet: was it in, and did the run succeed? None: nobody can tell."""
    return tuple(
        Observe(
            bullet=choice.bullet_id,
            episode_id=episode_id,
            included=choice.included,
            propensity=choice.propensity,
            success=success,
            score=score,
        )
        for choice in selection.choices
    )


def relevant_bullets(
    playbook: Playbook, task: Topic, options: AceOptions, *, index: RelevanceIndex | None = None
) -> tuple[Bullet, ...]:
    """Return the bullets that a run of `task` may get: CORE, then those that bear on it, as many as fit."""
    core = _fitting(_of_language(playbook.core, task), options.playbook_tokens)
    left = options.playbook_tokens - sum(tokens_of(bullet.content) for bullet in core)
    if options.whole_playbook:
        return (*core, *_fitting(_of_language(filter(_loose, playbook.active), task), left))
    return (*core, *_retrieved((index or RelevanceIndex()).ranked(playbook, task), options, left))


def bearing(bullets: Sequence[Bullet], task: Topic, options: AceOptions) -> tuple[Bullet, ...]:
    """Return those of `bullets` that bear on `task`, in their order."""
    spoken = _of_language(bullets, task)
    if options.whole_playbook:
        return tuple(spoken)
    scores = relevance(spoken, task)
    return tuple(b for b in spoken if b.id in scores or named(b.trigger.libraries, task))


def _retrieved(ranked: Iterator[Bullet], options: AceOptions, tokens: int) -> tuple[Bullet, ...]:
    """Return the most relevant bullets that fit, in admission order, which keeps prompts alike.

    All of them where they are short together, so that a small playbook has no edge at which bullets come and
    go from task to task.
    """
    loose, left = filter(_loose, ranked), min(options.whole_below, tokens)
    found: list[Bullet] = []
    while left >= 0 and (bullet := next(loose, None)) is not None:
        found.append(bullet)
        left -= tokens_of(bullet.content)
    if left < 0:
        shares = Shares(source=options.source_share, candidates=options.candidate_share)
        found = _fitting(shared_out(chain(found, loose), options.max_retrieved, shares), tokens)
    return tuple(sorted(found, key=lambda bullet: (len(bullet.alias), bullet.alias)))


def _loose(bullet: Bullet) -> bool:
    """Tell whether a bullet is not part of CORE."""
    return bullet.sealed is None


def _of_language(bullets: Iterable[Bullet], task: Topic) -> list[Bullet]:
    return [bullet for bullet in bullets if bullet.trigger.language in {None, task.language}]


def _fitting(bullets: Iterable[Bullet], tokens: int) -> list[Bullet]:
    """Return those whose contents fit into `tokens` together, first ones first; others are left out."""
    fitting: list[Bullet] = []
    for bullet in bullets:
        size = tokens_of(bullet.content)
        if size <= tokens:
            tokens -= size
            fitting.append(bullet)
    return fitting


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


def _seed(task: Topic, version: int, salt: int, turn: int) -> int:
    drawn = f"{task.id}\0{version}\0{salt}" + (f"\0{turn}" if turn else "")
    digest = hashlib.sha256(drawn.encode(errors="replace")).digest()
    return int.from_bytes(digest[:6], "big")
