"""A step that only does well with a strategy, its judge, and models that teach it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from tta_dev_primitives import WorkflowContext, WorkflowPrimitive
from tta_dev_primitives.ace import AceOptions
from tta_dev_primitives.ace.store import PlaybookStore
from tta_dev_primitives.learners import Learned, StepVerdict, strategies
from tta_dev_primitives.llm import LanguageModel, Request, Role
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import Answer, ScriptedModel

CERTAIN = AceOptions(inclusion=1.0, hold_out=0.0)
LESSON = "Write every date in ISO 8601, YYYY-MM-DD."
DAYS = ("When was the parcel sent?", "When did the parcel arrive?", "When was the parcel paid?")


class Reply(BaseModel):
    text: str


class Clerk(WorkflowPrimitive[str, str]):
    """Answers a question with a model, by the strategies that it has."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    async def _execute(self, data: str, context: WorkflowContext) -> str:
        request = Request(
            role=Role.GENERATOR,
            task_id="clerk",
            attempt=1,
            instructions="You answer questions.",
            prompt=f"{strategies(context)}\n\n# Question\n{data}",
            output=Reply,
        )
        return (await self._model.ask(request, context)).output.text


def is_iso(_question: str, answer: str) -> StepVerdict:
    """Judge by the form of the date alone."""
    fits = re.fullmatch(r"\d{4}-\d\d-\d\d", answer) is not None
    return StepVerdict(success=fits, feedback="" if fits else f"{answer!r} is not in ISO 8601")


def answering(request: Request[BaseModel]) -> Answer:
    """Answer as a model that does what a strategy says, and reflects on what it is told."""
    if request.role is Role.GENERATOR:
        return Reply(text="2026-11-25" if LESSON in request.prompt else "25/11/26")
    return reflection(LESSON if "is not in ISO 8601" in request.prompt else "")


def reflection(lesson: str) -> Mapping[str, object]:
    insight = {"kind": "rule", "content": lesson, "keywords": ["parcel", "when"]}
    return {"diagnosis": "The form of the date.", "insights": [insight] if lesson else []}


def obedient() -> ScriptedModel:
    return ScriptedModel(answering)


def asked(model: ScriptedModel, role: Role) -> list[str]:
    """Return the prompts that a role was given."""
    return [request.prompt for request in model.requests if request.role is role]


def clerk(
    model: ScriptedModel,
    playbook: Path | PlaybookStore,
    *,
    options: AceOptions = CERTAIN,
    reflecting: LanguageModel | None = None,
) -> Learned[str, str]:
    return Learned(
        Clerk(model),
        judge=is_iso,
        playbook=playbook,
        model=reflecting or model,
        options=options,
        settings=Settings(),
    )
