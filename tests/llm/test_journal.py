"""A journal answers what was asked before, keeps each answer before it is used, and survives a torn line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.full_disk import room_for
from tests.llm.questions import Code, question
from tta_dev_primitives.core import WorkflowContext
from tta_dev_primitives.core.errors import CassetteError, ModelUnavailable
from tta_dev_primitives.llm import Origin, Replay, Request, Usage
from tta_dev_primitives.llm.journal import Journal
from tta_dev_primitives.testing import Answer, ScriptedModel

USAGE = Usage(input_tokens=90, output_tokens=10, calls=1, usd=0.5)


def numbered() -> ScriptedModel:
    """Each answer is another one."""
    count = iter(range(100))
    return ScriptedModel(lambda _: Code(code=f"answer {next(count)}"), usage=USAGE, name="m")


async def ask(
    journal: Journal, model: ScriptedModel, *requests: Request[Code], scope: str = "s"
) -> list[str]:
    scoped = journal.within(scope, model)
    return [(await scoped.ask(request, WorkflowContext())).output.code for request in requests]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl"


async def test_what_was_answered_is_not_asked_again(path: Path) -> None:
    first, again = numbered(), numbered()
    with Journal(path) as journal:
        answers = await ask(journal, first, question(), question(attempt=2))
    with Journal(path) as journal:
        assert await ask(journal, again, question(), question(attempt=2)) == answers
        assert (journal.spent.calls, journal.spent.usd, journal.reused) == (2, 1.0, 2)
        assert again.requests == []
        assert await ask(journal, again, question(attempt=3)) == ["answer 0"]
    assert len(again.requests) == 1


async def test_an_answer_from_the_file_says_what_it_said_at_first(path: Path) -> None:
    with Journal(path) as journal:
        told = await journal.within("s", numbered()).ask(question(), WorkflowContext())
    with Journal(path) as journal:
        again = await journal.within("s", numbered()).ask(question(), WorkflowContext())
    assert again == told
    assert told.source.origin is Origin.SCRIPTED


async def test_equal_questions_get_their_answers_in_the_order_given(path: Path) -> None:
    with Journal(path) as journal:
        assert await ask(journal, numbered(), question(), question()) == ["answer 0", "answer 1"]
    with Journal(path) as journal:
        assert await ask(journal, numbered(), question(), question()) == ["answer 0", "answer 1"]


async def test_parts_of_a_run_do_not_answer_for_each_other(path: Path) -> None:
    with Journal(path) as journal:
        await ask(journal, numbered(), question(), scope="one")
    model = numbered()
    with Journal(path) as journal:
        await ask(journal, model, question(), scope="two")
    assert len(model.requests) == 1


async def test_the_same_words_are_free_after_another_part_of_the_run(path: Path) -> None:
    model = numbered()
    with Journal(path) as journal:
        first = journal.within("one", model)
        second = journal.within("two", model, after=["zero", "one"])
        await first.ask(question(), WorkflowContext())
        reply = await second.ask(question(), WorkflowContext())
        assert (reply.output.code, reply.usage) == ("answer 0", Usage())
        await second.ask(question(prompt="in other words"), WorkflowContext())
    assert len(model.requests) == 2


async def test_a_question_in_other_words_gets_what_was_paid_for_and_is_counted(path: Path) -> None:
    with Journal(path) as journal:
        await ask(journal, numbered(), question(prompt="it printed 0x7f01"))
    model = numbered()
    with Journal(path) as journal:
        assert await ask(journal, model, question(prompt="it printed 0x7f02")) == ["answer 0"]
        assert journal.reworded == 1
    assert model.requests == []


async def test_a_failed_question_is_not_kept(path: Path) -> None:
    answers: list[Answer] = [ModelUnavailable("429"), Code(code="there")]
    with Journal(path) as journal:
        scoped = journal.within("s", ScriptedModel(lambda _: answers.pop(0)))
        with pytest.raises(ModelUnavailable):
            await scoped.ask(question(), WorkflowContext())
        assert (await scoped.ask(question(), WorkflowContext())).output.code == "there"
        assert journal.spent.calls == 1


def tear(path: Path, cut: int) -> None:
    """Leave what a process leaves that is killed while it writes."""
    path.write_bytes(path.read_bytes()[:-cut])


@pytest.mark.parametrize("cut", [1, 40])
async def test_a_torn_last_line_is_asked_again_and_the_others_are_not(path: Path, cut: int) -> None:
    with Journal(path) as journal:
        await ask(journal, numbered(), question(), question(attempt=2))
    tear(path, cut)
    model = numbered()
    with Journal(path) as journal:
        await ask(journal, model, question(), question(attempt=2))
    assert [request.attempt for request in model.requests] == [2]
    with Journal(path) as journal:
        assert journal.spent.calls == 2


async def test_a_disk_that_is_full_for_a_while_tears_no_line(path: Path) -> None:
    with Journal(path) as journal:
        await ask(journal, numbered(), question())
        with room_for(20, path), pytest.raises(CassetteError, match="is the disk full"):
            await ask(journal, numbered(), question(attempt=2))
        await ask(journal, numbered(), question(attempt=3))
        assert journal.spent.calls == 2
    with Journal(path) as journal:
        assert journal.spent.calls == 2


def test_a_damaged_line_is_named(path: Path) -> None:
    path.write_text("no entry\n")
    with pytest.raises(CassetteError, match="line 1"):
        Journal(path)


async def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="cannot be read or written"):
        Journal(tmp_path)


async def test_many_questions_at_once_are_all_kept(path: Path) -> None:
    def echo(request: Request[BaseModel]) -> Answer:
        return Code(code=request.task_id)

    with Journal(path) as journal:
        scoped = journal.within("s", ScriptedModel(echo))
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(scoped.ask(question(task_id=f"t{number}"), WorkflowContext()))
    with Journal(path) as journal:
        assert journal.spent.calls == 20


async def test_the_file_is_a_cassette(path: Path) -> None:
    with Journal(path) as journal:
        await ask(journal, numbered(), question())
    assert (await Replay(path).ask(question(), WorkflowContext())).output.code == "answer 0"
