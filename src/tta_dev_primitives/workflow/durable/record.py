"""What a journal knows of a run and of its steps, as values that are checked when they are read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

StepStatus: TypeAlias = Literal["started", "failed", "done", "settled"]
RunStatus: TypeAlias = Literal["running", "interrupted", "failed", "done", "undone"]


class StepPlace(NamedTuple):
    """Where a step stands: `path` such as `/2/then`, and its name."""

    path: str
    name: str


class StepKey(NamedTuple):
    """A step with one input."""

    path: str
    name: str
    input_hash: str

    @property
    def place(self) -> StepPlace:
        """Where the step stands, whatever its input."""
        return StepPlace(self.path, self.name)


class StepRecord(BaseModel):
    """One execution of one step; `occurrence` counts those with the same input at the same place.

    `once` says that it must not run twice. `result` and `state` are JSON, `at` is in seconds since 1970.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    path: str
    name: str
    input_hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    occurrence: int = Field(ge=0)
    once: bool
    status: StepStatus
    result: str | None = None
    state: str | None = None
    error: str | None = None
    at: float

    @property
    def key(self) -> StepKey:
        """The step and its input."""
        return StepKey(self.path, self.name, self.input_hash)

    @property
    def is_done(self) -> bool:
        """Whether there is a result to go on with."""
        return self.status in {"done", "settled"}

    def digest(self, run_id: str) -> str:
        """Return a hash of all of it, so that damage in the file is found."""
        return _digest([run_id, *self.model_dump().values()])


class RunRecord(BaseModel):
    """A run: what it was given, the steps it is made of (a line each: path and name), and how it stands.

    `result` and `state` are JSON; a run that is done has none where they cannot be kept together; they
    come from its steps then. `started_at` and `updated_at` are in seconds since 1970.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    run_id: str
    input_hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    steps: str
    status: RunStatus
    error: str | None = None
    result: str | None = None
    state: str | None = None
    started_at: float
    updated_at: float

    def digest(self) -> str:
        """Return a hash of all of it, so that damage in the file is found."""
        return _digest(self.model_dump().values())


def _digest(values: Iterable[object]) -> str:
    return hashlib.sha256(json.dumps(list(values)).encode("ascii")).hexdigest()
