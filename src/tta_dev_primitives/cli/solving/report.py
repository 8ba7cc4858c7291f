"""The result of one run, for people."""

from __future__ import annotations

from rich.rule import Rule
from rich.text import Text

from ...ace.result import LearningResult
from ..code import show_code
from ..facts import show_facts
from ..screen import Screen, plural, safe

_SHOWN_OUTPUT = 20


def show_result(result: LearningResult, location: str, saved: str, screen: Screen) -> None:
    """Print the program, what it printed, and how it came about; `saved` says where it is kept, if asked."""
    screen.show(Rule("program", style="dim"), show_code(result.code_generated))
    if result.result.strip():
        screen.show(Rule("it prints", style="dim"), _output(result.result))
    screen.show(Rule("result", style="dim"))
    if not result.execution_success:
        screen.show(Text(safe(result.feedback), style="red"))
    show_facts(_facts(result, location, saved), screen)


def _facts(result: LearningResult, location: str, saved: str) -> dict[str, str | Text]:
    usd = "price unknown" if result.usd is None else f"{result.usd:.4f} USD"
    speed = {} if result.speedup is None else {"speed": f"{result.speedup:.2f} times the given code"}
    return {
        "verdict": _verdict(result),
        "attempts": str(result.attempts),
        **speed,
        "model": safe(result.model),
        "cost": f"{plural(result.calls, 'call')}, {plural(result.tokens, 'token')}, {usd}",
        "isolation": result.isolation,
        "playbook": f"{plural(result.playbook_size, 'strategy')} in {safe(location)}",
        "learning": safe(result.learning_summary),
        **({"saved": safe(saved)} if saved else {}),
    }


def _verdict(result: LearningResult) -> Text:
    if not result.execution_success:
        return Text(f"✗ {result.verdict.replace('_', ' ')}", style="bold red")
    unchecked = "; the task has no checks, so it only ran without an error" if result.unchecked else ""
    return Text(f"✓ passed{unchecked}", style="bold green")


def _output(text: str) -> Text:
    rows = safe(text).rstrip("\n").split("\n")
    more = [f"... {len(rows) - _SHOWN_OUTPUT} more lines"] if len(rows) > _SHOWN_OUTPUT else []
    return Text("\n".join([*rows[:_SHOWN_OUTPUT], *more]))
