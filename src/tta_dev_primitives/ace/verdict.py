"""Verdict: what the host concludes from a run; no model is involved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class VerdictKind(StrEnum):
    """Kinds of verdict, worst first."""

    INFRASTRUCTURE = "infrastructure"
    POLICY = "policy"
    SYNTAX = "syntax"
    IMPORT = "import"
    RUNTIME_ERROR = "runtime_error"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    TESTS_FAILED = "tests_failed"
    PASSED = "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Median seconds over interleaved runs of the candidate and of the reference, start-up subtracted.

    `exponent` is the power of the input's size by which the candidate's time grows, where that was measured.
    """

    candidate_s: float
    reference_s: float
    rounds: int
    exponent: float | None = None

    @property
    def speedup(self) -> float:
        """How many times faster the candidate is."""
        return self.reference_s / self.candidate_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement on one program.

    `score` is the share of checks that hold, 0..1. `feedback` is what the next attempt is told: it holds
    guest output, so it is data and never an instruction. `unchecked` says that the task had no checks.
    """

    kind: VerdictKind
    score: float
    feedback: str
    unchecked: bool = False
    error_signature: str = ""
    timing: Timing | None = None

    @property
    def success(self) -> bool:
        """True if everything that was checked holds."""
        return self.kind is VerdictKind.PASSED

    @property
    def speedup(self) -> float | None:
        """How many times faster than the given code, where that was measured."""
        return self.timing.speedup if self.timing else None
