"""Attempt: one program, who wrote it, and what became of it; and the probes that came before."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..core.redaction import redact, redact_task
from ..core.secrets import Secrets
from ..llm.types import Source, Usage
from .evaluator import Judgement
from .verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRequest:
    """Small programs that the generator wants to see run before it writes the real one."""

    programs: tuple[str, ...]
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A small program that was run to see what really comes back; `seen` is guest output, so data."""

    code: str
    seen: str

    def without(self, secrets: Secrets) -> Probe:
        """Return it as it may be told."""
        return Probe(code=redact_task(self.code, secrets), seen=redact(self.seen, secrets))


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """A program from the generator; `cited` are the ids of the strategies it says it followed."""

    code: str
    cited: tuple[str, ...]
    usage: Usage
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A program and its judgement; `number` counts from 1 within the task."""

    number: int
    generation: Generation
    judgement: Judgement

    def without(self, secrets: Secrets) -> Attempt:
        """Return it as it may be told; what the executions hold stays, and is for the host alone."""
        verdict = replace(
            self.verdict,
            feedback=redact(self.verdict.feedback, secrets),
            error_signature=redact(self.verdict.error_signature, secrets),
        )
        return replace(
            self,
            generation=replace(self.generation, code=redact_task(self.code, secrets)),
            judgement=replace(self.judgement, verdict=verdict),
        )

    @property
    def code(self) -> str:
        """The program."""
        return self.generation.code

    @property
    def verdict(self) -> Verdict:
        """What the host concluded."""
        return self.judgement.verdict
