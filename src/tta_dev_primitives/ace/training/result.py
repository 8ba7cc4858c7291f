"""TaskResult: what came of one task in one part of a run; a line of `results.jsonl`."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from ..value import Value


class Phase(StrEnum):
    """What a task was done for."""

    TRAIN = "train"
    """To learn from it."""
    VALIDATION = "validation"
    """To choose a version of the playbook by; nothing is learned."""
    TEST = "test"
    """To measure; nothing is learned."""


class Part(Value):
    """A part of a run in which all tasks see the same playbook. Epochs count from 1, windows from 0.

    Epoch 0 is what was there before the first one.
    """

    phase: Phase
    epoch: int = Field(default=1, ge=0)
    window: int = Field(default=0, ge=0)

    @property
    def scope(self) -> str:
        """Its name in the files of the run."""
        return f"{self.phase}-{self.epoch}-{self.window}"


class TaskResult(Value):
    """One task in one part of a run.

    `position` counts from 0 within phase and epoch. `success` is that of the last attempt, `first_try` that
    of the first; both are False where the model gave no program at all, and `attempts` is 0 then. `verdict`
    is that of the last attempt, `error_signature` the error of the first one ("" if it had none), as what
    follows is steered by it. Tokens, `calls` and `usd` are those of all roles, None where no price is known;
    `seconds` is the wall time of the attempts. `playbook_version`, `playbook_size` (strategies in use) and
    `playbook_tokens` (of all of them) are those that the task saw. `episode_id` is "" where none was stored.
    """

    phase: Phase
    epoch: int = Field(ge=0)
    window: int = Field(ge=0)
    position: int = Field(ge=0)
    task_id: str
    family: str
    success: bool
    first_try: bool
    attempts: int = Field(ge=0)
    probes: int = Field(ge=0)
    calls: int = Field(ge=0)
    input_tokens: int = Field(ge=0)
    cached_tokens: int = Field(ge=0)
    output_tokens: int = Field(ge=0)
    usd: float | None
    seconds: float = Field(ge=0)
    verdict: str
    error_signature: str
    playbook_version: int = Field(ge=0)
    playbook_size: int = Field(ge=0)
    playbook_tokens: int = Field(ge=0)
    episode_id: str

    @property
    def part(self) -> Part:
        """The part of the run that it belongs to."""
        return Part(phase=self.phase, epoch=self.epoch, window=self.window)

    @property
    def key(self) -> tuple[str, str]:
        """What there is one result of."""
        return (self.part.scope, self.task_id)

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens
