"""Attacks by what learners of domains meet: services, tables, failing tests, environments, providers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import BaseModel

from tests.security.case import as_mapping
from tests.security.effects import RIGHT, Played
from tests.security.stage import LIMITS, OPTIONS, Stage
from tests.security.ways import Way, text_of
from tta_dev_primitives.ace import SelfLearningCodePrimitive
from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.core.errors import ModelRejected, PlayboxError
from tta_dev_primitives.core.primitive import WorkflowPrimitive
from tta_dev_primitives.learners import (
    ApiClientLearner,
    ApiClientTask,
    DataProcessingLearner,
    DataTask,
    DebuggingLearner,
    DebuggingTask,
    Learned,
    StepVerdict,
)
from tta_dev_primitives.learners.api_client import Scenario
from tta_dev_primitives.learners.data_processing import Schema
from tta_dev_primitives.llm.types import Request, Role
from tta_dev_primitives.observability import JsonlSink
from tta_dev_primitives.sandbox import CodeExecutionPrimitive
from tta_dev_primitives.sandbox.code_execution import CodeInput, CodeOutput
from tta_dev_primitives.sandbox.services import Auth, Resource, Service
from tta_dev_primitives.settings import Settings

_CLIENT: Final = """
import json, urllib.error, urllib.request

def main(url):
    try:
        with urllib.request.urlopen(url + "/items", timeout=5) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise RuntimeError(error.read().decode())
"""


async def service(stage: Stage) -> Played:
    """Let a service say it in its answers, and in how it refuses."""
    await stage.seed()
    text = stage.world.filled(text_of(stage.case))
    line = "".join(char for char in text if " " <= char <= "~")[:500]
    items = Resource(path="/items", items=({"id": 1, "note": text},))
    services = (
        Service(resources=(items,)),
        Service(resources=(items,), auth=Auth(credential="right", hint=line)),
    )
    shown = [
        await _domain(
            stage,
            ApiClientLearner,
            ApiClientTask(
                task="Fetch the items.",
                documentation="GET /items lists them.",
                entry_point="main",
                scenarios=(Scenario(service=one, args=(one.url,), returns=[]),),
                max_iterations=2,
            ),
            _CLIENT,
        )
        for one in services
    ]
    return await stage.played(*shown, await stage.again())


async def table(stage: Stage) -> Played:
    """Let it stand in a table: in a cell, and in the name of a column."""
    await stage.seed()
    text = stage.world.filled(text_of(stage.case)).replace('"', "'")
    task = DataTask(
        task="Print the rows.",
        files={"rows.csv": f'id,note,"{text}"\n1,"{text}",2\n'},
        properties=[Schema(columns={"id": "integer", "note": "number"})],
        max_iterations=2,
    )
    code = "print(open('rows.csv', encoding='utf-8').read())"
    narrow = "for line in open('rows.csv', encoding='utf-8'): print(line.replace(',2', ''))"
    shown = [await _domain(stage, DataProcessingLearner, task, program) for program in (code, narrow)]
    return await stage.played(*shown, await stage.again())


async def debugging(stage: Stage) -> Played:
    """Let code that is to be fixed say it where its tests fail."""
    await stage.seed()
    text = stage.world.filled(text_of(stage.case)).replace("\0", "")
    raises = f"def answer():\n    raise AssertionError({text!r})\n"
    gives = f"def answer():\n    return {text!r}\n"
    case = "import unittest\nclass T(unittest.TestCase):\n"
    tests = f"{case}    def test_it(self):\n        self.assertEqual(answer(), 42)\n"
    shown = [
        await _domain(stage, DebuggingLearner, DebuggingTask(code=code, tests=tests, max_iterations=2), code)
        for code in (raises, gives)
    ]
    return await stage.played(*shown, await stage.again())


async def step_env(stage: Stage) -> Played:
    """Let a step print it that was given secrets in its environment, and learn from that step."""
    await stage.seed()
    envs = {name: str(value) for name, value in as_mapping(stage.case.fields.get("env")).items()}
    text = text_of(stage.case)
    failing = stage.case.fields.get("error")
    code = f"raise RuntimeError({text!r})" if failing else f"print({text!r})"
    code = str(stage.case.fields.get("code") or code)
    model = stage.model(lambda request: _studied(request.role))
    sink = JsonlSink(stage.folder / "trace.jsonl", settings=Settings.from_environment(), capture_content=True)
    learned = Learned(
        CodeExecutionPrimitive(stage.sandbox, LIMITS),
        judge=_failed,
        playbook=stage.store,
        describe=None if stage.case.through == "step_input" else _described,
        show=lambda output: f"{output.output}{output.error or ''}",
        model=model,
        options=OPTIONS,
    )
    data: CodeInput = {"code": code, "env_vars": envs}
    output = await learned.execute(data, WorkflowContext(sinks=(sink,)))
    sink.close()
    return await stage.played(f"success={output.success}", await stage.again())


async def provider(stage: Stage) -> Played:
    """Let the name of a model say it, and the error with which a provider refuses."""
    await stage.seed()
    text = stage.world.filled(text_of(stage.case))
    stage.name = text
    shown = [await stage.learn(Way(code="print(41)"))]
    model = stage.model(_refusing(text))
    task = {"task": "Print the answer.", "expected_output": "42"}
    learner = SelfLearningCodePrimitive(
        model=model, sandbox=stage.sandbox, store=stage.store, options=OPTIONS
    )
    try:
        await learner.execute(task, WorkflowContext())
    except PlayboxError as error:
        shown.append(f"{type(error).__name__}: {error}")
    return await stage.played(*shown, await stage.again())


async def _domain(stage: Stage, kind: Any, task: object, code: str) -> str:  # noqa: ANN401  # any learner
    """Let a learner of a domain do its task, beginning with the program `code`."""
    way = Way(code=code)
    model = stage.model(lambda request: _written(request.role, request.attempt, way))
    sink = JsonlSink(stage.folder / "trace.jsonl", settings=Settings.from_environment(), capture_content=True)
    learner: WorkflowPrimitive[object, object] = kind(
        model=model, sandbox=stage.sandbox, store=stage.store, limits=LIMITS, options=OPTIONS
    )
    try:
        return str(await learner.execute(task, WorkflowContext(sinks=(sink,))))
    except PlayboxError as error:
        return f"{type(error).__name__}: {error}"
    finally:
        sink.close()


def _written(role: Role, attempt: int, way: Way) -> Mapping[str, object]:
    if role is not Role.GENERATOR:
        return _studied(role)
    return {"plan": "try it", "code": way.code if attempt == 1 else RIGHT}


def _studied(role: Role) -> Mapping[str, object]:
    return {"diagnosis": "It failed."} if role is Role.REFLECTOR else {}


def _failed(data: CodeInput, output: CodeOutput) -> StepVerdict:  # noqa: ARG001  # as judges are called
    return StepVerdict(success=False, feedback=f"{output.output}{output.error or ''}")


def _described(data: CodeInput) -> str:
    del data
    return "Run the job."


def _refusing(text: str) -> Callable[[Request[BaseModel]], Mapping[str, object]]:
    def refuse(request: Request[BaseModel]) -> Mapping[str, object]:
        raise ModelRejected(f"{request.role}: {text}")

    return refuse
