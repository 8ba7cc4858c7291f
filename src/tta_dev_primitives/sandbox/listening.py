"""Tell the context's listeners of each run of a sandbox."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from ..core.attributes import Attribute
from ..core.context import WorkflowContext
from ..core.events import Event, Operation
from ..core.given import hidden_values
from ..core.secrets import NO_SECRETS, Secrets
from .types import NO_ENVS, NO_FILES, Execution, Isolation, Limits, Sandbox, Stop
from .with_envs import WithEnvs


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRan(Event):
    """A program ran in a sandbox.

    `seconds` passed from asking until it had ended; the program itself took `wall_s`, as the host measured.
    """

    language: str
    seconds: float
    wall_s: float
    cpu_s: float
    peak_memory_bytes: int
    output_bytes: int
    stop: Stop
    success: bool
    exit_code: int | None
    isolation: Isolation
    sandbox_id: str

    def attributes(self) -> Mapping[str, Attribute]:
        """Return it by OpenTelemetry's names for the execution of a tool, and what the host measured."""
        ended: dict[str, Attribute] = (
            {} if self.exit_code is None else {"playbox.sandbox.exit_code": self.exit_code}
        )
        return {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "run_code",
            "gen_ai.tool.type": "function",
            "playbox.sandbox.id": self.sandbox_id,
            "playbox.sandbox.language": self.language,
            "playbox.sandbox.isolation": self.isolation.value,
            "playbox.sandbox.stop": self.stop.value,
            "playbox.sandbox.success": self.success,
            "playbox.sandbox.seconds": self.seconds,
            "playbox.sandbox.wall_s": self.wall_s,
            "playbox.sandbox.cpu_s": self.cpu_s,
            "playbox.sandbox.peak_memory_bytes": self.peak_memory_bytes,
            "playbox.sandbox.output_bytes": self.output_bytes,
            **ended,
        }

    def operation(self) -> Operation:
        """Return the run."""
        remote = self.isolation is Isolation.REMOTE
        return Operation(name="execute_tool run_code", seconds=self.seconds, remote=remote)


def heard(sandbox: Sandbox, context: WorkflowContext | None) -> Sandbox:
    """Return `sandbox`, telling the listeners of `context` of each run, and it what secrets a run gets."""
    if context is None:
        return sandbox
    context.secrets.add(secrets_of(sandbox))
    return _Heard(sandbox, context)


def secrets_of(sandbox: Sandbox) -> Secrets:
    """Return what nobody may be told of what `sandbox` runs: what it gives, and what its context knows."""
    return sandbox.secrets if isinstance(sandbox, _Heard | WithEnvs) else NO_SECRETS


def unheard(sandbox: Sandbox) -> Sandbox:
    """Return what `heard` was given: for what can do more with a sandbox than run code."""
    return sandbox.inner if isinstance(sandbox, _Heard) else sandbox


def tell(sandbox: Sandbox, execution: Execution, language: str, seconds: float) -> None:
    """Tell of a run that was made otherwise than by `run_code`, if `sandbox` is one that tells."""
    if isinstance(sandbox, _Heard):
        sandbox.tell(execution, language, seconds)


class _Heard:
    """A sandbox that tells."""

    def __init__(self, sandbox: Sandbox, context: WorkflowContext) -> None:
        self.inner, self._context = sandbox, context

    def tell(self, execution: Execution, language: str, seconds: float) -> None:
        self._context.emit(_told(execution, language, seconds))

    @property
    def secrets(self) -> Secrets:
        return self._context.secrets.now

    @property
    def isolation(self) -> Isolation:
        return self.inner.isolation

    @property
    def languages(self) -> frozenset[str]:
        return self.inner.languages

    async def run_code(
        self,
        code: str,
        *,
        language: str = "python",
        files: Mapping[str, bytes] = NO_FILES,
        envs: Mapping[str, str] = NO_ENVS,
        limits: Limits | None = None,
    ) -> Execution:
        self._context.secrets.add(hidden_values(envs))
        since = time.perf_counter()
        execution = await self.inner.run_code(code, language=language, files=files, envs=envs, limits=limits)
        self.tell(execution, language, time.perf_counter() - since)
        return execution

    async def aclose(self) -> None:
        await self.inner.aclose()


def _told(execution: Execution, language: str, seconds: float) -> CodeRan:
    usage = execution.usage
    return CodeRan(
        language=language,
        seconds=seconds,
        wall_s=usage.wall_s,
        cpu_s=usage.cpu_s,
        peak_memory_bytes=usage.peak_memory_bytes,
        output_bytes=usage.output_bytes,
        stop=execution.stop,
        success=execution.success,
        exit_code=execution.exit_code,
        isolation=execution.isolation,
        sandbox_id=execution.sandbox_id,
    )
