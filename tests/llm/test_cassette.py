"""Recordings answer the same question with the same answer, or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from tests.llm.questions import Code, question
from tta_dev_primitives.core import Budget, Event, WorkflowContext
from tta_dev_primitives.core.errors import BudgetExceeded, CassetteError, DeadlineExceeded
from tta_dev_primitives.llm import ModelAnswered, Origin, Recording, Replay, Request, Role, Usage
from tta_dev_primitives.llm.tape import request_hash, request_text
from tta_dev_primitives.testing import ScriptedModel

USAGE = Usage(input_tokens=900, cached_tokens=300, output_tokens=100, calls=2, usd=0.25)


def echo(request: Request[BaseModel]) -> BaseModel:
    return Code(code=f"# {request.task_id} {request.attempt}\n{request.prompt}")


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "answers.jsonl"


async def record(tape: Path, *requests: Request[Code]) -> None:
    model = Recording(ScriptedModel(echo, usage=USAGE, name="a-model"), tape)
    for request in requests:
        await model.ask(request, WorkflowContext())


def lines(tape: Path) -> list[str]:
    return tape.read_text().splitlines()


def write(tape: Path, lines: list[str]) -> None:
    tape.write_text("\n".join(lines))


async def test_a_recorded_answer_comes_back_labelled_with_its_cost(tape: Path) -> None:
    await record(tape, question(), question(attempt=2))
    events: list[Event] = []
    budget = Budget(tokens=1_000)
    context = WorkflowContext(sinks=(events.append,), budget=budget)
    reply = await Replay(tape).ask(question(attempt=2), context)
    assert reply.output.code.startswith("# t1 2")
    assert reply.usage == USAGE
    assert (reply.source.origin, reply.source.model) == (Origin.REPLAYED, "a-model")
    assert str(reply.source).startswith("replayed answers of a-model, recorded 20")
    assert budget.spent.tokens == 1_000
    assert [type(event) for event in events] == [ModelAnswered]


async def test_replayed_answers_count_against_budget_and_deadline(tape: Path) -> None:
    await record(tape, question())
    replay = Replay(tape)
    with pytest.raises(BudgetExceeded):
        await replay.ask(question(), WorkflowContext(budget=Budget(calls=1)))
    with pytest.raises(DeadlineExceeded):
        await replay.ask(question(), WorkflowContext(deadline=0.0))


async def test_a_recording_holds_no_key_of_the_task_and_replays_all_the_same(tape: Path) -> None:
    head = "eyJhbGciOiJIUzI1NiJ9"  # in parts, so that this file holds no token
    token = f"{head}.eyJzdWIiOiJFWEFNUExFIn0.c2lnbmF0dXJlLW9mLWFuLWV4YW1wbGU"
    asked = question(prompt=f"Decode the token {token}.")
    await record(tape, asked)

    assert token not in lines(tape)[0]
    assert (await Replay(tape).ask(asked, WorkflowContext())).output.code.endswith("token [redacted].")


async def test_names_and_sources(tape: Path) -> None:
    await record(tape, question())
    assert Recording(ScriptedModel(echo, name="a-model"), tape).name == "record:a-model"
    assert Replay(tape).name == f"replay:{tape}"
    assert [source.model for source in Replay(tape).sources] == ["a-model"]


async def test_blanks_at_line_ends_and_line_endings_do_not_matter(tape: Path) -> None:
    await record(tape, question("one\ntwo"))
    reply = await Replay(tape).ask(question("one  \r\ntwo\t\r\n\n"), WorkflowContext())
    assert reply.output.code.endswith("one\ntwo")


async def test_the_first_differing_line_is_named(tape: Path) -> None:
    await record(tape, question("one\ntwo\nthree"))
    with pytest.raises(CassetteError) as error:
        await Replay(tape).ask(question("one\n2\n3"), WorkflowContext())
    assert "line 2 of the prompt was recorded as 'two' and is now '2'" in str(error.value)


async def test_changed_instructions_and_a_changed_form_are_named(tape: Path) -> None:
    class Other(BaseModel):
        code: str
        extra: int

    await record(tape, question())
    with pytest.raises(CassetteError, match="line 1 of the instructions"):
        await Replay(tape).ask(question(instructions="Be funny."), WorkflowContext())
    asked = question()
    other = Request(
        role=asked.role,
        task_id=asked.task_id,
        attempt=asked.attempt,
        instructions=asked.instructions,
        prompt=asked.prompt,
        output=Other,
    )
    with pytest.raises(CassetteError, match="of the output fields"):
        await Replay(tape).ask(other, WorkflowContext())


async def test_lines_are_counted_within_their_own_section(tape: Path) -> None:
    await record(tape, question("== task ==\none\ntwo", instructions="a\nb\nc"))
    with pytest.raises(CassetteError, match="line 3 of the prompt was recorded as 'two'"):
        await Replay(tape).ask(question("== task ==\none\n2", instructions="a\nb\nc"), WorkflowContext())


async def test_a_longer_prompt_is_named(tape: Path) -> None:
    await record(tape, question("one"))
    with pytest.raises(CassetteError, match=r"line 2 of the prompt was recorded as nothing .* now 'two'"):
        await Replay(tape).ask(question("one\ntwo"), WorkflowContext())


async def test_of_several_recordings_the_closest_is_compared(tape: Path) -> None:
    await record(tape, question("a\nb\nc\nd"), question("w\nx\ny\nz"))
    with pytest.raises(CassetteError, match="recorded as 'z' and is now 'Z'"):
        await Replay(tape).ask(question("w\nx\ny\nZ"), WorkflowContext())


async def test_several_requests_of_one_key_each_get_their_own_answer(tape: Path) -> None:
    await record(tape, question("first"), question("second"))
    replies = [await Replay(tape).ask(question(text), WorkflowContext()) for text in ("second", "first")]
    assert [reply.output.code.split("\n")[1] for reply in replies] == ["second", "first"]


async def test_a_question_never_recorded_lists_the_nearest(tape: Path) -> None:
    await record(tape, question(task_id="sort-list"), question(task_id="parse-date"))
    with pytest.raises(CassetteError) as error:
        await Replay(tape).ask(question(task_id="sort-lists", role=Role.REFLECTOR), WorkflowContext())
    assert "(reflector, task 'sort-lists', attempt 1)" in str(error.value)
    assert "(generator, task 'sort-list', attempt 1)" in str(error.value)


async def record_in_turn(tape: Path, *codes: str) -> None:
    model = Recording(ScriptedModel({Role.GENERATOR: [{"code": code} for code in codes]}), tape)
    for _ in codes:
        await model.ask(question(), WorkflowContext())


async def test_answers_to_a_repeated_question_come_in_the_order_recorded_and_the_last_repeats(
    tape: Path,
) -> None:
    await record_in_turn(tape, "tests_failed", "passed")
    for replay in (Replay(tape), Replay(tape)):
        replies = [await replay.ask(question(), WorkflowContext()) for _ in range(4)]
        assert [reply.output.code for reply in replies] == ["tests_failed", "passed", "passed", "passed"]


async def test_each_question_keeps_its_own_place_in_the_recording(tape: Path) -> None:
    await record_in_turn(tape, "old", "new")
    await record(tape, question("other"))
    replay = Replay(tape)
    first = await replay.ask(question(), WorkflowContext())
    await replay.ask(question("other"), WorkflowContext())
    second = await replay.ask(question(), WorkflowContext())
    assert [first.output.code, second.output.code] == ["old", "new"]


def test_no_answer_is_handed_out_twice_to_those_who_ask_at_once(tape: Path) -> None:
    codes = [f"# {number}" for number in range(64)]
    asyncio.run(record_in_turn(tape, *codes))
    replay = Replay(tape)

    def ask() -> list[str]:
        return [asyncio.run(replay.ask(question(), WorkflowContext())).output.code for _ in range(16)]

    with ThreadPoolExecutor(4) as threads:
        heard = [code for asked in [threads.submit(ask) for _ in range(4)] for code in asked.result()]
    assert sorted(heard) == sorted(codes)


async def test_many_recorders_of_one_file_mix_no_lines(tape: Path) -> None:
    models = [Recording(ScriptedModel(echo), tape) for _ in range(4)]
    long = "x" * 20_000
    async with asyncio.TaskGroup() as group:
        for number in range(40):
            request = question(long, task_id=f"t{number}")
            group.create_task(models[number % 4].ask(request, WorkflowContext()))
    replay = Replay(tape)
    for number in range(40):
        await replay.ask(question(long, task_id=f"t{number}"), WorkflowContext())


def no_file(path: Path) -> None:
    assert not path.exists()


def folder(path: Path) -> None:
    path.mkdir(parents=True)


def content(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.parent.mkdir(parents=True)
        path.write_bytes(data)

    return write


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (no_file, "there is no cassette"),
        (folder, "is a folder"),
        (content(b""), "is empty"),
        (content(b"\n\n"), "is empty"),
        (content(b"\xff\xfe"), "not UTF-8"),
        (content(b'{"format": 1, "role": "gen'), "line 1 .* is damaged"),
        (content(b'{"format": 2, "new": true}\n'), "format 2 .* upgrade"),
        (content(b'{"format": 1}\n'), "line 1 .* is not an entry"),
        (content(b"[1]\n"), "line 1 .* is not an entry"),
    ],
)
def test_a_file_that_cannot_be_played_is_one_clear_error(
    tape: Path, prepare: Callable[[Path], None], words: str
) -> None:
    prepare(tape)
    with pytest.raises(CassetteError, match=words):
        Replay(tape)


async def test_a_damaged_line_is_found_by_number_and_nothing_is_recorded_over_it(tape: Path) -> None:
    await record(tape, question())
    before = [*lines(tape), '{"cut off']
    write(tape, before)
    with pytest.raises(CassetteError, match="line 2"):
        Recording(ScriptedModel(echo), tape)
    assert lines(tape) == before


async def test_a_last_line_without_its_end_is_not_written_into(tape: Path) -> None:
    await record(tape, question(task_id="one"))
    write(tape, lines(tape))
    await record(tape, question(task_id="two"))
    assert (await Replay(tape).ask(question(task_id="one"), WorkflowContext())).output.code
    assert (await Replay(tape).ask(question(task_id="two"), WorkflowContext())).output.code


async def test_text_that_utf8_cannot_hold_is_recorded_all_the_same(tape: Path) -> None:
    model = Recording(ScriptedModel(lambda _: {"code": "x"}), tape)
    await model.ask(question("a\ud800b"), WorkflowContext())
    with pytest.raises(CassetteError):
        await Replay(tape).ask(question("a\ud800c"), WorkflowContext())


async def test_an_entry_changed_by_hand_is_refused(tape: Path) -> None:
    await record(tape, question())
    write(tape, [json.dumps(json.loads(lines(tape)[0]) | {"request": "something else"})])
    with pytest.raises(CassetteError, match="changed by hand"):
        Replay(tape)


async def test_an_answer_of_another_form_is_refused(tape: Path) -> None:
    await record(tape, question())
    write(tape, [json.dumps(json.loads(lines(tape)[0]) | {"answer": {"nonsense": 1}})])
    with pytest.raises(CassetteError, match="is not a Code"):
        await Replay(tape).ask(question(), WorkflowContext())


async def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    model = Recording(ScriptedModel(echo), tmp_path / "file" / "answers.jsonl")
    with pytest.raises(CassetteError, match="PLAYBOX_CASSETTE"):
        await model.ask(question(), WorkflowContext())


texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(instructions=texts, prompt=texts, other=texts)
def test_equal_text_has_an_equal_hash_and_other_text_another(
    instructions: str, prompt: str, other: str
) -> None:
    asked = request_text(question(prompt, instructions=instructions))
    again = request_text(question(other, instructions=instructions))
    assert request_hash(asked) == request_hash(request_text(question(prompt, instructions=instructions)))
    assert (asked == again) == (request_hash(asked) == request_hash(again))
