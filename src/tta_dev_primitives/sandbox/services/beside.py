"""Run a program with a scripted service beside it, each in a box of its own, and say what the service saw.

The host carries bytes from one to the other and reads none of them. See docs/adr/0014.
"""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import ValidationError

from ...core.errors import SandboxCrashed, SandboxUnavailable
from ..listening import tell, unheard
from ..local import LocalSandbox
from ..local.ending import Observed, ending
from ..local.inputs import check_code, check_files
from ..local.inside.verdict import Verdict
from ..local.probe import REMEDY_NAMESPACES
from ..types import Execution, Isolation, Limits, Logs, Sandbox, Stop, Usage
from .carrier import Carrier
from .payload import GuestModules, command, program_modules, service_modules
from .program import Program
from .seen import Seen
from .service import Service

_SERVICE_MEMORY_BYTES: Final = 512 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A run and what the service saw of it."""

    execution: Execution
    seen: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceBeside:
    """Runs programs in `sandbox` beside a fresh service each; `limits` bound them, with one process.

    `service_modules` is what serves. It runs in the service's box only; another service that speaks the same
    channel and gives the same account can take its place, and has `account_timeout_s` for that after the
    program's end.
    """

    sandbox: Sandbox
    limits: Limits = field(default_factory=Limits)
    service_modules: GuestModules = field(default_factory=service_modules)
    account_timeout_s: float = 20.0

    def check(self) -> LocalSandbox:
        """Return the sandbox if it can run a service beside a program, as far as can be told beforehand.

        Raises:
            SandboxUnavailable: it is not the embedded one, or has no user namespaces here.
        """
        sandbox = unheard(self.sandbox)
        if not isinstance(sandbox, LocalSandbox):
            raise SandboxUnavailable(
                f"a service beside the program needs the embedded sandbox, not {type(sandbox).__name__};"
                " use sandbox='local'"
            )
        if sandbox.isolation is not Isolation.NAMESPACES:
            raise SandboxUnavailable(
                "a service beside the program needs user namespaces, which are refused here;"
                f" {REMEDY_NAMESPACES}"
            )
        return sandbox

    async def run(self, service: Service, program: Program) -> Served:
        """Call the program's entry point and return what happened.

        Raises:
            SandboxUnavailable: the sandbox is not the embedded one, or has no user namespaces here.
            SandboxCrashed: the sandbox or the service failed, which says nothing about the program.
            ConfigurationError: the program's files or the limits cannot be used.
        """
        sandbox = self.check()
        check_code(program.code)
        check_files(program.files, self.limits)
        since = time.perf_counter()
        served = await self._served(sandbox, service, program)
        tell(self.sandbox, served.execution, "python", time.perf_counter() - since)
        return served

    async def _served(self, sandbox: LocalSandbox, service: Service, program: Program) -> Served:
        limits = replace(self.limits, processes=1)
        async with AsyncExitStack() as boxes:
            beside = await boxes.enter_async_context(await sandbox.open_box(limits=self._of_service()))
            own = await boxes.enter_async_context(await sandbox.open_box(limits=limits))
            carrier = await boxes.enter_async_context(
                Carrier(await own.start(command()), await beside.start(command()), limits)
            )
            await carrier.prepare(self.service_modules.encoded(service.model_dump(mode="json")))
            started = time.monotonic()
            verdict = await carrier.run(program_modules().encoded(program.config()))
            wall_s = time.monotonic() - started
            await own.aclose()  # nothing of the program is left when the service gives its account
            seen = _read(await carrier.account(self.account_timeout_s))
        execution = _execution(carrier, verdict, limits, sandbox)
        usage = replace(execution.usage, wall_s=wall_s)
        return Served(execution=replace(execution, usage=usage), seen=seen)

    def _of_service(self) -> Limits:
        """Return what a service may use: enough for whatever a program may ask of it."""
        seconds = int(self.limits.wall_s + self.account_timeout_s) + 1
        return Limits(cpu_s=seconds, memory_bytes=_SERVICE_MEMORY_BYTES, processes=1)


def _read(account: bytes) -> Seen:
    try:
        return Seen.model_validate_json(account)
    except ValidationError as error:
        raise SandboxCrashed(f"the service's account cannot be read: {error}") from error


def _execution(carrier: Carrier, verdict: Verdict, limits: Limits, sandbox: LocalSandbox) -> Execution:
    observed = Observed(
        wait_status=verdict.wait_status,
        cpu_s=verdict.cpu_s,
        peak_memory_bytes=verdict.peak_memory_bytes,
        killed_for=carrier.killed_for,
    )
    how = ending(observed, limits)
    text = carrier.printed.decode(errors="replace")
    return Execution(
        logs=Logs(stdout=(text,) if text else ()),
        stop=how.stop,
        exit_code=how.exit_code,
        signal=how.signal,
        usage=Usage(
            wall_s=0.0,
            cpu_s=verdict.cpu_s,
            peak_memory_bytes=verdict.peak_memory_bytes,
            output_bytes=len(carrier.printed),
        ),
        isolation=sandbox.isolation,
        sandbox_id=sandbox.sandbox_id,
        truncated=carrier.killed_for is Stop.OUTPUT,
        served=True,
    )
