"""What can happen to a playbook, as immutable events; a playbook is the fold of them and of nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum
from itertools import chain
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from .bullet import NO_TRIGGER, Provenance, Status, Trigger
from .content import Kind
from .decisions import (
    Decision,
    Forget,
    Gated,
    GateResult,
    Pin,
    Promote,
    Reinstate,
    Restore,
    Retire,
    Suspend,
)
from .erasable import Erasable
from .value import Value

__all__ = [
    "Add",
    "Alias",
    "Apart",
    "Compacted",
    "Conflict",
    "Decision",
    "Erasable",
    "Forget",
    "GateResult",
    "Gated",
    "Observe",
    "Pin",
    "PlaybookEvent",
    "Promote",
    "Recorded",
    "Reinstate",
    "Replayed",
    "Restore",
    "Retire",
    "Revise",
    "Seal",
    "SetAside",
    "Suspend",
    "Tag",
    "TagKind",
    "decode",
    "encode",
    "event_hash",
    "record",
    "union",
]


class TagKind(StrEnum):
    """A model's opinion of a bullet that it was given."""

    HELPFUL = "helpful"
    HARMFUL = "harmful"
    NEUTRAL = "neutral"


class Add(Erasable):
    """A lesson was learned or imported. The counts are those that an imported bullet brings along.

    `reason` is why it is proposed only, if so.
    """

    type: Literal["add"] = "add"
    bullet: str
    domain: str = "general"
    kind: Kind
    content: str
    trigger: Trigger = NO_TRIGGER
    provenance: Provenance
    status: Status = Status.CANDIDATE
    helpful: int = Field(default=0, ge=0)
    harmful: int = Field(default=0, ge=0)
    neutral: int = Field(default=0, ge=0)
    supersedes: str | None = None
    reason: str = ""


class Revise(Erasable):
    """The wording changed, and the trigger if there is one.

    `revision` is the one it replaces; a stale one changes nothing. `taints` are those that the bullet did not
    have before.
    """

    type: Literal["revise"] = "revise"
    bullet: str
    revision: int = Field(ge=1)
    content: str
    trigger: Trigger | None = None
    taints: tuple[str, ...] = ()


class Alias(Value):
    """`bullet` was merged into `into`, which takes over its counts."""

    type: Literal["alias"] = "alias"
    bullet: str
    into: str


class Conflict(Erasable):
    """Two bullets contradict each other."""

    type: Literal["conflict"] = "conflict"
    bullet: str
    other: str
    reason: str


class Apart(Erasable):
    """Two bullets say different things, though alike. It lifts a conflict, and rules out a later one."""

    type: Literal["apart"] = "apart"
    bullet: str
    other: str
    reason: str


class Observe(Value):
    """A bullet was relevant to an episode and was included, with probability `propensity`, or held out.

    `success` is None where the run could not be judged.
    """

    type: Literal["observe"] = "observe"
    bullet: str
    episode_id: str
    included: bool
    propensity: float = Field(ge=0, le=1)
    success: bool | None
    score: float


class Tag(Value):
    """A model, or a person who rates it, called a bullet helpful, harmful or neutral."""

    type: Literal["tag"] = "tag"
    bullet: str
    tag: TagKind
    episode_id: str


class Replayed(Value):
    """A task was run twice, with a bullet in its wording `revision` and without it, all else alike.

    The outcomes are of the first program; the episode ids name the two runs in transcripts.
    """

    type: Literal["replayed"] = "replayed"
    bullet: str
    revision: int = Field(default=1, ge=1)
    task_id: str
    with_success: bool
    without_success: bool
    with_episode: str
    without_episode: str


class Seal(Value):
    """A bullet joined CORE, at the next position."""

    type: Literal["seal"] = "seal"
    bullet: str


class Compacted(Value):
    """The events up to `version` were moved to the file `archive`; the place of each in the chain stays.

    `hash` is that of the chain at `version`, `base` the digest of the playbook there, see `store/base.py`.
    """

    type: Literal["compacted"] = "compacted"
    version: int = Field(ge=1)
    hash: str
    base: str
    archive: str


class SetAside(Value):
    """Stands in for a record that is damaged: what it said is not known, only what it may have been about.

    It has the id of that record, which the chain of hashes proves, so that a sound copy of the record takes
    its place when histories are merged. `bullets` are the ids that could be told; none means that it may have
    been about any. `adds` says that it looked like an `Add`.
    """

    type: Literal["set_aside"] = "set_aside"
    bullets: tuple[str, ...] = ()
    adds: bool = False


PlaybookEvent: TypeAlias = (
    Add
    | Revise
    | Alias
    | Conflict
    | Apart
    | Observe
    | Tag
    | Replayed
    | Promote
    | Suspend
    | Retire
    | Reinstate
    | Pin
    | Seal
    | Restore
    | Gated
    | Compacted
    | Forget
    | SetAside
)
_EVENT: TypeAdapter[PlaybookEvent] = TypeAdapter(Annotated[PlaybookEvent, Field(discriminator="type")])


class Recorded(Value):
    """An event with when, in which run and by whom. `at` is nanoseconds since 1970, UTC.

    `event_id` is the hash of all the rest, so the same record read from two files is one record.
    """

    event_id: str
    at: int
    run_id: str
    actor: str
    event: Annotated[PlaybookEvent, Field(discriminator="type")]

    @property
    def key(self) -> tuple[int, str]:
        """The place of this record among all others."""
        return (self.at, self.event_id)


def record(event: PlaybookEvent, *, at: int, run_id: str, actor: str) -> Recorded:
    """Return `event` in its envelope."""
    event_id = event_hash(encode(event), at=at, run_id=run_id, actor=actor)
    return Recorded(event_id=event_id, at=at, run_id=run_id, actor=actor, event=event)


def encode(event: PlaybookEvent) -> str:
    """Return `event` as canonical JSON. Defaults are left out, so a field added later changes no hash."""
    fields = {**event.model_dump(mode="json", exclude_defaults=True), "type": event.type}
    return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def decode(payload: str) -> PlaybookEvent:
    """Return the event that `encode` wrote.

    Raises:
        pydantic.ValidationError: `payload` is no event that this version knows.
    """
    return _EVENT.validate_json(payload)


def event_hash(payload: str, *, at: int, run_id: str, actor: str) -> str:
    """Return the id of the record of an event encoded as `payload`."""
    envelope = json.dumps([at, run_id, actor])
    return hashlib.sha256(f"{envelope}\n{payload}".encode()).hexdigest()


def union(*histories: Iterable[Recorded]) -> tuple[Recorded, ...]:
    """Return every record of the histories once, in order: commutative, associative and idempotent.

    Of a record that is damaged in one history the sound copy counts.
    """
    items = tuple(chain.from_iterable(histories))
    unique = {item.event_id: item for item in items}
    if any(item.event.type == "set_aside" for item in items):
        for item in sorted(items, key=_soundness, reverse=True):
            unique[item.event_id] = item
    return tuple(sorted(unique.values(), key=lambda item: item.key))


def _soundness(item: Recorded) -> tuple[bool, tuple[int, str]]:
    return (item.event.type == "set_aside", item.key)
