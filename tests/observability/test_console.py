from __future__ import annotations

import re
from dataclasses import dataclass
from io import StringIO

import pytest
from rich.console import Console

from tests.core.steps import Add, Fail, Hang, Show
from tests.observability.conftest import PLAIN, run_the_loop
from tta_dev_primitives import LambdaPrimitive, WorkflowContext
from tta_dev_primitives.core import Event
from tta_dev_primitives.observability import ConsoleSink
from tta_dev_primitives.sandbox import Sandbox

TIME = re.compile(r"\d+(?:\.\d+)? (?:ms|s)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    word: str


class Screen:
    """A console, and what it shows with every time as `T`."""

    def __init__(self) -> None:
        self.file = StringIO()
        self.sink = ConsoleSink(Console(file=self.file, width=200, highlight=False), settings=PLAIN)

    @property
    def lines(self) -> list[str]:
        return [TIME.sub("T", line) for line in self.file.getvalue().splitlines()]


async def test_steps_are_indented_as_they_nest() -> None:
    screen = Screen()

    def speak(data: object, context: WorkflowContext) -> object:
        context.emit(Said(word="hello"))
        return data

    step = Add() >> (Show() | LambdaPrimitive(speak))
    await step.execute(1, WorkflowContext(sinks=(screen.sink,)))
    assert screen.lines == [
        "▸ SequentialPrimitive",
        "  ✓ Add  T",
        "  ▸ ParallelPrimitive",
        "    ✓ Show  T",
        "    ▸ speak",
        "      · said  word=hello",
        "    ✓ speak  T",
        "  ✓ ParallelPrimitive  T",
        "✓ SequentialPrimitive  T",
    ]


async def test_failures_and_what_they_cancelled_are_marked() -> None:
    screen = Screen()
    step = Fail(lambda: ValueError("no such\nthing"), turns=2) | Hang()
    with pytest.raises(ValueError, match="no such"):
        await step.execute(1, WorkflowContext(sinks=(screen.sink,)))
    assert screen.lines == [
        "▸ ParallelPrimitive",
        "  ✗ Fail  T  ValueError: no such thing",
        "  - Hang  T  cancelled",
        "✗ ParallelPrimitive  T  ValueError: no such thing",
    ]


async def test_the_loop_is_told_as_it_happens(sandbox: Sandbox) -> None:
    screen = Screen()
    await run_the_loop(sandbox, screen.sink)
    assert "  · chat scripted  T  generator: 100 + 50 tokens" in screen.lines
    assert any(line.startswith("  · attempt judged  attempt 1: ✗ tests failed") for line in screen.lines)
    assert "  · attempt judged  attempt 2: ✓ passed, score 1.00" in screen.lines
    assert any("strategies.added=1" in line for line in screen.lines)
    assert any("execute_tool run_code  T  python" in line for line in screen.lines)


async def test_text_of_others_cannot_steer_the_terminal() -> None:
    screen = Screen()

    def speak(data: object, context: WorkflowContext) -> object:
        context.emit(Said(word="\x1b[2J[bold red]\u202eback"))
        return data

    await LambdaPrimitive(speak, name="[blink]\x1b]0;title\x07").execute(
        1, WorkflowContext(sinks=(screen.sink,))
    )
    assert screen.lines == [
        "▸ [blink]]0;title",
        "  · said  word=[2J[bold red]back",
        "✓ [blink]]0;title  T",
    ]
