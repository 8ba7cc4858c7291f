"""Live progress of a run: a success curve on a terminal, a line for each task elsewhere."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Group
from rich.live import Live
from rich.text import Text

from ...ace.training.config import Mode, RunConfig
from ...ace.training.progress import PartStarted, RunPlanned, TaskDone
from ...ace.training.result import Part, Phase, TaskResult
from ...core.events import Event, Sink
from ...llm.types import Usage
from ..screen import Screen, one_line, plural, safe

_BARS = "▁▂▃▄▅▆▇█"
_CURVE = 40
_ROLLING = 5
_RECENT = 5


@contextmanager
def following(config: RunConfig, screen: Screen) -> Generator[Sink]:
    """Yield a sink that shows on stderr how the run goes."""
    board = Board(config=config)
    if not screen.err.is_terminal:
        yield lambda event: screen.tell(*board.note(event))
        return

    def draw(event: Event) -> None:
        board.note(event)

    with Live(get_renderable=board.draw, console=screen.err, refresh_per_second=4):
        yield draw


@dataclass(slots=True, kw_only=True)
class Board:
    """What is known of the run so far."""

    config: RunConfig
    planned: RunPlanned = field(default_factory=lambda: RunPlanned(total=0, done=0, spent=Usage()))
    part: Part | None = None
    results: list[TaskResult] = field(default_factory=list[TaskResult])
    recent: list[Text] = field(default_factory=list[Text])
    spent: Usage = field(default_factory=Usage)
    since: float = field(default_factory=time.monotonic)

    def note(self, event: Event) -> list[Text]:
        """Take note of `event`, and return the lines that tell it."""
        match event:
            case RunPlanned():
                self.planned, self.spent, self.since = event, event.spent, time.monotonic()
                return [Text(_goes_on(event))] if event.done else []
            case PartStarted(part=part):
                self.part = part
                return []
            case TaskDone(result=result):
                return self._done(result, event.learned)
            case _:
                return []

    def _done(self, result: TaskResult, learned: tuple[str, ...]) -> list[Text]:
        self.results.append(result)
        self.spent += Usage(
            input_tokens=result.input_tokens,
            output_tokens=result.output_tokens,
            calls=result.calls,
            usd=result.usd,
        )
        head = Text.assemble(f"{self._count}  ", _phase(result, self.config), "  ", _outcome(result))
        lines = [head, *(Text(f"    + {one_line(content)}", style="green") for content in learned)]
        self.recent = [*self.recent, *lines][-_RECENT:]
        return lines

    @property
    def _count(self) -> str:
        done, total = self.planned.done + len(self.results), self.planned.total
        return f"{done:>{len(str(total))}}/{total}"

    def draw(self) -> Group:
        """Return the board: the latest results, the curve, and what it cost so far."""
        return Group(*self.recent, self._curve(), Text(" · ".join(self._facts()), style="dim"))

    def _curve(self) -> Text:
        hits = [result.first_try for result in self.results]
        if not hits:
            return Text("first try  waiting for the first task", style="bold")
        latest = range(max(0, len(hits) - _CURVE), len(hits))
        means = [_mean(hits[max(0, end + 1 - _ROLLING) : end + 1]) for end in latest]
        bars = "".join(_BARS[round(mean * (len(_BARS) - 1))] for mean in means)
        return Text.assemble(("first try  ", "bold"), (bars, "green"), f"  {sum(hits)} of {len(hits)}")

    def _facts(self) -> list[str]:
        solved = sum(result.success for result in self.results)
        usd = "" if self.spent.usd is None else f"{self.spent.usd:.4f} USD"
        facts = [
            self._count,
            f"{solved} solved",
            plural(self.spent.calls, "call"),
            plural(self.spent.tokens, "token"),
            usd,
            self._strategies(),
            self._left(),
        ]
        return [fact for fact in facts if fact]

    def _strategies(self) -> str:
        return plural(self.results[-1].playbook_size, "strategy") if self.results else ""

    def _left(self) -> str:
        left = self.planned.total - self.planned.done - len(self.results)
        if not self.results or left <= 0:
            return ""
        return f"about {_duration((time.monotonic() - self.since) / len(self.results) * left)} left"


def _goes_on(event: RunPlanned) -> str:
    paid = f"{plural(event.spent.calls, 'answer')} paid for"
    return f"goes on: {event.done} of {event.total} results are there, {paid}"


def _phase(result: TaskResult, config: RunConfig) -> str:
    if config.mode is Mode.OFFLINE:
        return f"{result.phase} {result.epoch}"
    return f"{result.phase} {result.window + 1}" if config.mode is Mode.ONLINE else Phase.TEST.value


def _outcome(result: TaskResult) -> Text:
    name = safe(result.task_id)
    if not result.success:
        return Text(f"✗ {name}: {result.verdict.replace('_', ' ')}", style="red")
    if result.first_try:
        return Text(f"✓ {name}", style="green")
    return Text(f"✓ {name}, at attempt {result.attempts}", style="yellow")


def _duration(seconds: float) -> str:
    if seconds < 60:  # noqa: PLR2004  # a minute
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"  # noqa: PLR2004  # readable


def _mean(hits: list[bool]) -> float:
    return sum(hits) / len(hits)
