"""What the demonstration says at its beginning and its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ...ace.attempt import Attempt
from ...demo.passes import Demonstration, Stage
from ...sandbox.types import Isolation
from ..code import show_code
from ..items import show_item
from ..screen import Screen, plural, safe
from ..solving.steps import reason
from .board import Board
from .recording import Speaker
from .story import origins, tell

_MOST_LINES: Final = 60
_INTRODUCTION: Final = (
    "garnhythe is a small library that was invented for this demonstration. Its documentation is correct and "
    "says nothing of its quirks, so no model can know them: they can only be learned by running code."
)
_REALLY_RUN: Final = "All code really runs, in the sandbox, now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is told when all passes are done; `enough` is the gain in points that is expected."""

    shown: Demonstration
    board: Board
    kept: Path | None
    enough: int


def show_beginning(speaker: Speaker, isolation: Isolation, screen: Screen) -> None:
    """Print what this is, who answers, and that the code really runs."""
    text = Text(f"{_INTRODUCTION}\n\n{speaker.banner}\n{_REALLY_RUN} (isolation: {isolation}).")
    screen.show(Panel(text, title="playbox demo", border_style="cyan"), "")


def show_ending(ending: Ending, screen: Screen) -> None:
    """Print the passes, the playbook, one attempt in full, and what to do next."""
    screen.show("", _passes(ending.shown), "")
    _show_playbook(ending, screen)
    _show_story(ending.board, screen)
    _show_conclusion(ending, screen)


def _passes(shown: Demonstration) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("", no_wrap=True)
    for title in ("first try", "solved", "attempts", "model calls", "tokens"):
        table.add_column(title, justify="right", no_wrap=True)
    for stage, row in shown.passes.items():
        count = len(row.results)
        table.add_row(
            Text(stage.heading.partition(":")[0], style="bold"),
            Text(f"{row.first_tries} of {count}", style="bold green" if stage is Stage.AFTER else "bold"),
            f"{row.successes} of {count}",
            f"{row.attempts:.1f} a task",
            str(row.calls),
            f"{row.tokens:,}",
        )
    return table


def _show_playbook(ending: Ending, screen: Screen) -> None:
    playbook = ending.shown.playbook
    screen.show(Rule(f"what it learned: {plural(playbook.size, 'strategy')}", style="dim"))
    taught = origins(playbook, ending.board)
    for bullet in playbook.active:
        head = Text.assemble((bullet.alias, "bold green"), f"  {bullet.kind.replace('_', ' ')}")
        details = Text(safe(bullet.content)), Text(taught[bullet.alias], style="dim")
        show_item(head, details, screen)
    screen.show("")


def _show_story(board: Board, screen: Screen) -> None:
    story = tell(board)
    if story is None:
        return
    screen.show(Rule("one unseen task, without the playbook and with it", style="dim"))
    screen.show(Text(story.task.task), "", Text("without the playbook", style="bold"))
    screen.show(show_code(story.without.code, most=_MOST_LINES))
    screen.show(Text(f"✗ {reason(story.without, 400)}", style="red"), "")
    screen.show(Text("with the playbook, at the first try", style="bold"))
    screen.show(show_code(story.learned.code, most=_MOST_LINES))
    screen.show(Text(f"✓ {_printed(story.learned)}", style="green"), "")


def _printed(attempt: Attempt) -> str:
    rows = safe(attempt.judgement.executions[0].stdout).strip().split("\n")
    return f"passed; it printed: {' / '.join(rows)}"


def _show_conclusion(ending: Ending, screen: Screen) -> None:
    shown = ending.shown
    before, control, after = (shown.passes[stage] for stage in (Stage.BEFORE, Stage.CONTROL, Stage.AFTER))
    count = len(after.results)
    screen.show(Rule(style="dim"))
    screen.show(
        Text(
            f"First-try success on unseen tasks: {control.first_tries} of {count} without the playbook, "
            f"{after.first_tries} of {count} with it ({shown.gain:+.0f} points from pass 1 to pass 3).",
            style="bold",
        )
    )
    if shown.gain < ending.enough:
        screen.show(Text(_too_little(before.first_tries, len(before.results), ending.enough), style="yellow"))
    screen.show("", *_next(ending.kept))


def _too_little(first_tries: int, count: int, enough: int) -> str:
    if first_tries > count // 2:
        return f"That is less than {enough} points: this model solved {first_tries} of {count} tasks unaided."
    return (
        f"That is less than {enough} points: this model learned too little, or did not use what it learned."
    )


def _next(kept: Path | None) -> tuple[str, ...]:
    folder = (
        () if kept is None else (f"  playbox playbook show --playbook {safe(str(kept / 'playbook.db'))}",)
    )
    return (
        "Next:",
        *folder,
        '  playbox run "Print the first ten primes" --model openai:NAME   a task of your own',
        "  playbox models list                                            which models there are",
        "  playbox doctor                                                 what this machine offers",
    )
