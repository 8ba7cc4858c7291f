"""What a curator decides on, what it is asked, and what it may answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..core.context import WorkflowContext
from ..core.secrets import Secrets
from ..llm.types import LanguageModel, Request, Role, Usage
from .bullet import Bullet
from .content import clean_content
from .delta import AddBullet, Delta
from .hygiene import clean, data_block, redact
from .layout import strategy_line
from .lesson import Lesson
from .prompts import instructions
from .words import distinct_words

CONFLICT = "the curator says that they contradict"
APART = "the curator says that they differ"
_KEPT = 1 / 3
"""Share of a bullet's words that a merged sentence has at least; in recorded merges it was 0.44 to 1."""
_GIVEN_UP = "Similar strategies that were given up; drop the insight if it says the same as one of them:"


class Decision(BaseModel):
    """What becomes of one insight."""

    model_config = ConfigDict(frozen=True)

    insight: Annotated[int, Field(ge=1, description="The insight's number")]
    action: Literal["add", "merge", "conflict", "drop"]
    strategy: Annotated[str | None, Field(max_length=100, description="Id, for merge and conflict")] = None
    content: Annotated[str | None, Field(max_length=480, description="The merged sentence, for merge")] = None

    def without(self, secrets: Secrets) -> Decision:
        """Return it with `secrets` replaced."""
        return (
            self if self.content is None else self.model_copy(update={"content": secrets.hide(self.content)})
        )


class Curation(BaseModel):
    """One decision for each insight."""

    model_config = ConfigDict(frozen=True)

    decisions: Annotated[tuple[Decision, ...], Field(max_length=20)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A lesson, and what it was compared with.

    `near` are the bullets that resemble it, `asked` says that a model must decide. `lesson.same_as` is set
    where a rule found that a bullet says the same.
    """

    lesson: AddBullet
    near: tuple[Bullet, ...] = ()
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Curated:
    """A delta and what it cost to decide on it. `failure` says why the model did not decide, if so."""

    delta: Delta
    usage: Usage
    failure: str = ""


async def decide(
    model: LanguageModel, task_id: str, questions: Mapping[int, str], context: WorkflowContext
) -> tuple[dict[int, Decision], Usage]:
    """Ask the model `questions`, by number, in one call; its first decision on each counts."""
    if not questions:
        return {}, Usage()
    secrets = context.secrets.now
    request = Request(
        role=Role.CURATOR,
        task_id=task_id,
        attempt=1,
        instructions=instructions(Role.CURATOR),
        prompt=secrets.hide("\n\n".join(questions.values())),
        output=Curation,
    )
    reply = await model.ask(request, context)
    decided = {
        d.insight: d.without(secrets) for d in reversed(reply.output.decisions) if d.insight in questions
    }
    return decided, reply.usage


def kept(bullet: Bullet, content: str) -> bool:
    """Tell whether a merged sentence, as it is stored, still says what the bullet said.

    One that does not would merely take its place.
    """
    words = distinct_words(bullet.content)
    return len(words & distinct_words(clean_content(bullet.kind, content))) >= _KEPT * len(words)


def question(number: int, lesson: Lesson, near: Sequence[Bullet]) -> str:
    """Return a lesson and the strategies near to it as data, those that were given up by themselves."""
    new = data_block("insight", redact(clean(f"({lesson.kind}) {lesson.content}")))
    parts = [f"# Insight {number}\n{new}"]
    live = [bullet for bullet in near if bullet.live]
    given_up = [bullet for bullet in near if not bullet.live]
    if live or not given_up:
        parts.append(f"Similar strategies:\n{_strategies(live)}")
    if given_up:
        parts.append(f"{_GIVEN_UP}\n{_strategies(given_up)}")
    return "\n".join(parts)


def _strategies(bullets: Sequence[Bullet]) -> str:
    return data_block("strategies", "\n".join(map(strategy_line, bullets)))
