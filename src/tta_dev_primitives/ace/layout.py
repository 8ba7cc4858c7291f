"""The layout of prompts: what changes least stands first, so a prompt's beginning stays byte-identical."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from .attempt import Attempt
from .bullet import Bullet, Kind
from .content import clean_content
from .hygiene import cap, clean, code_block, data_block, named_block, redact_task
from .injection import injection
from .record import Run
from .task import Task

_MAX_CODE = 12_000
_PLAIN_NAME = re.compile(r"(?=[\w./-]{1,60}\Z)[\w./-]*\.[a-z0-9]{1,5}", re.ASCII)
"""With its ending, which stands between the words of two names; other scripts write without blanks."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_PLAIN_WORDS = 3
"""Such as `orders/client.py`; more words can be a sentence."""
_LONGEST_WORD = 16
"""Longer ones are words without anything between them."""


def generator_prompt(run: Run, *, may_probe: int = 0) -> str:
    """Return core strategies, context, strategies for the task, the task, then what was tried.

    Tasks of one kind share their context, and a playbook only grows: so little changes from prompt to prompt
    before the task itself. `may_probe` above 0 offers so many probes.
    """
    sections = [
        strategies_section("Strategies", run.selection.core),
        _context(run.task),
        strategies_section("Strategies for this task", run.selection.retrieved),
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
        strategies_section("Strategies that the programmer had", selection.bullets),
        strategies_section("Other known strategies", [bullet for bullet in known if bullet.id not in used]),
        _task(run.task),
        *_tried(run),
    ]
    return "\n\n".join(filter(None, sections))


def strategy_line(bullet: Bullet) -> str:
    """Return a bullet as a prompt shows it: id, kind, content; no counters, no times."""
    return f"[{bullet.alias}] ({bullet.kind}) {_content(bullet.kind, bullet.content)}"


def strategies_section(title: str, bullets: Sequence[Bullet]) -> str:
    """Return strategies under a title, as data; nothing where there are none.

    One-liners that follow each other share a block, a snippet has one of its own. A block is marked by its
    first strategy, so the beginning of the section stays as it is when strategies are added at its end.
    """
    if not bullets:
        return ""
    groups = groupby(bullets, key=lambda bullet: bullet.alias if bullet.kind is Kind.SNIPPET else "")
    return "\n".join([f"# {title}", *(_strategies(tuple(group)) for _, group in groups)])


def _strategies(bullets: Sequence[Bullet]) -> str:
    """Return one-liners as a block of a line each, or one snippet line by line."""
    first = bullets[0]
    if first.kind is Kind.SNIPPET:
        return data_block(first.alias, _content(first.kind, first.content))
    return named_block("strategies", "\n".join(map(strategy_line, bullets)), name=first.id)


@lru_cache(maxsize=1 << 13)
def _content(kind: Kind, content: str) -> str:
    """Return what a bullet says; a history that another program wrote may hold what was never cleaned."""
    return clean(clean_content(kind, content))


def _context(task: Task) -> str:
    return f"# Context\n{clean(task.context.strip())}" if task.context.strip() else ""


def _task(task: Task) -> str:
    parts = [f"# Task\nLanguage: {task.language}\n{clean(task.task.strip())}"]
    if task.code.strip():
        parts.append(f"## Code to start from\n{code_block(clean(task.code.strip()))}")
    if task.entry_point:
        parts.append(f"The program must define `{task.entry_point}`.")
    if task.files:
        parts.append(_beside(sorted(task.files)))
    return "\n\n".join(parts)


def _beside(names: Sequence[str]) -> str:
    """Return the names of files; one that could say something is data, as who names a file is a stranger."""
    plain = list(filter(_is_plain, names))
    plain = [] if _say_something(plain) else plain
    line = " ".join(("Files beside the program:", ", ".join(plain))).strip()
    other = [clean(name) for name in names if name not in plain]
    return f"{line}\n{data_block('names', chr(10).join(other))}" if other else line


def _is_plain(name: str) -> bool:
    words = _WORD.findall(name)
    short = len(words) <= _PLAIN_WORDS and all(len(word) <= _LONGEST_WORD for word in words)
    return short and _PLAIN_NAME.fullmatch(name) is not None and injection(name, code=True) is None


def _say_something(names: Sequence[str]) -> bool:
    """Tell whether the names are a sentence one after the other, their endings aside."""
    words = (word for name in names for word in _WORD.findall(name.rpartition(".")[0]))
    return injection(" ".join(words), code=True) is not None


def _offer(run: Run, most: int) -> str:
    known = (
        "The strategies above are not validated yet." if run.selection.bullets else "Nothing was learned yet."
    )
    return f"# Probing\n{known} Up to {most} probes may be run now."


def _tried(run: Run) -> Iterator[str]:
    for number, probe in enumerate(run.probes, start=1):
        yield (
            f"# Probe {number}\n{code_block(cap(redact_task(clean(probe.code)), _MAX_CODE))}\n"
            + data_block("result", probe.seen)
        )
    yield from map(_attempt, run.attempts)


def _attempt(attempt: Attempt) -> str:
    code = code_block(cap(redact_task(clean(attempt.code)), _MAX_CODE))
    result = data_block("result", attempt.verdict.feedback)
    return f"# Attempt {attempt.number}: {attempt.verdict.kind}\n{code}\n{result}"
