from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

import pytest

from tta_dev_primitives import LambdaPrimitive, WorkflowContext, WorkflowPrimitive
from tta_dev_primitives.core import Event, SpanEnded, SpanStarted
from tta_dev_primitives.core.attributes import CONTENT
from tta_dev_primitives.core.events import SinkFailed

from .steps import Add, Fail, Hang, Heard, Show


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    word: str


def spans(heard: Heard) -> list[str]:
    """Return `+name` and `-name` in the order heard."""
    return [
        f"{'+' if isinstance(event, SpanStarted) else '-'}{event.name}"
        for event in heard.events
        if isinstance(event, SpanStarted | SpanEnded)
    ]


async def test_spans_nest_as_the_steps_do() -> None:
    heard = Heard()
    await (Add() >> Show()).execute(1, WorkflowContext(sinks=(heard,)))
    assert spans(heard) == ["+SequentialPrimitive", "+Add", "-Add", "+Show", "-Show", "-SequentialPrimitive"]
    started = [event for event in heard.events if isinstance(event, SpanStarted)]
    chain, add, show = started
    assert chain.parent_span_id is None
    assert add.parent_span_id == show.parent_span_id == chain.span_id
    assert len({event.span_id for event in started}) == 3
    assert all(len(event.span_id) == 16 and int(event.span_id, 16) >= 0 for event in started)


async def test_an_end_belongs_to_its_start() -> None:
    heard = Heard()
    await Add().execute(1, WorkflowContext(sinks=(heard,)))
    started, ended = heard.events
    assert isinstance(started, SpanStarted)
    assert isinstance(ended, SpanEnded)
    assert ended.started is started
    assert (ended.name, ended.span_id, ended.error) == ("Add", started.span_id, None)
    assert ended.seconds == ended.at - started.at >= 0


async def test_branches_have_the_same_parent() -> None:
    heard = Heard()
    await (Add() | Show()).execute(1, WorkflowContext(sinks=(heard,)))
    parallel, *branches = [event for event in heard.events if isinstance(event, SpanStarted)]
    assert {event.parent_span_id for event in branches} == {parallel.span_id}


async def test_a_run_continues_the_span_of_another_process() -> None:
    heard = Heard()
    context = WorkflowContext(sinks=(heard,), parent_span_id="00f067aa0ba902b7")
    assert context.span_id == "00f067aa0ba902b7"
    await Add().execute(1, context)
    started = heard.events[0]
    assert isinstance(started, SpanStarted)
    assert started.parent_span_id == "00f067aa0ba902b7"


async def test_an_error_ends_every_span_it_passes() -> None:
    heard = Heard()
    with pytest.raises(ZeroDivisionError) as raised:
        await (Add() >> Fail(ZeroDivisionError)).execute(1, WorkflowContext(sinks=(heard,)))
    assert spans(heard)[-2:] == ["-Fail", "-SequentialPrimitive"]
    assert [event.error for event in heard.events if isinstance(event, SpanEnded)] == [
        None,
        raised.value,
        raised.value,
    ]


async def test_cancellation_ends_the_span_too() -> None:
    heard, hang = Heard(), Hang()
    task = asyncio.create_task(hang.execute(1, WorkflowContext(sinks=(heard,))))
    await hang.started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    ended = heard.events[-1]
    assert isinstance(ended, SpanEnded)
    assert isinstance(ended.error, asyncio.CancelledError)


async def test_a_span_by_hand() -> None:
    heard = Heard()
    context = WorkflowContext(sinks=(heard,))
    with context.span("outer") as outer:
        await Add().execute(1, outer)
    assert spans(heard) == ["+outer", "+Add", "-Add", "-outer"]
    with pytest.raises(KeyError), context.span("failing"):
        raise KeyError
    ended = heard.events[-1]
    assert isinstance(ended, SpanEnded)
    assert isinstance(ended.error, KeyError)
    assert context.span_id is None


async def test_a_failing_sink_is_reported_to_the_others_and_the_run_goes_on() -> None:
    heard = Heard()

    def broken(event: Event) -> None:
        raise OSError(repr(event))

    assert await Add().execute(1, WorkflowContext(sinks=(broken, heard))) == 2
    assert spans(heard) == ["+Add", "-Add"]
    failures = [event for event in heard.events if isinstance(event, SinkFailed)]
    assert len(failures) == 2
    assert "broken" in failures[0].sink
    assert isinstance(failures[0].error, OSError)


async def test_two_failing_sinks_do_not_chase_each_other() -> None:
    def one(event: Event) -> None:
        raise OSError(repr(event))

    def other(event: Event) -> None:
        raise ValueError(repr(event))

    assert await Add().execute(1, WorkflowContext(sinks=(one, other))) == 2


async def test_a_sink_may_interrupt() -> None:
    def interrupting(event: Event) -> None:
        raise KeyboardInterrupt(repr(event))

    with pytest.raises(KeyboardInterrupt):
        await Add().execute(1, WorkflowContext(sinks=(interrupting,)))


async def test_steps_emit_events_of_their_own() -> None:
    heard = Heard()

    def speak(word: str, context: WorkflowContext) -> str:
        context.emit(Said(word=word))
        return word

    await LambdaPrimitive(speak).execute("hello", WorkflowContext(sinks=(heard,)))
    assert heard.events[1] == Said(word="hello")


