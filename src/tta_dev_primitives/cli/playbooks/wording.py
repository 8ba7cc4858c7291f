"""What an event did to a playbook, in a few words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ...ace.bullet import Bullet, Status
from ...ace.events import (
    Add,
    Alias,
    Apart,
    Compacted,
    Conflict,
    Forget,
    Gated,
    GateResult,
    Observe,
    Pin,
    PlaybookEvent,
    Promote,
    Reinstate,
    Replayed,
    Restore,
    Retire,
    Revise,
    Seal,
    SetAside,
    Suspend,
    Tag,
)
from ...ace.playbook import Playbook
from ..screen import one_line, plural


def changes(events: Iterable[PlaybookEvent], playbook: Playbook) -> list[str]:
    """Return one line for each change; observations, which change no strategy, are counted in one."""
    listed = [line for event in events if (line := _change(event, playbook))]
    observed = Counter(event.bullet for event in events if isinstance(event, Observe))
    return [*listed, f"observed {plural(len(observed), 'strategy')}"] if observed else listed


def told_change(event: PlaybookEvent, bullet: Bullet, playbook: Playbook) -> str:
    """Return what one event did to `bullet`; its own content is not repeated."""
    if isinstance(event, Add) and event.content == bullet.content:
        return f"held back: {one_line(event.reason, 300)}" if event.reason else "learned"
    return "; ".join(change.strip() for change in changes([event], playbook))


def _change(event: PlaybookEvent, playbook: Playbook) -> str:  # noqa: C901, PLR0911, PLR0912  # a table, as a match
    if isinstance(event, Gated):
        return f"! version {event.version} {_AT_THE_GATE[event.result]}: {one_line(event.reason)}"
    if isinstance(event, SetAside):
        about = ", ".join(_name(one, playbook) for one in event.bullets) or "nobody can tell what"
        return f"! a record is damaged, which was about {about}"
    if isinstance(event, Compacted):
        return f"  versions up to {event.version} moved to {one_line(event.archive)}"
    name = _name(event.bullet, playbook)
    match event:
        case Add(content=content, status=Status.PROPOSED, reason=reason):
            return f"? {name} held back ({one_line(reason, 300)}): {one_line(content, 200)}"
        case Add(content=content):
            return f"+ {name} {one_line(content, 200)}"
        case Revise(content=content):
            return f"~ {name} reworded: {one_line(content, 200)}"
        case Alias(into=into):
            return f"~ {name} merged into {_name(into, playbook)}"
        case Conflict(other=other, reason=reason):
            return f"! {name} contradicts {_name(other, playbook)}: {one_line(reason)}"
        case Apart(other=other, reason=reason):
            return f"  {name} differs from {_name(other, playbook)}: {one_line(reason)}"
        case Tag(tag=tag):
            return f"  {name} called {tag}"
        case Restore(content=content, reason=reason):
            return f"~ {name} restored, {one_line(reason)}: {one_line(content, 200)}"
        case (
            Suspend(reason=reason) | Retire(reason=reason) | Reinstate(reason=reason) | Forget(reason=reason)
        ):
            return f"~ {name} {_PAST[event.type]}: {one_line(reason)}"
        case Promote(status=status, e_value=e_value):
            measured = "" if e_value is None else f" (e-value {e_value:.3g})"
            return f"~ {name} is {status} now{measured}"
        case Replayed():
            return f"  {name} {_replay(event)}"
        case Pin(pinned=pinned):
            return f"~ {name} {'pinned' if pinned else 'no longer pinned'}"
        case Seal():
            return f"~ {name} joined the core"
        case Observe():
            return ""


def _replay(event: Replayed) -> str:
    outcomes = f"{_OUTCOME[event.with_success]} with it, {_OUTCOME[event.without_success]} without"
    return f"replayed on {one_line(event.task_id)}: {outcomes}"


_OUTCOME = {True: "success", False: "failure"}
_AT_THE_GATE = {
    GateResult.ACCEPTED: "is the champion",
    GateResult.KEPT: "is no worse than the champion",
    GateResult.ROLLED_BACK: "was rolled back",
}
_PAST = {
    "suspend": "suspended",
    "retire": "retired",
    "reinstate": "reinstated",
    "forget": "forgotten",
}


def _name(reference: str, playbook: Playbook) -> str:
    bullet = playbook.bullets.get(reference)
    return bullet.alias if bullet else reference
