"""A small world for the arms: libraries with a custom each, and a model that knows what its prompt says."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel

from tests.cli.in_process_sandbox import InProcessSandbox
from tta_dev_primitives.ace.options import AceOptions
from tta_dev_primitives.ace.task import parse_task
from tta_dev_primitives.ace.training.open_run import Means
from tta_dev_primitives.ace.training.task_set import TaskSet
from tta_dev_primitives.bench.compare.compare import compare_arms
from tta_dev_primitives.bench.compare.problem import Problem
from tta_dev_primitives.bench.compare.report import ArmReport, Report
from tta_dev_primitives.bench.compare.site import Plan
from tta_dev_primitives.core import Budget, WorkflowContext
from tta_dev_primitives.core.errors import ModelUnavailable
from tta_dev_primitives.core.events import Event
from tta_dev_primitives.llm.types import LanguageModel, Reply, Request, Role, T
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import Answer, ScriptedModel

LESSONS = {
    "parcelo": "Results of parcelo count from one: add_one(parcelo).",
    "quillon": "Whatever quillon hands back lacks a unit, so restore_unit(quillon) first.",
    "vastrix": "Raise figures read off vastrix with lift_figure(vastrix).",
}
REMEDIES = {name: re.findall(r"\w+\(\w+\)", lesson)[0] for name, lesson in LESSONS.items()}
FOREIGN = tuple(f"Doors of plimsoll number {number} open inwards." for number in range(20))
PLAN = Plan(in_flight=2, options=AceOptions(inclusion=1.0, hold_out=0.0, probes=0))
ALL = ("none", "learned", "ace_faithful", "history", "cheatsheet", "placebo", "gold")


def tasks(name: str, numbers: range) -> TaskSet:
    """Tasks that take turns with the libraries."""
    return TaskSet(name=name, tasks=tuple(parse_task(_task(name, number)) for number in numbers))


def _task(name: str, number: int) -> dict[str, object]:
    library = list(LESSONS)[number % len(LESSONS)]
    return {
        "id": f"{name}-{number}",
        "task": f"Print {number} with {library}.",
        "expected_output": str(number + 1),
        "family": library,
        "context": "parcelo, quillon and vastrix give numbers.",
    }


PROBLEM = Problem(
    name="sums",
    train=tasks("train", range(6)),
    test=tasks("test", range(10, 16)),
    gold=tuple(LESSONS.values()),
    foreign=FOREIGN,
)


def answer(request: Request[BaseModel]) -> Answer:
    """Write a right program if the prompt tells the custom, by whatever words; pass on what it tells."""
    told = [name for name, remedy in REMEDIES.items() if remedy in request.prompt]
    match request.output.__name__:
        case "Program" | "Move" | "LastMove":
            number, library = re.findall(r"Print (\d+) with (\w+)\.", request.prompt)[-1]
            return {"plan": "print it", "code": _program(int(number), library, known=library in told)}
        case "Reflection":
            insights = [
                {"kind": "api_fact", "content": LESSONS[name], "libraries": [name]}
                for name in told
                if LESSONS[name] not in request.prompt
            ]
            return {"diagnosis": "a custom was not followed", "insights": insights}
        case "Curation":
            numbers = re.findall(r"^# Insight (\d+)", request.prompt, re.MULTILINE)
            return {"decisions": [{"insight": int(number), "action": "add"} for number in numbers]}
        case "Sheet":
            return {"cheatsheet": "\n".join(LESSONS[name] for name in told)}
        case other:
            raise AssertionError(other)


def _program(number: int, library: str, *, known: bool) -> str:
    remedy = REMEDIES[library]
    return f"print({number + 1})  # {remedy}" if known else f"raise ValueError('{library} wants {remedy}')"


class Failing:
    """Gives `left` answers, then fails as a provider does that is down."""

    def __init__(self, left: int) -> None:
        self.left, self.model = left, ScriptedModel(answer)

    @property
    def name(self) -> str:
        return self.model.name

    async def ask(self, request: Request[T], context: WorkflowContext) -> Reply[T]:
        if not self.left:
            raise ModelUnavailable("the provider is down")
        self.left -= 1
        return await self.model.ask(request, context)


async def compared(  # noqa: PLR0913  # what a test varies
    folder: Path,
    *names: str,
    model: LanguageModel | None = None,
    problem: Problem = PROBLEM,
    plan: Plan = PLAN,
    budget: Budget | None = None,
    events: list[Event] | None = None,
) -> Report:
    means = Means(
        models=dict.fromkeys(Role, model or ScriptedModel(answer)),
        sandbox=InProcessSandbox(),
        settings=Settings(),
    )
    context = WorkflowContext(budget=budget, sinks=() if events is None else (events.append,))
    return await compare_arms(names or ALL, problem, folder=folder, means=means, plan=plan, context=context)


def by_name(report: Report) -> dict[str, ArmReport]:
    return {arm.name: arm for arm in report.arms}
