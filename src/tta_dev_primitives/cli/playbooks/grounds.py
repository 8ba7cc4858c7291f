"""On what a strategy stands, in words: its uplift, its replays, and the evidence behind a decision."""

from __future__ import annotations

from ...ace.events import PlaybookEvent, Promote, Reinstate, Replayed, Retire, Suspend
from ...ace.evidence.belief import Belief
from ...ace.evidence.lifecycle import BADGE
from ...ace.standing import Evidence
from ..numbers import percent, points, points_interval
from ..screen import one_line, plural

_MARKS = {True: "✓", False: "✗"}


def uplift(belief: Belief) -> str:
    """Return by how many points a strategy is believed to raise first-try success, and how sure that is."""
    if belief.uplift is None:
        return _not_compared(belief)
    measured = f"{points(belief.uplift.value)} points ({points_interval(belief.uplift)})"
    runs = f"{belief.included} of {plural(belief.relevant, 'judged run')} had it"
    return f"{measured}; helps with {percent(belief.helps)} probability; {runs}"


def _not_compared(belief: Belief) -> str:
    if not belief.relevant:
        return "no judged run to tell from"
    where = "in all" if belief.included else "in none"
    return (
        f"{where} of the {plural(belief.relevant, 'judged run')} that it bears on, so nothing to compare with"
    )


def e_value(belief: Belief) -> str:
    """Return the evidence that a strategy helps, and how much of it makes a strategy validated."""
    return f"{belief.e_value:.3g} ({BADGE:g} make it validated)"


def replay(event: Replayed, revision: int) -> str:
    """Return what came of running one task twice; a replay of another wording than the present is marked."""
    outcomes = f"{_MARKS[event.with_success]} with it, {_MARKS[event.without_success]} without"
    old = "" if event.revision == revision else f" (in its wording {event.revision})"
    return f"{one_line(event.task_id)}: {outcomes}{old}"


def grounds(event: PlaybookEvent) -> str:
    """Return the evidence that a decision was made on, or "" where a person decided, or nothing was."""
    if isinstance(event, Promote | Suspend | Retire | Reinstate) and event.evidence is not None:
        return _told(event.evidence)
    return ""


def _told(evidence: Evidence) -> str:
    parts = [
        _uplift(evidence),
        f"e-value {evidence.e_value:.3g}",
        f"{evidence.included} of {plural(evidence.relevant, 'judged run')} had it",
    ]
    if evidence.better is not None:
        parts.append(f"its rival does better with {percent(evidence.better)} probability")
    return "; ".join(filter(None, parts))


def _uplift(evidence: Evidence) -> str:
    if evidence.uplift is None or evidence.low is None or evidence.high is None:
        return ""
    return f"uplift {points(evidence.uplift)} points ({points(evidence.low)} to {points(evidence.high)})"
