"""The layout of prompts: what changes least stands first, so a prompt's beginning stays byte-identical."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .attempt import Attempt
from .bullet import Bullet, Kind
from .hygiene import cap, clean, code_block, data_block, redact
from .record import Run
from .task import Task

_MAX_CODE = 12_000


def generator_prompt(run: Run, *, may_probe: int = 0) -> str:
    """Return core strategies, context, strategies for the task, the task, then what was tried.

    Tasks of one kind share their context, and a playbook only grows: so little changes from prompt to prompt
    before the task itself. `may_probe` above 0 offers so many probes.
    """
    sections = [
        _strategies("Strategies", run.selection.core),
        _context(run.task),
        _strategies("Strategies for this task", run.selection.retrieved),
        _task(run.task),
        _offer(run, may_probe) if may_probe else "",
        *_tried(run),
    ]
    return "\n\n".join(filter(None, sections))


def reflector_prompt(run: Run, known: Sequence[Bullet]) -> str:
    """Return the context, strategies in use, others known, the task, and what was really tried."""
    selection = run.selection
    used = {bullet.id for bullet in selection.bullets}
    sections = [
        _context(run.task),
        _strategies("Strategies that the programmer had", selection.bullets),
        _strategies("Other known strategies", [bullet for bullet in known if bullet.id not in used]),
        _task(run.task),
        *_tried(run),
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


def _context(task: Task) -> str:
    return f"# Context\n{clean(task.context.strip())}" if task.context.strip() else ""


def _task(task: Task) -> str:
    parts = [f"# Task\nLanguage: {task.language}\n{clean(task.task.strip())}"]
    if task.code.strip():
        parts.append(f"## Code to start from\n{code_block(clean(task.code.strip()))}")
    if task.entry_point:
        parts.append(f"The program must define `{task.entry_point}`.")
    if task.files:
        parts.append("Files beside the program: " + ", ".join(sorted(task.files)))
    return "\n\n".join(parts)


def _offer(run: Run, most: int) -> str:
    how = (
        f"answer with up to {most} `probes` and no code: small complete programs, each run by itself beside "
        "the same files, which print what you want to know. You will see what really happened, and write the "
        "program then."
    )
    if run.selection.bullets:
        return (
            "# Probing\nThe strategies above were learned from real runs. If this task needs something of "
            f"its libraries that neither they nor the context tell, {how} Do not probe what is told. Where "
            "nothing is missing, answer with the program."
        )
    return (
        "# Probing\nNothing was learned about the libraries of this task yet. Where you are not sure what "
        f"they really return or expect, {how} Where you are sure, answer with the program."
    )


def _tried(run: Run) -> Iterator[str]:
    for number, probe in enumerate(run.probes, start=1):
        yield f"# Probe {number}\n{code_block(cap(redact(clean(probe.code)), _MAX_CODE))}\n" + data_block(
            "result", probe.seen
        )
    yield from map(_attempt, run.attempts)


def _attempt(attempt: Attempt) -> str:
    code = code_block(cap(redact(clean(attempt.code)), _MAX_CODE))
    result = data_block("result", attempt.verdict.feedback)
    return f"# Attempt {attempt.number}: {attempt.verdict.kind}\n{code}\n{result}"
