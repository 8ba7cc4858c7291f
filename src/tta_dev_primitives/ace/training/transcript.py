"""Transcript: what happened in one task, as markdown to be read by people."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...core.secrets import NO_SECRETS, Secrets
from ..attempt import Attempt
from ..delta import Outcome
from ..events import Decision
from ..hygiene import cap, clean, redact_stored
from ..learning import Reflected
from ..record import Run
from ..task import Task
from .result import Part, TaskResult
from .solving import Solved

_MAX_CODE = 20_000
_MAX_OUTPUT = 4_000
_FENCES = re.compile("`+")
_STRUCTURE = re.compile(r"^(?=## |`{3})", re.MULTILINE)
"""What begins a section or a block of a transcript."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What came of a task: its reflection, what became of each operation, and what the evidence decided."""

    reflected: Reflected | None = None
    outcomes: tuple[Outcome, ...] = ()
    decisions: tuple[Decision, ...] = ()


_NOTHING = Taught()


def transcript(
    part: Part,
    solved: Solved,
    result: TaskResult,
    taught: Taught = _NOTHING,
    *,
    secrets: Secrets = NO_SECRETS,
) -> str:
    """Return task, strategies, probes, attempts with their real results, reflection and what became of it.

    None of it holds one of `secrets`.
    """
    run = solved.run.without(secrets) if solved.run else None
    sections = [
        f"# {_text(solved.task.id)}: {_ending(result)}\n\n{_facts(part, result)}",
        f"## Task\n\n{_text(secrets.hide(solved.task.task.strip()))}",
    ]
    if run is None:
        return (
            "\n\n".join([*sections, f"The model gave no program: {_prose(secrets.hide(solved.why))}"]) + "\n"
        )
    sections += [
        _strategies(run),
        *_probes(run),
        *(_attempt(one, solved.task, secrets) for one in run.attempts),
    ]
    if run.cut_short:
        sections.append(f"No more attempts: {_prose(run.cut_short)}")
    return "\n\n".join([*filter(None, sections), *_learning(run, taught)]) + "\n"


def _ending(result: TaskResult) -> str:
    if not result.success:
        return f"not solved ({result.verdict})"
    return "solved at the first try" if result.first_try else f"solved at attempt {result.attempts}"


def _facts(part: Part, result: TaskResult) -> str:
    usd = "" if result.usd is None else f", {result.usd:.4f} USD"
    return (
        f"{part.phase}, epoch {part.epoch}, window {part.window} · version {result.playbook_version} "
        f"with {result.playbook_size} strategies · {result.calls} calls, {result.tokens} tokens{usd} · "
        f"{result.seconds:.1f} s"
    )


def _strategies(run: Run) -> str:
    lines = [f"- [{bullet.alias}] {_prose(bullet.content)}" for bullet in run.selection.bullets]
    why = "held out on purpose, as a control" if run.selection.held_out else "none fits"
    return "## Strategies\n\n" + ("\n".join(lines) or why)


def _probes(run: Run) -> list[str]:
    return [
        f"## Probe {number}\n\n{_code(probe.code, 'python')}\n\n{_code(probe.seen)}"
        for number, probe in enumerate(run.probes, start=1)
    ]


def _attempt(attempt: Attempt, task: Task, secrets: Secrets) -> str:
    verdict = attempt.verdict
    parts = [
        f"## Attempt {attempt.number}: {verdict.kind.replace('_', ' ')}",
        _code(attempt.code, task.language),
    ]
    printed = secrets.hide(attempt.judgement.executions[0].stdout)
    if verdict.success and printed.strip():
        parts.append(f"It printed:\n\n{_code(printed)}")
    if not verdict.success:
        parts.append(_code(verdict.feedback))
    return "\n\n".join(parts)


def _learning(run: Run, taught: Taught) -> list[str]:
    sections: list[str] = []
    if taught.reflected is not None and taught.reflected.reply is not None:
        reflection = taught.reflected.reply.output
        insights = [f"- ({insight.kind}) {_prose(insight.content)}" for insight in reflection.insights]
        sections.append(
            "## Reflection\n\n" + "\n".join([_prose(reflection.diagnosis), "", *insights]).strip()
        )
    if taught.outcomes:
        lines = [f"- {one.result}: {_prose(_described(one))}" for one in taught.outcomes]
        sections.append("## Playbook\n\n" + "\n".join(lines))
    if taught.decisions:
        lines = [f"- {_prose(_decision(one))}" for one in taught.decisions]
        sections.append("## Decided by the evidence\n\n" + "\n".join(lines))
    if run.note:
        sections.append(f"Note: {_prose(run.note)}")
    return sections


def _decision(decision: Decision) -> str:
    parts = (decision.type, getattr(decision, "bullet", ""), getattr(decision, "reason", ""))
    return " ".join(filter(None, parts))


def _described(outcome: Outcome) -> str:
    operation = outcome.operation
    content = getattr(operation, "content", None) or getattr(operation, "reason", "")
    why = f" ({outcome.reason})" if outcome.reason else ""
    return f"{operation.op} {content}{why}"


def _code(text: str, language: str = "text") -> str:
    """Return a fenced block that nothing in it can close."""
    shown = cap(_text(text), _MAX_OUTPUT if language == "text" else _MAX_CODE).strip("\n")
    fence = "`" * max(3, 1 + max(map(len, _FENCES.findall(shown)), default=0))
    return f"{fence}{language}\n{shown}\n{fence}"


def _text(text: str) -> str:
    return redact_stored(clean(text))


def _prose(text: str) -> str:
    """Return what a model said, so that no section or block begins in it."""
    return _STRUCTURE.sub(r"\\", _text(text))
