"""Probing: small programs run before the first attempt, to see what a library really returns.

A probe costs a millisecond of sandbox and saves a failed attempt. It is offered only where it can pay: where
the task brings libraries that nobody has a validated strategy for, so a good playbook makes probes needless.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from ..core.context import WorkflowContext
from ..core.secrets import Secrets
from ..sandbox.listening import heard, secrets_of
from ..sandbox.types import Execution, Limits, Sandbox, Stop
from .attempt import Probe
from .bullet import Status
from .hygiene import cap, clean, redact
from .record import Run
from .task import Task

_MOST_SECONDS = 5.0
_MAX_STREAM = 3_000
_MAX_SEEN = 6_000
_MODULES = (".py", ".pyc", ".so")
_IMPORT = re.compile(r"^\W*(?:import|from)\s+([A-Za-z_]\w*)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prober:
    """Runs probes in `sandbox`, each from a fresh start and for a few seconds at most."""

    sandbox: Sandbox
    limits: Limits

    async def run(
        self, task: Task, programs: Sequence[str], context: WorkflowContext | None = None
    ) -> tuple[Probe, ...]:
        """Return what each of `programs` showed, in order; a program that fails shows its error.

        The listeners of `context` are told of each run.

        Raises:
            SandboxError: the sandbox failed, which says nothing about the library.
        """
        limits = replace(self.limits, wall_s=min(self.limits.wall_s, _MOST_SECONDS))
        sandbox = heard(self.sandbox, context)
        return tuple([Probe(code=code, seen=await _run(sandbox, task, code, limits)) for code in programs])


async def _run(sandbox: Sandbox, task: Task, code: str, limits: Limits) -> str:
    execution = await sandbox.run_code(code, language=task.language, files=task.files, limits=limits)
    return _seen(execution, secrets_of(sandbox))


def may_probe(run: Run) -> bool:
    """Tell whether looking first makes sense: libraries are in play that nothing validated is known of."""
    libraries = libraries_in_play(run.task)
    if not libraries or run.attempts or run.probes:
        return False
    known = (
        name for b in run.selection.bullets if b.status is Status.VALIDATED for name in b.trigger.libraries
    )
    return libraries.isdisjoint(name.lower() for name in known)


def libraries_in_play(task: Task) -> frozenset[str]:
    """Return the lower-case names of the modules that a task brings or names, none of the standard ones."""
    if task.language != "python":
        return frozenset()
    brought = {path.parts[0].partition(".")[0] for path in map(PurePosixPath, task.files) if _is_module(path)}
    named = set(_IMPORT.findall(f"{task.context}\n{task.code}"))
    own = PurePosixPath(task.solution_file).stem
    return frozenset(name.lower() for name in (brought | named) - sys.stdlib_module_names - {own})


def _is_module(path: PurePosixPath) -> bool:
    return path.name.endswith(_MODULES)


def _seen(execution: Execution, secrets: Secrets) -> str:
    """Return what a probe printed and how it ended, fit for a prompt."""
    parts = [
        _stream("stdout", execution.stdout, secrets),
        _stream("stderr", _said_before_the_error(execution), secrets),
        _ending(execution),
    ]
    return cap(redact(clean("\n".join(filter(None, parts))), secrets), _MAX_SEEN)


def _stream(name: str, text: str, secrets: Secrets) -> str:
    # Redacted before it is cut, or half a key would stay.
    return f"{name}: {cap(redact(text.strip(), secrets), _MAX_STREAM)}" if text.strip() else ""


def _said_before_the_error(execution: Execution) -> str:
    """Return stderr without the traceback of what ended the program; one that it printed itself stays."""
    failed = execution.error is not None and execution.exit_code
    return execution.stderr.partition("Traceback (most recent call last):")[0] if failed else execution.stderr


def _ending(execution: Execution) -> str:
    error = execution.error
    if error is not None and execution.exit_code:
        line = f" (line {error.line})" if error.line else ""
        return f"{error.name}{line}: {error.value}"
    if execution.stop is not Stop.EXITED:
        return f"stopped: {execution.stop.replace('_', ' ')}"
    return (
        ""
        if execution.stdout.strip()
        else f"it printed nothing and ended with exit code {execution.exit_code}"
    )
