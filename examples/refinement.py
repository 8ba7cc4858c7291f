"""Generator, reviewer and optimiser: three steps that learn from what real runs say of each other's work.

    python examples/refinement.py [--model MODEL | --scripted]

The generator writes a program; the checks judge it. The reviewer reads it and names inputs that it takes to
break it: an objection is right if the program really fails on that input. Then the generator writes again.
The optimiser makes a right program faster: it must stay right, and is timed against the one before in
interleaved runs. Each has a playbook of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar, cast

from pydantic import BaseModel, Field

from _refinement_answers import answer
from _refinement_jobs import JOBS, Job
from _show import options
from tta_dev_primitives import WorkflowContext, WorkflowPrimitive
from tta_dev_primitives.ace import AceOptions, CaseInput
from tta_dev_primitives.ace.delta import AddBullet, Result
from tta_dev_primitives.ace.evaluator import Evaluator
from tta_dev_primitives.ace.hygiene import clean, code_block, data_block
from tta_dev_primitives.ace.progress import PlaybookChanged
from tta_dev_primitives.ace.task import Task, parse_task
from tta_dev_primitives.ace.verdict import Verdict
from tta_dev_primitives.core import Event
from tta_dev_primitives.core.errors import PlayboxError
from tta_dev_primitives.learners import About, Learned, StepJudged, StepVerdict, strategies
from tta_dev_primitives.llm import LanguageModel, Request, Role
from tta_dev_primitives.llm.models import connect_roles
from tta_dev_primitives.sandbox import Limits, Sandbox, open_sandbox
from tta_dev_primitives.settings import Settings
from tta_dev_primitives.testing import ScriptedModel
from tta_dev_primitives.workflow import ConditionalPrimitive

# Every strategy is used: three programs are too few to measure anything by leaving some out.
ALL: Final = AceOptions(inclusion=1.0, hold_out=0.0)
FASTER: Final = 3.0
"""How many times as fast an optimised program must be."""
_Answer = TypeVar("_Answer", bound=BaseModel)


class Objection(BaseModel):
    """An input on which the program is said to fail, and why."""

    arguments: str = Field(max_length=2000, description="The arguments as a JSON list, such as [[1, 2], 3]")
    why: str = Field(max_length=500)


class Program(BaseModel):
    """A whole program."""

    code: str = Field(min_length=1)


class Review(BaseModel):
    """What a reviewer objects; nothing, if the program is right."""

    objections: tuple[Objection, ...] = Field(default=(), max_length=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What flows from step to step. `before` is the program that the optimiser was given."""

    job: Job
    code: str = ""
    objections: tuple[Objection, ...] = ()
    before: str = ""


class Asking(WorkflowPrimitive[Work, Work]):
    """A step that asks a model, with the strategies that were chosen for it, if there are any."""

    instructions: str

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    async def _ask(self, work: Work, output: type[_Answer], context: WorkflowContext) -> _Answer:
        program = f"# The program\n{code_block(clean(work.code))}" if work.code else ""
        sections = (str(strategies(context)), f"# Task\n{work.job.task}", program, _objected(work))
        request = Request(
            role=Role.GENERATOR,
            task_id=f"{self.name} {work.job.function}",
            attempt=2 if work.objections else 1,
            instructions=self.instructions,
            prompt="\n\n".join(filter(None, sections)),
            output=output,
        )
        return (await self._model.ask(request, context)).output


class Generate(Asking):
    """Writes the program, or writes it again for what was objected."""

    instructions = (
        "You write one Python function as a whole program, with the standard library alone. Follow the "
        "strategies that apply. Where there are objections, write it so that they no longer hold."
    )

    async def _execute(self, data: Work, context: WorkflowContext) -> Work:
        return replace(data, code=(await self._ask(data, Program, context)).code)


class Examine(Asking):
    """Reads the program, which it cannot run, and names inputs on which it fails."""

    instructions = (
        "You review one Python function. Name inputs that its task allows and on which it fails or returns "
        "something wrong; each will be run. No style, no doubts. Follow the strategies that apply."
    )

    async def _execute(self, data: Work, context: WorkflowContext) -> Work:
        return replace(data, objections=(await self._ask(data, Review, context)).objections)


class Optimise(Asking):
    """Writes the program so that it is faster."""

    instructions = (
        "You make one Python function faster, as a whole program, with the standard library alone. It must "
        f"return the same for every input, at least {FASTER:g} times as fast for long ones. Follow the "
        "strategies that apply."
    )

    async def _execute(self, data: Work, context: WorkflowContext) -> Work:
        faster = await self._ask(replace(data, objections=()), Program, context)
        return replace(data, code=faster.code, before=data.code)


def _objected(work: Work) -> str:
    said = "\n".join(f"{objection.arguments}: {objection.why}" for objection in work.objections)
    return f"# Objections\n{data_block('objections', clean(said))}" if said else ""


