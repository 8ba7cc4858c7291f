"""CodeExecutionPrimitive: run code in a sandbox, as a step of a workflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from time import perf_counter
from types import TracebackType
from typing import NotRequired, Required, Self, TypedDict

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from ..core.context import WorkflowContext
from ..core.errors import ConfigurationError, DeadlineExceeded
from ..core.given import hidden_values
from ..core.primitive import WorkflowPrimitive
from .kept_session import KeptSession
from .listening import heard, tell
from .local import LocalSandbox
from .types import Execution, Isolation, Limits, Logs, Sandbox, Stop


class CodeInput(TypedDict, total=False):
    """What to run. `timeout` is in seconds of wall clock; `env_vars` is the whole environment of the run."""

    code: Required[str]
    language: NotRequired[str]
    timeout: NotRequired[float]
    env_vars: NotRequired[dict[str, str]]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    language: str = "python"
    timeout: float | None = None
    env_vars: dict[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeOutput:
    """What happened; every field also by key, as in `output["success"]`.

    `error` is None after a success, else why there was none. `execution_time` is in seconds of wall clock.
    """

    output: str
    error: str | None
    execution_time: float
    success: bool
    logs: Logs
    sandbox_id: str
    isolation: Isolation
    execution: Execution

    def __getitem__(self, key: str) -> object:
        if key not in self.keys():
            raise KeyError(f"{key!r}; known: {', '.join(self.keys())}")
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> tuple[str, ...]:
        """The names of all values, so that `dict(output)` works."""
        return tuple(field.name for field in fields(self))


class CodeExecutionPrimitive(WorkflowPrimitive[CodeInput, CodeOutput]):
    """Runs code from fresh state each time; an error of the code is data, never an exception.

    Without a sandbox of the caller's it makes a `LocalSandbox`, and closes only that. `limits` are for every
    run; the wall clock is also bounded by the input's `timeout` and by the context's deadline. With `reuse`
    all runs are cells of one Python session, which keeps its variables until `aclose`; one that has ended is
    `SessionEnded`, and the next run begins another. What cells of a session say of their success is a claim.
    """

    def __init__(
        self, sandbox: Sandbox | None = None, limits: Limits | None = None, *, reuse: bool = False
    ) -> None:
        self._sandbox: Sandbox = LocalSandbox() if sandbox is None else sandbox
        self._owns_sandbox = sandbox is None
        self._limits = limits or Limits()
        self._kept = KeptSession(self._sandbox, limits) if reuse else None

    async def _execute(self, data: CodeInput, context: WorkflowContext) -> CodeOutput:
        request = _validated(data)
        limits, place = self._limits_for(request, context), heard(self._sandbox, context)
        if self._kept is None:
            execution = await place.run_code(
                request.code, language=request.language, envs=request.env_vars, limits=limits
            )
            return _output(execution)
        if request.language != "python":
            raise ConfigurationError(f"language={request.language!r} has no sessions; leave out reuse=True")
        context.secrets.add(hidden_values(request.env_vars))
        since = perf_counter()
        execution = await self._kept.run_code(request.code, envs=request.env_vars, limits=limits)
        tell(place, execution, request.language, perf_counter() - since)
        return _output(execution)

    def _limits_for(self, request: _Request, context: WorkflowContext) -> Limits:
        wall_s = self._limits.wall_s if request.timeout is None else request.timeout
        left = context.seconds_left()
        if left is not None and left <= 0:
            raise DeadlineExceeded(f"the deadline passed before {self.name} could start")
        return replace(self._limits, wall_s=wall_s if left is None else min(wall_s, left))

    async def aclose(self) -> None:
        """Close the session, and the sandbox unless the caller brought it."""
        if self._kept is not None:
            await self._kept.aclose()
        if self._owns_sandbox:
            await self._sandbox.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


def _validated(data: Mapping[str, object]) -> _Request:
    known = sorted(_Request.model_fields)
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise ConfigurationError(f"unknown keys {unknown} in the input; known: {known}")
    try:
        return _Request.model_validate(data)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc']))}={_quoted(problem)}: {problem['msg']}"
            for problem in error.errors()
        )
        raise ConfigurationError(f"the input cannot be run: {problems}") from error


def _quoted(problem: ErrorDetails) -> str:
    """Return what was given, as an error quotes it; text of an environment may be a secret."""
    value: object = problem["input"]
    numeric = isinstance(value, int | float | None)
    return f"{value!r:.80}" if numeric or "env_vars" not in problem["loc"] else f"(a {type(value).__name__})"


def _output(execution: Execution) -> CodeOutput:
    return CodeOutput(
        output=execution.stdout,
        error=_why_not(execution),
        execution_time=execution.usage.wall_s,
        success=execution.success,
        logs=execution.logs,
        sandbox_id=execution.sandbox_id,
        isolation=execution.isolation,
        execution=execution,
    )


def _why_not(execution: Execution) -> str | None:
    if execution.success:
        return None
    if execution.error is not None:
        return execution.error.traceback or f"{execution.error.name}: {execution.error.value}"
    if execution.stop is Stop.EXITED:
        return f"exited with code {execution.exit_code}"
    if execution.stop is Stop.SIGNALLED:
        return f"killed by signal {execution.signal}"
    return f"stopped: {execution.stop.value} limit exceeded"
