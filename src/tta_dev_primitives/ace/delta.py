"""What a curator, be it a model or a rule, may ask a playbook for.

Models write contents, kinds and references; never ids, counters, status or scope. Nothing is checked here but
the shape: an operation that the playbook cannot accept is an outcome, so that it does not spoil its batch.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from .bullet import NO_TRIGGER, Provenance, Status, Trigger
from .content import Kind
from .events import TagKind
from .value import Value

MOST_COUNTED = 999_999_999
"""As in the text forms; a number of thousands of digits could be stored, and never be written again."""
MAX_BULLETS = 5
"""Most bullets that one delta, or one run for a task, may add or reword. It bounds what one run can spoil."""
Count: TypeAlias = Annotated[int, Field(ge=0, le=MOST_COUNTED)]


class _NewBullet(Value):
    kind: Kind
    content: str
    trigger: Trigger = NO_TRIGGER
    domain: str = "general"


class AddBullet(_NewBullet):
    """Learn a lesson, unless it still says the same as `same_as`, the bullet that a rule took it for."""

    op: Literal["add"] = "add"
    same_as: str | None = None


class ReviseBullet(Value):
    """Reword a bullet, and say anew when it is relevant if `trigger` is given.

    `revision` is the one that was read; a later one makes this a conflict.
    """

    op: Literal["revise"] = "revise"
    bullet: str
    revision: int
    content: str
    trigger: Trigger | None = None


class MergeBullets(Value):
    """Let `into` stand for both, reworded as `content` if that is given."""

    op: Literal["merge"] = "merge"
    bullet: str
    into: str
    content: str | None = None


class MarkConflict(Value):
    """Note that two bullets contradict each other."""

    op: Literal["conflict"] = "conflict"
    bullet: str
    other: str
    reason: str


class KeepApart(Value):
    """Note that two bullets say different things, so that nobody compares them again."""

    op: Literal["apart"] = "apart"
    bullet: str
    other: str
    reason: str


class TagBullet(Value):
    """Call a bullet helpful, harmful or neutral."""

    op: Literal["tag"] = "tag"
    bullet: str
    tag: TagKind


class RetireBullet(Value):
    """Stop using a bullet."""

    op: Literal["retire"] = "retire"
    bullet: str
    reason: str


class ImportBullet(_NewBullet):
    """Take over a bullet, its counts and status from a file of the user's; no model is ever offered this."""

    op: Literal["import"] = "import"
    status: Status = Status.CANDIDATE
    helpful: Count = 0
    harmful: Count = 0
    neutral: Count = 0
    taints: tuple[str, ...] = ()


Operation: TypeAlias = (
    AddBullet | ReviseBullet | MergeBullets | MarkConflict | KeepApart | TagBullet | RetireBullet
)
"""What a model may ask for."""
AnyOperation: TypeAlias = Operation | ImportBullet


class Tried(Value):
    """What came of running a snippet by itself, before it is learned; `snippet` is the id of that content.

    `fault` says how it failed, `untried` why it could not be run; both are empty if it ran to its end.
    """

    snippet: str
    fault: str = ""
    untried: str = ""


class Delta(Value):
    """Operations that are applied together, and who asks for them.

    `episode_id` is the episode that its tags are about; without one, that of its run and task. `tried` are
    the host's trials of the snippets in it. `most` is how many bullets it may add or reword; imports are not
    counted.
    """

    operations: tuple[Annotated[AnyOperation, Field(discriminator="op")], ...] = ()
    provenance: Provenance
    episode_id: str | None = None
    tried: tuple[Tried, ...] = ()
    most: int = Field(default=MAX_BULLETS, ge=0, le=MAX_BULLETS)

    @property
    def episode(self) -> str:
        """The episode that the tags are about."""
        return self.episode_id or f"{self.provenance.run_id}/{self.provenance.task_id}"


class Result(StrEnum):
    """What became of an operation."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    PROPOSED = "proposed"
    """Kept, but used only once a person admits it."""


class Wording(Value):
    """What a bullet says at `revision`; of an edit that was asked for, the one that it was to replace."""

    revision: int
    content: str
    trigger: Trigger = NO_TRIGGER


class EditConflict(Value):
    """Another changed a bullet first: `wanted` was asked for, `current` is there now, and nothing is lost."""

    bullet: str
    alias: str
    wanted: Wording
    current: Wording


class Outcome(Value):
    """An operation and what became of it; `reason` is empty if it was applied.

    `conflict` has both versions where an edit came too late.
    """

    operation: Annotated[AnyOperation, Field(discriminator="op")]
    result: Result
    reason: str = ""
    bullet_id: str | None = None
    conflict: EditConflict | None = None
