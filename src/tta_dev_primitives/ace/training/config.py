"""RunConfig: all that decides what a run does; it stands in the run's folder and never changes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import Field, JsonValue

from ..value import Value


class Mode(StrEnum):
    """How a run goes through its tasks."""

    OFFLINE = "offline"
    """Epochs over all tasks, with validation between them if there are tasks for it."""
    ONLINE = "online"
    """Windows, once: the tasks of each are tested with what was learned before, then learned from."""
    EVALUATE = "evaluate"
    """Tested with a fixed playbook; nothing is learned."""


class RunConfig(Value):
    """What a run was told.

    `run_id` makes ids that are the same whenever the run goes on. `tasks` is the set's digest, `validation`
    that of the tasks kept for validation, "" if there are none. `in_flight` is how many tasks are done at
    once, and in offline training how many learn from the same version; `window` is that number online.
    `playbook` says what the run begins with, `against` what it is compared with. `options` are the loop's,
    by name; `models` the model strings by role.
    """

    format: Literal[1] = 1
    run_id: str
    name: str
    version: str
    begun: str
    mode: Mode
    source: str
    tasks: str
    validation: str = ""
    models: Mapping[str, str]
    sandbox: str
    playbook: str = ""
    playbook_version: int = Field(default=0, ge=0)
    against: str | None = None
    against_version: int = Field(default=0, ge=0)
    epochs: int = Field(default=1, ge=1)
    in_flight: int = Field(default=1, ge=1)
    window: int = Field(default=8, ge=1)
    options: Mapping[str, JsonValue] = Field(default_factory=dict)
