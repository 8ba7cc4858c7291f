"""A sandbox for the tests' own programs: runs them in this process, as nothing hostile is among them."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping

from tta_dev_primitives.core.errors import SandboxError
from tta_dev_primitives.sandbox.types import (
    NO_ENVS,
    NO_FILES,
    Execution,
    ExecutionError,
    Isolation,
    Limits,
    Logs,
    Stop,
    Usage,
)


class InProcessSandbox:
    """Fails with `failure` instead, if one is given."""

    def __init__(self, failure: SandboxError | None = None) -> None:
        self._failure = failure
        self.closed = False

    @property
    def isolation(self) -> Isolation:
        return Isolation.NONE

    @property
    def languages(self) -> frozenset[str]:
        return frozenset({"python"})

    async def run_code(
        self,
        code: str,
        *,
        language: str = "python",  # noqa: ARG002  # the protocol's
        files: Mapping[str, bytes] = NO_FILES,  # noqa: ARG002  # the protocol's
        envs: Mapping[str, str] = NO_ENVS,  # noqa: ARG002  # the protocol's
        limits: Limits | None = None,  # noqa: ARG002  # the protocol's
    ) -> Execution:
        if self._failure is not None:
            raise self._failure
        printed, error = io.StringIO(), None
        with contextlib.redirect_stdout(printed):
            try:
                exec(code, {})  # noqa: S102  # our own programs
            except Exception as raised:  # noqa: BLE001  # a guest may raise anything
                error = ExecutionError(name=type(raised).__name__, value=str(raised), traceback="")
        return Execution(
            logs=Logs(stdout=(printed.getvalue(),)),
            error=error,
            stop=Stop.EXITED,
            exit_code=0 if error is None else 1,
            usage=Usage(wall_s=0.001, cpu_s=0.001, peak_memory_bytes=1, output_bytes=1),
            isolation=Isolation.NONE,
            sandbox_id="in-process",
        )

    async def aclose(self) -> None:
        self.closed = True
