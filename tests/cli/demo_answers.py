"""A scripted model for the demonstration: knows what the playbook says, and learns from errors."""

from __future__ import annotations

from pydantic import BaseModel

from tests.demo.solutions import QUIRKS, program
from tests.demo.strategies import STRATEGIES
from tta_dev_primitives.llm.types import Request, Role
from tta_dev_primitives.testing import Answer, ScriptedModel, shows


def demo_model(*, knows_all: bool = False, learns: bool = True) -> ScriptedModel:
    """With `knows_all` every task is solved at once; without `learns` nothing is ever kept."""

    def answer(request: Request[BaseModel]) -> Answer:
        stage, _, task = request.task_id.partition("/")
        needed = sorted(QUIRKS[task])
        if request.role is Role.GENERATOR:
            known = {quirk for quirk in needed if shows(request.prompt, STRATEGIES[quirk])}
            found = needed[: request.attempt - 1] if stage == "learning" else []
            code = program(task, needed if knows_all else known | set(found))
            return {"plan": "by the book", "code": code}
        if request.role is Role.REFLECTOR:
            taught = [{"kind": "api_fact", "content": STRATEGIES[quirk]} for quirk in needed]
            new = [insight for insight in taught if not shows(request.prompt, insight["content"])]
            libraries = {"libraries": ["garnhythe"]}
            return {"diagnosis": "a quirk", "insights": [i | libraries for i in new] if learns else []}
        return {"decisions": [{"insight": 1, "decision": "add"}]}

    return ScriptedModel(answer, name="scripted")
