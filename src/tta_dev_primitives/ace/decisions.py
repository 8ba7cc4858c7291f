"""What evidence or a person decides about bullets and versions, as events; never part of a delta."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias

from pydantic import Field

from .bullet import NO_TRIGGER, Status, Trigger
from .erasable import Erasable
from .standing import Evidence
from .value import Value


class Promote(Erasable):
    """A bullet reached `status`. `evidence` and its `e_value` are None where a person decided."""

    type: Literal["promote"] = "promote"
    bullet: str
    status: Literal[Status.CANDIDATE, Status.VALIDATED]
    reason: str = ""
    e_value: float | None = None
    evidence: Evidence | None = None


class Suspend(Erasable):
    """A bullet is not used until it is reinstated. `evidence` is None where a person decided."""

    type: Literal["suspend"] = "suspend"
    bullet: str
    reason: str
    evidence: Evidence | None = None


class Retire(Erasable):
    """A bullet is used no more, and not learned again. `evidence` is None where a person decided."""

    type: Literal["retire"] = "retire"
    bullet: str
    reason: str
    evidence: Evidence | None = None


class Reinstate(Erasable):
    """A suspended or retired bullet is a candidate again. `evidence` is None where a person decided."""

    type: Literal["reinstate"] = "reinstate"
    bullet: str
    reason: str
    evidence: Evidence | None = None


class Pin(Value):
    """A person protects a bullet from being edited or retired by a delta, or lifts that."""

    type: Literal["pin"] = "pin"
    bullet: str
    pinned: bool = True


class Restore(Erasable):
    """A bullet is as it was at an earlier version, and no longer merged; `revision` is the one it replaces.

    A stale one changes nothing, and what was forgotten stays so. `despite` are the ids of the damaged records
    that were known to leave the bullet in doubt: it says what the bullet is whatever those said.
    """

    type: Literal["restore"] = "restore"
    bullet: str
    revision: int = Field(ge=1)
    content: str
    trigger: Trigger = NO_TRIGGER
    status: Status
    reason: str
    despite: tuple[str, ...] = ()


class GateResult(StrEnum):
    """What became of a version at the gate: the new champion, no worse than the champion, or worse."""

    ACCEPTED = "accepted"
    KEPT = "kept"
    ROLLED_BACK = "rolled_back"


class Gated(Value):
    """The playbook at `version` was measured against the champion; accepted, it is the champion from now on.

    `contents` is the digest of what was in use in it: when histories are merged, other events may come before
    `version`, and a champion that never stood the test is none. `e_value` is the evidence for the result,
    `undone` are the ids of the events that were rolled back.
    """

    type: Literal["gated"] = "gated"
    version: int = Field(ge=0)
    contents: str
    result: GateResult
    undone: tuple[str, ...] = ()
    e_value: float = 1.0
    reason: str = ""


class Forget(Value):
    """Privacy erasure: the content is gone for good. The only event that removes something."""

    type: Literal["forget"] = "forget"
    bullet: str
    reason: str


Decision: TypeAlias = Promote | Suspend | Retire | Reinstate | Pin | Restore | Gated | Forget
