"""What nobody sees is in nothing that is stored: not in contents, triggers, names of tasks or models."""

from __future__ import annotations

import unicodedata

from pydantic import BaseModel, JsonValue

from tta_dev_primitives import WorkflowContext
from tta_dev_primitives.ace import SelfLearningCodePrimitive
from tta_dev_primitives.ace.task import parse_task
from tta_dev_primitives.llm.types import Request, Role
from tta_dev_primitives.sandbox import Sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import MemoryStore, ScriptedModel

HIDDEN = "\u202e\u200b\u2066\ufeff\U000e0041\x1b\x07\u00ad\u3164\ufe0f"


def hiding(text: str) -> str:
    """Return `text` with something invisible behind each character, and its accents apart."""
    return unicodedata.normalize("NFD", text).replace("e", f"e{HIDDEN}") + HIDDEN


def answer(request: Request[BaseModel]) -> dict[str, JsonValue]:
    if request.role is Role.GENERATOR:
        last = "1 / 0" if request.attempt == 1 else "print(42)"
        return {
            "plan": "",
            "code": f"# {hiding('thème')}\nprint({hiding('seen')!r})\n{last}",
            "strategies": [],
        }
    insight: JsonValue = {
        "kind": "rule",
        "content": hiding("Prendre le thème de la requête."),
        "libraries": [hiding("requests")],
        "error_signatures": [hiding("ValueError")],
        "keywords": [hiding("thème")],
    }
    return {"diagnosis": hiding("hélas"), "insights": [insight], "tags": []}


async def test_nothing_stored_holds_what_nobody_sees(sandbox: Sandbox) -> None:
    store, model = MemoryStore(), ScriptedModel(answer, name=hiding("model"))
    learner = SelfLearningCodePrimitive(model=model, sandbox=sandbox, store=store, settings=Settings())
    task = {"task": hiding("Print 42."), "id": hiding("élève"), "family": hiding("nombres entiers")}
    result = await learner.execute({**task, "max_iterations": 2}, WorkflowContext())

    playbook, episodes = await store.load(), await store.episodes()
    assert [bullet.content for bullet in playbook.bullets.values()] == ["Prendre le thème de la requête."]
    assert (result.task_id, episodes[0].family, episodes[0].model) == ("élève", "nombres entiers", "model")
    stored = [
        *(bullet.model_dump_json() for bullet in playbook.bullets.values()),
        *(episode.model_dump_json() for episode in episodes),
        *(request.prompt for request in model.requests),
    ]
    for text in stored:
        assert [char for char in text if char in HIDDEN or unicodedata.category(char) == "Cf"] == []
        assert unicodedata.normalize("NFC", text) == text


def test_the_names_of_tasks_are_compared_as_they_look() -> None:
    named = parse_task({"task": "x", "id": "t\u200b1", "family": "a\u202eb"})
    assert (named.id, named.family) == ("t1", "ab")
