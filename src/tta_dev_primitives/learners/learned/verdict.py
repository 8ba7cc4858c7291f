"""StepVerdict: what became of one run of a step, as its judge saw it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias, TypeVar

from ...core.errors import ConfigurationError
from ...core.redaction import redact
from ...core.secrets import Secrets

_In = TypeVar("_In")
_Out = TypeVar("_Out")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepVerdict:
    """What a judge says of one output.

    `score` is 0..1, by default 1.0 for a success and 0.0 for a failure. `feedback` says what is wrong, with
    the real values; it may hold foreign text, which is treated as data.

    Raises:
        ConfigurationError: the score is not from 0 to 1.
    """

    success: bool
    score: float | None = None
    feedback: str = ""

    def __post_init__(self) -> None:
        if self.score is not None and not 0 <= self.score <= 1:
            raise ConfigurationError(f"score={self.score!r} is a share, from 0 to 1")


Judged: TypeAlias = StepVerdict | bool | None
"""What a judge returns; None where nobody can tell."""

Judge: TypeAlias = Callable[[_In, _Out], Judged | Awaitable[Judged]]
"""Judges an output by its input. It asks no model: what models think of models is no evidence."""


class Ending(StrEnum):
    """How a run of a step ended; the `verdict` of its episode."""

    PASSED = "passed"
    FAILED = "failed"
    RAISED = "raised"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a step gave, in words, and how it was judged. `error` names what it raised, if so."""

    text: str
    ending: Ending
    score: float
    feedback: str
    error: str = ""

    def without(self, secrets: Secrets) -> Outcome:
        """Return it with `secrets` replaced: the step runs in this process, and may have had them."""
        return replace(self, text=redact(self.text, secrets), feedback=redact(self.feedback, secrets))

    @property
    def success(self) -> bool | None:
        """Whether it succeeded; None if nobody can tell."""
        return None if self.ending is Ending.UNJUDGED else self.ending is Ending.PASSED
