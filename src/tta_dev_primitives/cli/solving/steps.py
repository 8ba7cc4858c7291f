"""What the loop reports, in words: finished steps as lines, the step under way as a phrase."""

from __future__ import annotations

from rich.text import Text

from ...ace.attempt import Attempt
from ...ace.progress import (
    AttemptJudged,
    AttemptStarted,
    CandidatesTried,
    LearningSkipped,
    PlaybookChanged,
    ProbesRun,
    ProgramWritten,
    ReflectionStarted,
    SandboxFailed,
    StrategiesChosen,
)
from ...ace.record import added_contents
from ...core.events import Event
from ..feedback import told_in_a_line
from ..screen import one_line, plural, safe

_LABEL = 11


def lines(event: Event) -> list[Text]:
    """Return what `event` says that is worth keeping on the screen."""
    if isinstance(event, PlaybookChanged):
        return [_line("learned", f"+ {safe(content)}", "green") for content in added_contents(event.outcomes)]
    line = _one_line_of(event)
    return [] if line is None else [line]


def _one_line_of(event: Event) -> Text | None:  # noqa: PLR0911  # one for each kind of event
    match event:
        case StrategiesChosen():
            return _line("playbook", _chosen(event))
        case ProbesRun(probes=probes):
            return _line(
                "probes", f"{plural(len(probes), 'small program')} run to see what really comes back"
            )
        case CandidatesTried(number=number, scores=scores):
            return _line(f"attempt {number}", f"the best of {plural(len(scores), 'candidate')} goes on")
        case AttemptJudged(attempt=attempt):
            return _line(f"attempt {attempt.number}", *_judged(attempt))
        case SandboxFailed(reason=reason):
            return _line("sandbox", f"failed and is started again: {one_line(reason)}", "yellow")
        case LearningSkipped(reason=reason):
            return _line("learning", one_line(reason, 400), "yellow")
        case _:
            return None


def under_way(event: Event) -> str | None:
    """Return what begins with `event`, or None if nothing does."""
    match event:
        case AttemptStarted(number=number, most=most):
            return f"attempt {number} of {most}: writing the program"
        case ProbesRun():
            return "attempt 1: writing the program with what the probes showed"
        case ProgramWritten(number=number, code=code):
            return f"attempt {number}: running {plural(len(code.splitlines()), 'line')} in the sandbox"
        case AttemptJudged(attempt=attempt):
            return "passed" if attempt.verdict.success else "reading the real result"
        case ReflectionStarted():
            return "reflecting on the real results"
        case _:
            return None


def reason(attempt: Attempt, limit: int = 160) -> str:
    """Return why an attempt failed, in one line: the real error, or the failed check and what was printed."""
    return told_in_a_line(attempt.verdict.feedback, str(attempt.verdict.kind), limit)


def _chosen(event: StrategiesChosen) -> str:
    selection, version = event.selection, event.playbook_version
    if selection.held_out:
        return f"version {version}; not used in this run, on purpose: it is a control"
    if not selection.bullets:
        return f"version {version}; no strategy fits this task yet"
    names = ", ".join(bullet.alias for bullet in selection.bullets)
    return f"version {version}; {plural(len(selection.bullets), 'strategy')} used: {names}"


def _judged(attempt: Attempt) -> tuple[str, str]:
    verdict = attempt.verdict
    if verdict.success:
        return f"✓ passed{' (nothing to check it against)' if verdict.unchecked else ''}", "green"
    return f"✗ {verdict.kind.replace('_', ' ')}: {reason(attempt)}", "red"


def _line(label: str, text: str, style: str = "") -> Text:
    return Text.assemble((f"{label:<{_LABEL}}", "bold"), (text, style))