class Bench:
    """Judges by really running programs in `sandbox`; no model is asked."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self._evaluator = sandbox, Evaluator(sandbox, Limits())

    async def ran(self, _given: Work, made: Work) -> StepVerdict:
        """Judge a generator: do all checks hold?"""
        return _told(await self._verdict(made))

    async def foretold(self, _given: Work, made: Work) -> StepVerdict:
        """Judge a reviewer by what the program does: does each named input break it, and was none missed?"""
        if not made.objections:
            verdict = await self._verdict(made)
            missed = f"nothing was objected, but the program is wrong: {verdict.feedback}"
            return StepVerdict(success=verdict.success, feedback="" if verdict.success else missed)
        replies = [await self._reply(made, objection) for objection in made.objections]
        right = [reply is None for reply in replies]
        feedback = "\n".join(reply for reply in replies if reply is not None)
        return StepVerdict(success=all(right), score=sum(right) / len(right), feedback=feedback)

    async def faster(self, given: Work, made: Work) -> StepVerdict:
        """Judge an optimiser: still right, and fast enough against the program before?"""
        verdict = await self._verdict(made, against=given.code)
        if verdict.success and verdict.timing is not None:
            return StepVerdict(success=True, feedback=f"{verdict.timing.speedup:.0f} times as fast")
        return _told(verdict)

    async def passes(self, work: Work) -> bool:
        """Tell whether a program is right."""
        return (await self._verdict(work)).success

    async def settle(self, work: Work) -> Work:
        """Return the optimised program if it is still right, or else the one before."""
        return work if await self.passes(work) else replace(work, code=work.before)

    async def _verdict(self, work: Work, *, against: str = "") -> Verdict:
        """Return what all checks say, and if they hold how fast the program is `against` another."""
        task = _task(work.job, work.job.cases, against=against)
        return (await self._evaluator.judge(task, work.code)).verdict

    async def _reply(self, work: Work, objection: Objection) -> str | None:
        """Return None if the program fails on the named input, or else why the objection is wrong."""
        said = objection.arguments
        try:
            given = json.loads(said)
        except (ValueError, RecursionError):
            return f"{said!r} is no JSON list of arguments"
        call = f"{work.job.function}(*json.loads({said!r}))"
        run = await self._sandbox.run_code(f"{work.job.reference}\nimport json\nprint(json.dumps({call}))")
        if not run.success or not isinstance(given, list):
            return f"the task does not allow the arguments {said}"
        case = CaseInput(args=cast("list[object]", given), expected=json.loads(run.stdout))
        judgement = await self._evaluator.judge(_task(work.job, (case,)), work.code)
        return f"the program is right for {said}" if judgement.verdict.success else None


def _task(job: Job, cases: Sequence[CaseInput], *, against: str = "") -> Task:
    timed = {"code": against, "workload": job.workload, "min_speedup": FASTER} if against else {}
    return parse_task({"task": job.task, "entry_point": job.function, "cases": cases, **timed})


def _told(verdict: Verdict) -> StepVerdict:
    feedback = "" if verdict.success else verdict.feedback
    return StepVerdict(success=verdict.success, score=min(1.0, verdict.score), feedback=feedback)


def about(work: Work) -> About:
    """Return what a step is about. A draft, and one after objections, are of unlike difficulty."""
    family = "revision" if work.objections else "draft"
    return About(text=work.job.task, family=family, context=f"{work.code}\n{_objected(work)}".strip())


def reviewed(work: Work) -> str:
    """Return a review in words."""
    return _objected(work) or "no objection"


def code_of(work: Work) -> str:
    """Return the program."""
    return work.code


def objected(work: Work) -> bool:
    """Tell whether there are objections."""
    return bool(work.objections)


def refinement(
    model: LanguageModel, sandbox: Sandbox, folder: Path, *, options: AceOptions = ALL
) -> WorkflowPrimitive[Work, Work]:
    """Return the workflow, with the playbooks of its three learners in `folder`."""
    bench = Bench(sandbox)
    generator = Learned(
        Generate(model),
        judge=bench.ran,
        playbook=folder / "generator.db",
        describe=about,
        show=code_of,
        model=model,
        options=options,
    )
    reviewer = Learned(
        Examine(model),
        judge=bench.foretold,
        playbook=folder / "reviewer.db",
        describe=about,
        show=reviewed,
        model=model,
        options=options,
    )
    optimiser = Learned(
        Optimise(model),
        judge=bench.faster,
        playbook=folder / "optimiser.db",
        describe=about,
        show=code_of,
        model=model,
        options=options,
    )
    return (
        generator
        >> reviewer
        >> ConditionalPrimitive(objected, generator)
        >> ConditionalPrimitive(bench.passes, optimiser >> bench.settle)
    )


def watch(event: Event) -> None:
    """Print what a step earned, and what it learned."""
    if isinstance(event, StepJudged):
        print(f"  {event.step}: {event.ending}")
        print("".join(f"    | {line}\n" for line in event.feedback.splitlines()), end="")
    if isinstance(event, PlaybookChanged):
        for outcome in event.outcomes:
            if outcome.result is Result.APPLIED and isinstance(outcome.operation, AddBullet):
                print(f"    learned: {outcome.operation.content}")


async def main(model: LanguageModel, folder: Path) -> None:
    """Have three functions written, reviewed and made faster, one after the other."""
    sandbox = open_sandbox("local")
    try:
        workflow, bench = refinement(model, sandbox, folder), Bench(sandbox)
        for job in JOBS:
            print(job.task)
            done = await workflow.execute(Work(job=job), WorkflowContext(sinks=(watch,)))
            print(f"  in the end: {'right' if await bench.passes(done) else 'wrong'}\n")
    finally:
        await sandbox.aclose()


def start() -> None:
    """Run with the model that the command line names."""
    chosen = options(__doc__)
    try:
        with tempfile.TemporaryDirectory() as folder:
            if chosen.scripted:  # what a script "learns" does not belong into your own playbooks
                print("Answers: scripted answers, no model is asked. The programs really run.\n")
                asyncio.run(main(ScriptedModel(answer, name="refinement.py"), Path(folder)))
            else:
                settings = Settings.from_environment()
                roles = connect_roles(chosen.model, None, settings, roles=(Role.GENERATOR,))
                asyncio.run(main(roles[Role.GENERATOR], Path(".playbox", "refinement")))
    except PlayboxError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    start()
