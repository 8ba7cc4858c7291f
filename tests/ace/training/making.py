"""Task sets and a model that can learn them: it adds one only when it was told to, or has just failed."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel

from tests.cli.in_process_sandbox import InProcessSandbox
from tta_dev_primitives.ace.options import AceOptions
from tta_dev_primitives.ace.playbook import Playbook
from tta_dev_primitives.ace.store import SqliteStore
from tta_dev_primitives.ace.task import parse_task
from tta_dev_primitives.ace.training.begin import NewRun, begin_run
from tta_dev_primitives.ace.training.folder import RunFolder
from tta_dev_primitives.ace.training.ledger import Ledger
from tta_dev_primitives.ace.training.open_run import Means
from tta_dev_primitives.ace.training.result import Phase, TaskResult
from tta_dev_primitives.ace.training.run import do_run
from tta_dev_primitives.ace.training.split import Split
from tta_dev_primitives.ace.training.summary import Summary
from tta_dev_primitives.ace.training.task_set import TaskSet
from tta_dev_primitives.ace.training.trainer import Plan
from tta_dev_primitives.core import Budget, WorkflowContext
from tta_dev_primitives.core.events import Event
from tta_dev_primitives.llm.types import LanguageModel, Reply, Request, Role, T
from tta_dev_primitives.sandbox.types import Sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import Answer, ScriptedModel

LESSONS = {
    "parcelo": "Results of parcelo count from one: add one.",
    "quillon": "Whatever quillon hands back lacks a unit, which callers must restore.",
    "vastrix": "Raise figures read off vastrix before printing.",
}
LIBRARIES = tuple(LESSONS)
CERTAIN = AceOptions(inclusion=1.0, hold_out=0.0)
_ASKED = re.compile(r"Print (\d+) with (\w+)")


def task_set(count: int, *, first: int = 0, name: str = "sums") -> TaskSet:
    """Tasks that take turns with three libraries, each of which counts from one."""
    numbers = range(first, first + count)
    return TaskSet(name=name, tasks=tuple(parse_task(one_task(number)) for number in numbers))


def one_task(number: int) -> dict[str, object]:
    library = LIBRARIES[number % len(LIBRARIES)]
    return {
        "id": f"t{number}",
        "task": f"Print {number} with {library}.",
        "expected_output": str(number + 1),
        "family": library,
    }


def learner(request: Request[BaseModel]) -> Answer:
    """Solve what a strategy tells how, and what failed before; learn one strategy a library."""
    if request.role is Role.CURATOR:
        return {"decisions": [{"insight": 1, "action": "drop"}]}
    number, library = asked(request)
    if request.role is Role.REFLECTOR:
        insight = {"kind": "api_fact", "content": LESSONS[library], "libraries": [library]}
        return {"diagnosis": f"{library} counts from one", "insights": [insight]}
    knows = LESSONS[library] in request.prompt or request.attempt > 1
    return {"plan": "print it", "code": f"print({number + knows})"}


def asked(request: Request[BaseModel]) -> tuple[int, str]:
    """Return the number and the library of the task."""
    found = _ASKED.search(request.prompt)
    assert found is not None
    return int(found[1]), found[2]


def scripted(answer: Callable[[Request[BaseModel]], Answer] = learner) -> ScriptedModel:
    return ScriptedModel(answer)


class Slow:
    """Answers after delays drawn from `seed`, so that answers arrive in any order."""

    def __init__(self, model: LanguageModel, seed: int) -> None:
        self._model, self._draw = model, random.Random(seed)  # noqa: S311  # delays, no secret

    @property
    def name(self) -> str:
        return self._model.name

    async def ask(self, request: Request[T], context: WorkflowContext) -> Reply[T]:
        for _ in range(self._draw.randrange(6)):
            await asyncio.sleep(0)
        return await self._model.ask(request, context)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A run in `folder` as the tests look at it."""

    folder: RunFolder
    model: LanguageModel
    sandbox: Sandbox = field(default_factory=InProcessSandbox)

    @classmethod
    async def begin(
        cls,
        path: Path,
        tasks: Split | TaskSet,
        plan: Plan,
        model: LanguageModel,
        *,
        options: AceOptions = CERTAIN,
        **more: Path | bool | None,
    ) -> Trial:
        new = NewRun(
            source="tasks.jsonl",
            tasks=tasks if isinstance(tasks, Split) else Split(train=tasks),
            plan=plan,
            models=dict.fromkeys(Role, model),
            sandbox="local",
            options=options,
            **more,  # type: ignore[arg-type]
        )
        return cls(folder=await begin_run(path, new), model=model)

    async def do(
        self,
        *,
        model: LanguageModel | None = None,
        budget: Budget | None = None,
        events: list[Event] | None = None,
        seconds: float = 600,
    ) -> Summary:
        context = WorkflowContext(budget=budget, sinks=() if events is None else (events.append,))
        context = context.with_timeout(seconds)
        models = dict.fromkeys(Role, model or self.model)
        means = Means(models=models, sandbox=self.sandbox, settings=Settings())
        return await do_run(self.folder, means, context)

    def results(self, phase: Phase | None = None) -> tuple[TaskResult, ...]:
        ledger = Ledger(self.folder)
        ledger.close()
        return ledger.results(phase)

    async def playbook(self) -> Playbook:
        return await SqliteStore(self.folder.path / "playbook.db").load()


def contents(playbook: Playbook) -> list[str]:
    return [bullet.content for bullet in playbook.active]


def stable(results: Sequence[TaskResult]) -> list[dict[str, object]]:
    """What of results does not depend on the clock or on which run it was."""
    return [result.model_dump(exclude={"seconds", "episode_id"}) for result in results]


def write_lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path
