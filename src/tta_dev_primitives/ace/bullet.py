"""One learned strategy: the unit that a playbook is made of."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field

from .content import Kind, bullet_id, clean_line
from .standing import Evidence, Replay
from .value import Value

__all__ = ["NO_TRIGGER", "Bullet", "Kind", "Provenance", "Status", "Trigger", "alias_of", "bullet_id"]

TRIGGER_ITEMS = 16
"""Most entries of one list of a trigger; a longer list would match everything."""
TRIGGER_CHARS = 200
"""Most characters of one entry of a trigger: the last line of a traceback, hardly ever more."""


class Status(StrEnum):
    """How far a bullet has come; only candidates and validated ones are used.

    A proposed one waits for a person to admit or refuse it, and is in no prompt until then.
    """

    PROPOSED = "proposed"
    CANDIDATE = "candidate"
    VALIDATED = "validated"
    SUSPENDED = "suspended"
    RETIRED = "retired"


LIVE = frozenset({Status.CANDIDATE, Status.VALIDATED})


class Trigger(Value):
    """When a bullet is relevant, beside the words of its content: names that a task may mention.

    Without a language it is for every language.
    """

    language: str | None = None
    libraries: tuple[str, ...] = ()
    error_signatures: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()

    def cleaned(self) -> Trigger:
        """Return the trigger with every entry as one visible line, without empty ones and repetitions."""
        return Trigger(
            language=clean_line(self.language) or None if self.language else None,
            libraries=_distinct(self.libraries),
            error_signatures=_distinct(self.error_signatures),
            keywords=_distinct(self.keywords),
        )

    def shortened(self) -> Trigger:
        """Return the cleaned trigger with as many entries of each list as are kept."""
        whole = self.cleaned()
        return Trigger(
            language=whole.language,
            libraries=whole.libraries[:TRIGGER_ITEMS],
            error_signatures=whole.error_signatures[:TRIGGER_ITEMS],
            keywords=whole.keywords[:TRIGGER_ITEMS],
        )

    def fault(self) -> str | None:
        """Return why this trigger is too large to be kept, or None."""
        lists = {
            "libraries": self.libraries,
            "error_signatures": self.error_signatures,
            "keywords": self.keywords,
        }
        for name, entries in lists.items():
            if len(entries) > TRIGGER_ITEMS:
                return f"trigger has {len(entries)} {name}, at most {TRIGGER_ITEMS} are kept"
        longest = max((len(text) for entries in lists.values() for text in entries), default=0)
        if max(longest, len(self.language or "")) > TRIGGER_CHARS:
            return f"an entry of the trigger is longer than {TRIGGER_CHARS} characters"
        return None


NO_TRIGGER = Trigger()


EXECUTION_OUTPUT = "execution_output"
"""A taint: a model wrote it after reading what a program printed."""
STEP_OUTPUT = "step_output"
"""A taint: a model wrote it after reading what a step gave, wherever that came from."""
NETWORK = "network"
"""A taint: that program could hear from others, by a network or from a service beside it."""
FOREIGN = "foreign"
"""A taint: it came in from elsewhere, with a file."""
_NOT_OF_MODELS = frozenset({"import", "starter", "user"})
RULE = "rule"
"""The actor of what a rule decided, which no model was asked about."""


class Provenance(Value):
    """Where a bullet came from. `origin` is live, replayed, scripted, import, starter or user.

    The host sets it; nothing that a model answers gets into it. `taints` say through what the content went
    that could have put words into it; see `EXECUTION_OUTPUT` and the others.
    """

    task_id: str
    run_id: str
    model: str
    actor: str
    origin: str
    taints: tuple[str, ...] = ()

    @property
    def by_model(self) -> bool:
        """True if a model asks for it: it may do less than people, rules and evidence."""
        return self.origin not in _NOT_OF_MODELS and self.actor != RULE

    def tainted(self, taints: Iterable[str]) -> Provenance:
        """Return it with `taints` as well; those that it has stay."""
        joined = tuple(dict.fromkeys((*self.taints, *taints)))
        return self if joined == self.taints else self.model_copy(update={"taints": joined})


class Bullet(Value):
    """A strategy and what became of it.

    `id` is the hash of the lesson as it was first learned and stays when the wording is revised; `alias` is
    the short display id. `helpful`, `harmful` and `neutral` count a model's tags, one per episode.
    `sealed` is the 0-based position in CORE. `supersedes` names the sealed bullet that this one corrects,
    `merged_into` the one it became part of. `tagged_in` is the episode of the latest tag, of each merged.
    `conflicts` are the bullets that it contradicts, `apart` those that it was compared with and differs from.
    `evidence` is what its status rests on, None where a person decided or nobody has yet. `replays` are of
    the present wording, one a task. `held` is why it was proposed and not admitted, empty if it was.
    `damaged` says that a record about it cannot be read, so that neither its wording nor its standing is
    sure: it is not used.
    """

    id: str
    alias: str
    domain: str = "general"
    kind: Kind
    content: str
    trigger: Trigger = NO_TRIGGER
    provenance: Provenance
    status: Status = Status.CANDIDATE
    revision: int = Field(default=1, ge=1)
    helpful: int = Field(default=0, ge=0)
    harmful: int = Field(default=0, ge=0)
    neutral: int = Field(default=0, ge=0)
    pinned: bool = False
    sealed: int | None = None
    supersedes: str | None = None
    merged_into: str | None = None
    conflicts: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    tagged_in: tuple[str, ...] = ()
    forgotten: bool = False
    evidence: Evidence | None = None
    replays: tuple[Replay, ...] = ()
    held: str = ""
    damaged: bool = False

    @property
    def cleared(self) -> bool:
        """True if it may leave this playbook: it is validated, or nothing has tainted it."""
        return self.status is Status.VALIDATED or not self.provenance.taints

    @property
    def replays_won(self) -> int:
        """How many replays succeeded with it and failed without."""
        return sum(replay.with_success and not replay.without_success for replay in self.replays)

    @property
    def replays_lost(self) -> int:
        """How many replays succeeded without it and failed with it."""
        return sum(replay.without_success and not replay.with_success for replay in self.replays)

    @property
    def live(self) -> bool:
        """True if the bullet may be used: a candidate or validated, and no record about it is damaged."""
        return self.status in LIVE and not self.damaged

    @property
    def out(self) -> bool:
        """True if it is in no prompt whatever its status: forgotten, or a record about it is damaged."""
        return self.forgotten or self.damaged

    @property
    def unread(self) -> bool:
        """True if the record that added it is the damaged one, so that only its id is known."""
        return self.damaged and not self.content and not self.forgotten

    @property
    def standing(self) -> str:
        """Its status in a word, `damaged` where a record about it cannot be read."""
        return "damaged" if self.damaged else self.status.value


def alias_of(ordinal: int) -> str:
    """Return the display id of the `ordinal`-th bullet, from 1. Source: `str-00017` in arXiv 2510.04618."""
    return f"str-{ordinal:05d}"


def _distinct(entries: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in map(clean_line, entries) if line))