def test_events_show_what_they_hold() -> None:
    started = SpanStarted("Add", WorkflowContext(parent_span_id="00f067aa0ba902b7"), 1.0)
    ended = SpanEnded(started, 3.0, ValueError("no"))
    assert repr(started) == (
        f"SpanStarted(name='Add', span_id='{started.span_id}', parent_span_id='00f067aa0ba902b7', at=1.0)"
    )
    assert (
        repr(ended) == f"SpanEnded(name='Add', span_id='{started.span_id}', at=3.0, error=ValueError('no'))"
    )


class Tells(WorkflowPrimitive[object, str | None]):
    """Return the id of the span that it runs in."""

    async def _execute(self, data: object, context: WorkflowContext) -> str | None:
        del data
        return context.span_id


async def test_every_step_of_a_chain_runs_in_a_span_of_its_own() -> None:
    def tell(before: str | None, context: WorkflowContext) -> tuple[str | None, str | None]:
        return before, context.span_id

    heard = Heard()
    told = await (Add() >> Tells() >> tell).execute(1, WorkflowContext(sinks=(heard,)))
    started = [event for event in heard.events if isinstance(event, SpanStarted)]
    assert [event.name for event in started] == ["SequentialPrimitive", "Add", "Tells", "tell"]
    assert told == (started[2].span_id, started[3].span_id)


async def test_a_chain_reports_its_steps_as_they_report_themselves() -> None:
    class Both(WorkflowPrimitive[int, int]):
        """What a chain of two does, by `execute` alone."""

        async def _execute(self, data: int, context: WorkflowContext) -> int:
            return await failing.execute(await Add().execute(data, context), context)

    def broken(data: int) -> int:
        raise KeyError(data)

    failing = LambdaPrimitive(broken)
    told = list[list[tuple[str, str | None]]]()
    for step in (Add() >> failing, Both()):
        heard = Heard()
        with pytest.raises(KeyError):
            await step.execute(1, WorkflowContext(sinks=(heard,), parent_span_id="00f067aa0ba902b7"))
        ids = {"00f067aa0ba902b7": "outside"} | {
            event.span_id: event.name.replace("SequentialPrimitive", "Both")
            for event in heard.events
            if isinstance(event, SpanStarted)
        }
        told.append(
            [
                (ids[event.span_id], ids[event.parent_span_id or ""])
                if isinstance(event, SpanStarted)
                else (ids[event.span_id], repr(event.error))
                for event in heard.events
                if isinstance(event, SpanStarted | SpanEnded)
            ]
        )
    assert told[0] == told[1]
    assert len(told[0]) == 6


async def test_an_event_tells_where_it_happened() -> None:
    heard = Heard()
    context = WorkflowContext(sinks=(heard,))
    assert Said(word="not emitted").within is None
    outside = Said(word="outside")
    context.emit(outside)
    assert outside.within is context

    def speak(word: str, context: WorkflowContext) -> str:
        context.emit(Said(word=word))
        return word

    await (Show() >> LambdaPrimitive(speak)).execute(1, context)
    started = {event.name: event for event in heard.events if isinstance(event, SpanStarted)}
    inside = [event for event in heard.events if isinstance(event, Said)][-1]
    assert inside.within is started["speak"]
    assert inside == Said(word=inside.word), "where it happened is no part of what it says"


async def test_a_span_belongs_to_the_run_and_the_trace_around_it() -> None:
    heard = Heard()
    context = WorkflowContext(sinks=(heard,))
    await (Add() >> Show()).execute(1, context)
    spans = [event for event in heard.events if isinstance(event, SpanStarted)]
    assert all(span.run is context for span in spans)
    assert {span.trace_id for span in spans} == {context.trace_id}


async def test_a_tracer_may_give_a_span_its_own_ids() -> None:
    ours, around = WorkflowContext(), "b7ad6b7169203331"
    outer = SpanStarted("outer", ours, 0.0)
    inner = SpanStarted("inner", outer, 0.0)
    outer.adopt(trace_id="a" * 32, span_id=around, sampled=False)
    assert (outer.span_id, inner.parent_span_id) == (around, around)
    assert (outer.trace_id, inner.trace_id) == ("a" * 32, "a" * 32)
    outer.adopt(trace_id="a" * 32, span_id="c" * 16, sampled=False)
    assert outer.span_id == around, "somebody has read it"
    assert (ours.sampled, inner.sampled) == (True, False)


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain(Event):
    waited_s: float
    tries: int
    last: bool
    colour: Colour
    names: tuple[str, ...]
    sizes: tuple[int, ...]
    nothing: str | None = None
    thing: object = None
    program: str = field(default="print(1)", metadata=CONTENT)


def test_plain_fields_are_attributes() -> None:
    event = Plain(waited_s=0.5, tries=2, last=True, colour=Colour.RED, names=("a",), sizes=(1, 2), thing=[])
    assert event.attributes() == {
        "playbox.waited_s": 0.5,
        "playbox.tries": 2,
        "playbox.last": True,
        "playbox.colour": "red",
        "playbox.names": ("a",),
        "playbox.sizes": ("1", "2"),
    }
    assert type(event.attributes()["playbox.colour"]) is str
    assert event.contents() == {"playbox.program": "print(1)"}
    assert event.operation() is None


def test_what_a_sink_failed_with_is_told() -> None:
    failed = SinkFailed(sink="<sink>", error=OSError("disk full"))
    assert failed.attributes() == {
        "playbox.sink": "<sink>",
        "error.type": "OSError",
        "playbox.error": "disk full",
    }
