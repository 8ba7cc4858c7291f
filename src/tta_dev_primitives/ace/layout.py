"""The layout of prompts: what changes least stands first, so a prompt's beginning stays byte-identical."""

from __future__ import annotations

from collections.abc import Sequence

from .attempt import Attempt
from .bullet import Bullet, Kind
from .hygiene import cap, clean, code_block, data_block, redact
from .selection import Selection
from .task import Task

_MAX_CODE = 12_000


def generator_prompt(task: Task, selection: Selection, attempts: Sequence[Attempt]) -> str:
    """Return core strategies, strategies for the task, the task, then earlier attempts."""
    sections = [
        _strategies("Strategies", selection.core),
        _strategies("Strategies for this task", selection.retrieved),
        _task(task),
        *(_attempt(attempt) for attempt in attempts),
    ]
    return "\n\n".join(filter(None, sections))


def reflector_prompt(
    task: Task, selection: Selection, attempts: Sequence[Attempt], known: Sequence[Bullet]
) -> str:
    """Return the strategies in use, others known, the task, and all attempts with their real results."""
    used = {bullet.id for bullet in selection.bullets}
    sections = [
        _strategies("Strategies that the programmer had", selection.bullets),
        _strategies("Other known strategies", [bullet for bullet in known if bullet.id not in used]),
        _task(task),
        *(_attempt(attempt) for attempt in attempts),
    ]
    return "\n\n".join(filter(None, sections))


def strategy_line(bullet: Bullet) -> str:
    """Return a bullet as a prompt shows it: id, kind, content; no counters, no times."""
    return f"[{bullet.alias}] ({bullet.kind}) {clean(bullet.content)}"


def _strategies(title: str, bullets: Sequence[Bullet]) -> str:
    if not bullets:
        return ""
    return f"# {title}\n" + "\n".join(map(_strategy, bullets))


def _strategy(bullet: Bullet) -> str:
    """Return a one-line bullet as a line, a snippet as a block of its own."""
    if bullet.kind is Kind.SNIPPET:
        return data_block(bullet.alias, clean(bullet.content))
    return f"- {strategy_line(bullet)}"


def _task(task: Task) -> str:
    parts = [f"# Task\nLanguage: {task.language}\n{clean(task.task.strip())}"]
    if task.context.strip():
        parts.append(f"## Context\n{clean(task.context.strip())}")
    if task.code.strip():
        parts.append(f"## Code to start from\n{code_block(clean(task.code.strip()))}")
    if task.entry_point:
        parts.append(f"The program must define `{task.entry_point}`.")
    if task.files:
        parts.append("Files beside the program: " + ", ".join(sorted(task.files)))
    return "\n\n".join(parts)


def _attempt(attempt: Attempt) -> str:
    code = code_block(cap(redact(clean(attempt.code)), _MAX_CODE))
    result = data_block("result", attempt.verdict.feedback)
    return f"# Attempt {attempt.number}: {attempt.verdict.kind}\n{code}\n{result}"
