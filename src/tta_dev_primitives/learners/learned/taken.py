"""Taken: one run of a step under way, and what is kept and told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files

from ...ace.bullet import Bullet
from ...ace.episode import AttemptRecord, Episode
from ...ace.hygiene import cap, clean, data_block, redact
from ...ace.layout import strategies_section
from ...ace.playbook import Playbook
from ...ace.record import now, stored
from ...ace.selection import Selection
from ...core.context import WorkflowContext, new_id
from ...llm.types import Usage
from .about import About
from .verdict import Ending, Outcome

_MAX_TOLD = 6000
"""Characters of an input, an output or a feedback in a prompt, as of the feedback on a program."""
_ORIGIN = "step"
"""Who wrote an output is the step's to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A step that is taken: what it was given, and from which playbook.

    `episode_id` is its name as evidence, `started_at` is ISO 8601 in UTC.
    """

    step: str
    about: About
    playbook: Playbook
    selection: Selection
    episode_id: str = field(default_factory=new_id)
    started_at: str = field(default_factory=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """A step that was taken, and what became of it within `seconds`."""

    taken: Taken
    outcome: Outcome
    seconds: float

    @property
    def episode_id(self) -> str:
        """Its name as evidence."""
        return self.taken.episode_id


def episode_of(lived: Lived, usage: Usage, context: WorkflowContext, *, reflected: bool) -> Episode:
    """Return the run as evidence. `usage` is what learning from it cost; the step's own cost is its own."""
    taken, outcome = lived.taken, lived.outcome
    return Episode(
        id=lived.episode_id,
        run_id=context.workflow_id,
        task_id=taken.about.id,
        family=stored(taken.about.family),
        task=stored(taken.about.text),
        language="",
        playbook_version=taken.playbook.version,
        held_out=taken.selection.held_out,
        choices=taken.selection.choices,
        attempts=(_attempt(lived),),
        success=bool(outcome.success),
        first_try=bool(outcome.success),
        verdict=outcome.ending,
        score=outcome.score,
        tokens=usage.tokens,
        calls=usage.calls,
        usd=usage.usd,
        seed=taken.selection.seed,
        model=taken.step,
        origin=_ORIGIN,
        started_at=taken.started_at,
        finished_at=now(),
        unchecked=outcome.success is None,
        reflected=reflected,
    )


def _attempt(lived: Lived) -> AttemptRecord:
    outcome = lived.outcome
    return AttemptRecord(
        number=1,
        code=stored(outcome.text),
        verdict=outcome.ending,
        success=bool(outcome.success),
        score=outcome.score,
        feedback=told(outcome.feedback),
        stop="raised" if outcome.ending is Ending.RAISED else "returned",
        isolation="",
        wall_s=lived.seconds,
        error_signature=outcome.error,
    )


def instructions() -> str:
    """Return the static instructions of the reflector: the same bytes for every request."""
    return (files(__name__.rpartition(".")[0]) / "reflector.md").read_text(encoding="utf-8")


def reflector_prompt(lived: Lived, known: Sequence[Bullet]) -> str:
    """Return the strategies in use, others known, and as data what the step was given, gave, and earned."""
    taken, outcome = lived.taken, lived.outcome
    had = taken.selection.bullets
    used = {bullet.id for bullet in had}
    gave = data_block("output", told(outcome.text)) if outcome.text else "none"
    sections = [
        f"# Step\n{clean(taken.step)}",
        strategies_section("Strategies that the step had", had),
        strategies_section("Other known strategies", [bullet for bullet in known if bullet.id not in used]),
        _section("Context", "context", taken.about.context),
        _section("Input", "input", taken.about.text),
        f"# Output\n{gave}",
        f"# Verdict: {outcome.ending}, score {outcome.score:.2f}",
        _section("Feedback", "feedback", outcome.feedback),
    ]
    return "\n\n".join(filter(None, sections))


def _section(title: str, label: str, text: str) -> str:
    return f"# {title}\n{data_block(label, told(text))}" if text.strip() else ""


def told(text: str, most: int = _MAX_TOLD) -> str:
    """Return foreign text fit for others to read; redacted before it is cut, or half a key would stay."""
    return cap(redact(clean(text)), most)
