"""Generator, reviewer, optimiser: what one has learned changes what another one writes; runs judge them."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel

from tta_dev_primitives.ace import AceOptions, Reflect
from tta_dev_primitives.ace.bullet import Kind, Provenance
from tta_dev_primitives.ace.delta import AddBullet, Delta
from tta_dev_primitives.ace.store import Commit, open_store
from tta_dev_primitives.learners import StepVerdict
from tta_dev_primitives.llm import Request
from tta_dev_primitives.sandbox import Sandbox, open_sandbox
from tta_dev_primitives.testing import Answer, ScriptedModel

FOLDER = Path(__file__).parents[2] / "examples"
SOMETHING = "Read the names of the parameters of a list function, and object where one is misspelt."


@pytest.fixture(scope="module")
def example() -> ModuleType:
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module("refinement")
    finally:
        sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module")
def answers(example: ModuleType) -> ModuleType:
    return sys.modules[example.answer.__module__]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    jail = open_sandbox("local")
    yield jail
    asyncio.run(jail.aclose())


async def teach(playbook: Path, lesson: str) -> None:
    """Let a playbook have one strategy."""
    told = Provenance(task_id="t", run_id="r", model="m", actor="curator", origin="scripted")
    lesson_ = AddBullet(kind=Kind.CHECK, content=lesson)
    store = open_store(playbook)
    await store.commit(Commit(run_id="r", delta=Delta(operations=(lesson_,), provenance=told)))
    await store.aclose()


async def written(
    example: ModuleType, sandbox: Sandbox, folder: Path, *, lesson: str = ""
) -> tuple[str, bool]:
    """Return the program for the second job and whether it is right, if the reviewer knows `lesson`."""
    if lesson:
        await teach(folder / "reviewer.db", lesson)
    model = ScriptedModel(example.answer)
    workflow = example.refinement(model, sandbox, folder)
    done = await workflow.execute(example.Work(job=example.JOBS[1]))
    return done.code, await example.Bench(sandbox).passes(done)


async def test_what_the_reviewer_learned_changes_what_the_generator_writes(
    example: ModuleType, answers: ModuleType, sandbox: Sandbox, tmp_path: Path
) -> None:
    without = await written(example, sandbox, tmp_path / "without")
    placebo = await written(example, sandbox, tmp_path / "placebo", lesson=SOMETHING)
    taught = await written(example, sandbox, tmp_path / "taught", lesson=answers.NOTHING)

    assert without == placebo == (answers.DRAFTS["first_repeated"], False)
    assert taught[1]
    assert taught[0] != without[0]


@pytest.mark.parametrize(
    ("reflect", "right"), [(Reflect.INFORMATIVE, [False, True, True]), (Reflect.NEVER, [False, False, False])]
)
async def test_the_three_get_better_together_and_without_learning_they_do_not(
    reflect: Reflect, right: list[bool], example: ModuleType, sandbox: Sandbox, tmp_path: Path
) -> None:
    options = AceOptions(inclusion=1.0, hold_out=0.0, reflect=reflect)
    workflow = example.refinement(ScriptedModel(example.answer), sandbox, tmp_path, options=options)
    bench = example.Bench(sandbox)

    done = [await workflow.execute(example.Work(job=job)) for job in example.JOBS]

    assert [await bench.passes(one) for one in done] == right
    for name in ("generator", "reviewer", "optimiser"):
        store = open_store(tmp_path / f"{name}.db")
        assert ((await store.load()).size > 0) is (reflect is not Reflect.NEVER)
        await store.aclose()


@pytest.mark.parametrize(
    ("arguments", "reply"),
    [
        ("[[]]", ""),
        ('[["a", "b"]]', ""),
        ("[[1, 1]]", "the program is right for [[1, 1]]"),
        ("[3]", "the task does not allow the arguments [3]"),
        ("[[1], [2]]", "the task does not allow the arguments [[1], [2]]"),
        ("{}", "the task does not allow the arguments {}"),
        ("[" * 1500, f"{'[' * 1500!r} is no JSON list of arguments"),
        ("an empty list", "'an empty list' is no JSON list of arguments"),
        ("[\"'''+__import__('os')\"]", "the program is right for"),
    ],
)
async def test_an_objection_is_right_if_the_named_input_really_breaks_the_program(
    arguments: str, reply: str, example: ModuleType, answers: ModuleType, sandbox: Sandbox
) -> None:
    draft = example.Work(job=example.JOBS[1], code=answers.DRAFTS["first_repeated"])
    objection = example.Objection(arguments=arguments, why="so I think")
    told: StepVerdict = await example.Bench(sandbox).foretold(
        draft, example.replace(draft, objections=(objection,))
    )

    assert (told.success, told.score) == (reply == "", float(reply == ""))
    assert told.feedback.startswith(reply)


async def test_a_reviewer_is_right_to_be_silent_where_the_program_is_right(
    example: ModuleType, answers: ModuleType, sandbox: Sandbox
) -> None:
    bench, job = example.Bench(sandbox), example.JOBS[1]
    for code, silent_is_right in ((answers.REVISED, True), (answers.DRAFTS, False)):
        work = example.Work(job=job, code=code["first_repeated"])
        told: StepVerdict = await bench.foretold(work, work)
        assert told.success is silent_is_right


async def test_an_optimiser_that_breaks_the_program_is_judged_by_that_and_undone(
    example: ModuleType, answers: ModuleType, sandbox: Sandbox, tmp_path: Path
) -> None:
    quick = "def first_repeated(items):\n    return items[0]\n"
    right = answers.REVISED["first_repeated"]

    def careless(request: Request[BaseModel]) -> Answer:
        if request.task_id.startswith("Optimise"):
            return {"code": quick}
        return {"code": right} if request.task_id.startswith("Generate") else example.answer(request)

    workflow = example.refinement(ScriptedModel(careless), sandbox, tmp_path)
    done = await workflow.execute(example.Work(job=example.JOBS[1]))

    assert done.code == right
    store = open_store(tmp_path / "optimiser.db")
    (episode,) = await store.episodes()
    await store.aclose()
    assert (episode.success, "first_repeated(['a'])" in episode.attempts[0].feedback) == (False, True)


def test_the_workflow_shows_its_structure(example: ModuleType, sandbox: Sandbox, tmp_path: Path) -> None:
    shown = repr(example.refinement(ScriptedModel(example.answer), sandbox, tmp_path))
    assert shown.startswith("Learned(Generate()) >> Learned(Examine()) >> ConditionalPrimitive(objected, ")
