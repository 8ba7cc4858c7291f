"""Curator: turns insights into a delta, by rule where it can; a model sees what resembles a bullet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from ..core.context import WorkflowContext
from ..llm.types import LanguageModel, Usage
from .bullet import Bullet, Provenance, Status, Trigger, bullet_id
from .contradictions import contradiction
from .curation import APART, CONFLICT, Case, Curated, Decision, decide, kept, question
from .delta import AddBullet, Delta, KeepApart, MarkConflict, Operation, ReviseBullet
from .failures import LEARNING_FAILURES
from .meaning import Meanings, considered
from .options import Curate
from .playbook import Playbook
from .reflector import Insight
from .sameness import says_the_same
from .similarity import Neighbours
from .topic import Topic
from .vocabulary import NO_VOCABULARY, Vocabulary

_MOST_LIVE = 3
_MOST_GIVEN_UP = 2
_LOOKED_AT = 20
"""Near bullets among which a rule looks for the same lesson; what says the same is among the nearest."""


class Curator:
    """Decides by rule where it can; asks `model` about insights that resemble a bullet.

    A lesson that says the same as a bullet word for word is a duplicate, or refused if that was retired.
    What the model finds to differ from the bullets that it resembles is kept apart from them for good. What
    differs from a bullet in a number or a "not" is never merged into it or dropped for it: that is a
    contradiction, on which runs decide. A merged sentence that drops what the bullet said is not taken over.
    With `meanings` the model is also asked about bullets that mean alike.
    """

    def __init__(
        self,
        model: LanguageModel,
        *,
        curate: Curate,
        domain: str,
        vocabulary: Vocabulary = NO_VOCABULARY,
        meanings: Meanings | None = None,
    ) -> None:
        self._model, self._curate, self._domain = model, curate, domain
        self._vocabulary, self._meanings = vocabulary, meanings
        self._neighbours = Neighbours()

    async def curate(
        self,
        task: Topic,
        insights: Sequence[Insight],
        playbook: Playbook,
        provenance: Provenance,
        context: WorkflowContext,
    ) -> Curated:
        """Return the delta that `insights` make to `playbook`.

        If the model cannot be asked, what is unlike all bullets is added all the same.
        """
        lessons = [self._lesson(task, insight) for insight in insights]
        alike = await self._alike(lessons, playbook)
        cases = self._cases(lessons, alike, playbook)
        asked = {n: case for n, case in enumerate(cases, start=1) if case.asked}
        decisions, usage, failure = dict[int, Decision](), Usage(), ""
        try:
            questions = {n: question(n, case.lesson, case.near) for n, case in asked.items()}
            decisions, usage = await decide(self._model, task.id, questions, context)
        except LEARNING_FAILURES as error:
            failure = f"{len(asked)} of {len(insights)} insights not curated: {error}"
        operations = [
            operation
            for number, case in enumerate(cases, start=1)
            if not (failure and case.asked)
            for operation in self._operations(case, decisions.get(number))
        ]
        delta = Delta(operations=tuple(operations), provenance=provenance)
        return Curated(delta=delta, usage=usage, failure=failure)

    def _lesson(self, task: Topic, insight: Insight) -> AddBullet:
        return AddBullet(
            kind=insight.kind,
            content=insight.content,
            trigger=_trigger(insight, task, self._vocabulary),
            domain=self._domain,
        )

    async def _alike(self, lessons: Sequence[AddBullet], playbook: Playbook) -> Sequence[Sequence[Bullet]]:
        """Return for each lesson what means alike, though it may share no word."""
        if self._meanings is None:
            return [()] * len(lessons)
        return await self._meanings.alike(lessons, considered(playbook))

    def _cases(
        self, lessons: Sequence[AddBullet], alike: Sequence[Sequence[Bullet]], playbook: Playbook
    ) -> list[Case]:
        self._neighbours.follow(playbook)
        cases: list[Case] = []
        for lesson, meant in zip(lessons, alike, strict=True):
            cases.append(self._case(lesson, meant, [case.lesson for case in cases], playbook))
        return cases

    def _case(
        self, lesson: AddBullet, alike: Sequence[Bullet], before: Sequence[AddBullet], playbook: Playbook
    ) -> Case:
        """Compare a lesson with the playbook, and with the lessons that are learned before it."""
        if playbook.get(_id(lesson)) is not None:
            return Case(lesson=lesson)
        if self._curate is Curate.ALWAYS:
            return Case(lesson=lesson, near=playbook.active, asked=True)
        by_words = tuple(islice(self._neighbours.near(lesson), _LOOKED_AT))
        near = (*by_words, *(bullet for bullet in alike if bullet not in by_words))
        same = next((bullet.id for bullet in near if says_the_same(lesson, bullet)), None)
        same = same or next((_id(other) for other in before if says_the_same(lesson, other)), None)
        if same is not None:
            return Case(lesson=lesson.model_copy(update={"same_as": same}))
        # What waits for a person is in no prompt, though the same lesson is known by it.
        words, meant = (tuple(filter(_is_decided, found)) for found in (by_words, alike))
        live = _shown(*map(_live, (words, meant)), most=_MOST_LIVE)
        given_up = _shown(*map(_given_up, (words, meant)), most=_MOST_GIVEN_UP)
        near = (*words, *meant)
        return Case(lesson=lesson, near=(*live, *given_up), asked=bool(near))

    def _operations(self, case: Case, decision: Decision | None) -> Iterator[Operation]:
        """Yield what a decision asks for; one that names no bullet that it was shown adds the insight."""
        named = _named(case, decision)
        opposed = self._opposed(case, decision, named)
        both = (decision.content if decision is not None else None) or case.lesson.content
        if opposed is not None:
            yield case.lesson
            yield opposed
        elif decision is not None and decision.action == "merge" and named is not None and kept(named, both):
            yield _merged(case.lesson, named, both)
        elif decision is None or decision.action != "drop":
            yield case.lesson
            if decision is not None and decision.action == "add" and self._curate is Curate.NEAR:
                new = _id(case.lesson)
                yield from (KeepApart(bullet=new, other=b.id, reason=APART) for b in case.near)

    def _opposed(self, case: Case, decision: Decision | None, named: Bullet | None) -> MarkConflict | None:
        """Return the conflict that the model sees, or that a rule sees unless the model adds the lesson."""
        if decision is not None and decision.action == "conflict" and named is not None:
            return MarkConflict(bullet=_id(case.lesson), other=named.id, reason=CONFLICT)
        if self._curate is Curate.ALWAYS or (decision is not None and decision.action == "add"):
            return None
        for bullet in (named,) if named is not None else case.near:
            reason = contradiction(case.lesson, bullet)
            if reason is not None:
                return MarkConflict(bullet=_id(case.lesson), other=bullet.id, reason=reason)
        return None


def _shown(by_words: Sequence[Bullet], alike: Sequence[Bullet], *, most: int) -> list[Bullet]:
    """Return the nearest by words, and as many again that only mean alike."""
    shown = list(by_words[:most])
    return shown + [bullet for bullet in alike if bullet not in shown][:most]


def _is_decided(bullet: Bullet) -> bool:
    return bullet.status is not Status.PROPOSED


def _live(bullets: Sequence[Bullet]) -> list[Bullet]:
    return [bullet for bullet in bullets if bullet.live]


def _given_up(bullets: Sequence[Bullet]) -> list[Bullet]:
    return [bullet for bullet in bullets if not bullet.live]


def _id(lesson: AddBullet) -> str:
    return bullet_id(lesson.domain, lesson.kind, lesson.content)


def _merged(lesson: AddBullet, bullet: Bullet, content: str) -> ReviseBullet:
    return ReviseBullet(
        bullet=bullet.id,
        revision=bullet.revision,
        content=content,
        trigger=_joined(bullet.trigger, lesson.trigger),
    )


def _named(case: Case, decision: Decision | None) -> Bullet | None:
    """Return the bullet that is named, if the lesson was compared with it; others stay as they are."""
    name = "" if decision is None else (decision.strategy or "").strip("[] ")
    return next((bullet for bullet in case.near if name in {bullet.id, bullet.alias}), None)


def _trigger(insight: Insight, task: Topic, vocabulary: Vocabulary) -> Trigger:
    """Return when the insight is relevant: as the model says, and by the words of the domain around it."""
    found = vocabulary.found_in(f"{task.task}\n{task.context}\n{task.code}\n{insight.content}")
    return Trigger(
        language=task.language,
        libraries=(*insight.libraries, *found.libraries),
        error_signatures=(*insight.error_signatures, *found.error_signatures),
        keywords=(*insight.keywords, *found.keywords),
    ).shortened()


def _joined(old: Trigger, new: Trigger) -> Trigger:
    """Return when either is relevant; of entries that are too many, the older ones stay."""
    return Trigger(
        language=old.language if old.language == new.language else None,
        libraries=(*old.libraries, *new.libraries),
        error_signatures=(*old.error_signatures, *new.error_signatures),
        keywords=(*old.keywords, *new.keywords),
    ).shortened()
