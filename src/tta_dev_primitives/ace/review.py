"""Review: compares bullets that came into a playbook without being compared, by import or by a merge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

from ..core.context import WorkflowContext
from ..llm.types import LanguageModel, Usage
from .apply import MAX_BULLETS
from .bullet import Bullet, Provenance
from .contradictions import contradiction
from .curation import APART, CONFLICT, Curated, Decision, decide, kept, question
from .delta import Delta, KeepApart, MarkConflict, MergeBullets, Operation
from .failures import LEARNING_FAILURES
from .meaning import Meanings
from .playbook import Playbook
from .similarity import Neighbours

_TASK_ID = "review"
_MOST_NEAR = 3
_NOT_KEPT = "a sentence for both would have dropped what one of them says"


async def review(  # noqa: PLR0913  # what is compared, by whom, and with what
    model: LanguageModel,
    playbook: Playbook,
    provenance: Provenance,
    context: WorkflowContext,
    *,
    since: Playbook | None = None,
    meanings: Meanings | None = None,
) -> Curated:
    """Return the delta that comes of asking `model`, as curator, about bullets in use that resemble others.

    Of the bullets that `since` does not have, all without it, the first `MAX_BULLETS` are asked about that
    are near to older ones, or with `meanings` mean alike, unless those are in conflict or kept apart. Ask
    again with the playbook that the delta makes; an empty delta without a `failure` says that nothing is left
    to ask.
    """
    known = frozenset(since.bullets) if since is not None else frozenset[str]()
    alike = await _alike(meanings, playbook)
    pairs = dict(enumerate(islice(_uncompared(playbook, known, alike), MAX_BULLETS), start=1))
    questions = {number: question(number, bullet, near) for number, (bullet, near) in pairs.items()}
    decisions, usage, failure = dict[int, Decision](), Usage(), ""
    try:
        decisions, usage = await decide(model, _TASK_ID, questions, context)
    except LEARNING_FAILURES as error:
        failure = f"{len(pairs)} strategies not compared: {error}"
    operations = tuple(
        operation
        for number, decision in sorted(decisions.items())
        for operation in _operations(decision, *pairs[number], playbook)
    )
    delta = Delta(operations=operations, provenance=provenance)
    return Curated(delta=delta, usage=usage, failure=failure)


async def _alike(meanings: Meanings | None, playbook: Playbook) -> Mapping[str, Sequence[Bullet]]:
    """Return for each bullet in use, by id, those that mean alike, itself among them."""
    if meanings is None:
        return {}
    bullets = playbook.active
    return dict(zip((b.id for b in bullets), await meanings.alike(bullets, bullets), strict=True))


def _uncompared(
    playbook: Playbook, known: frozenset[str], alike: Mapping[str, Sequence[Bullet]]
) -> Iterator[tuple[Bullet, Sequence[Bullet]]]:
    """Yield bullets with the older ones that are near to them. A pinned one is not for a model to change."""
    neighbours, older = Neighbours(), set[str]()
    neighbours.follow(playbook)
    for bullet in playbook.active:
        if not bullet.pinned and bullet.id not in known:
            close = chain(neighbours.near(bullet), alike.get(bullet.id, ()))
            near = {other.id: other for other in close if other.id in older and not other.pinned}
            new = (other for other in near.values() if not playbook.compared(bullet, other))
            found = tuple(islice(new, _MOST_NEAR))
            if found:
                yield bullet, found
        older.add(bullet.id)


def _operations(
    decision: Decision, bullet: Bullet, near: Sequence[Bullet], playbook: Playbook
) -> Iterator[Operation]:
    """Yield what a decision asks for; the nearest bullet is meant where it names none."""
    named = playbook.get(decision.strategy or "")
    other = named if named is not None and named in near else near[0]
    opposed = contradiction(bullet, other)
    if decision.action == "add":
        yield from (KeepApart(bullet=bullet.id, other=each.id, reason=APART) for each in near)
    elif decision.action == "conflict" or opposed is not None:
        yield MarkConflict(bullet=bullet.id, other=other.id, reason=opposed or CONFLICT)
    else:
        content = decision.content if decision.action == "merge" else None
        if content is not None and not (kept(bullet, content) and kept(other, content)):
            yield KeepApart(bullet=bullet.id, other=other.id, reason=_NOT_KEPT)
            return
        yield MergeBullets(bullet=bullet.id, into=other.id, content=content)
